"""Match queries against postings: conditions, prefixes, scores and the best documents."""
