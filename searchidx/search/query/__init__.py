"""Read the text of a query: lex, join filters, parse, and apply the limits."""
