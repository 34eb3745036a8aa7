"""Writing documents back: what they were, what is sent for them in which order, and what became of them."""
