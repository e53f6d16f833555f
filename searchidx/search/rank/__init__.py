"""Plan queries, rank documents, explain scores, and find similar documents."""
