"""What was read, for programs: documents with their texts, tables and changes, without a request."""
