"""From a query's text to ranked hits with snippets, over any reader of `store`."""
