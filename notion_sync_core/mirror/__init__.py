"""Where a job keeps what it knows: the mirror (content) and the state (facts)."""
