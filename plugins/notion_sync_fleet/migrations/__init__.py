"""The tables of the desk, step by step: each format that a release made is carried over."""
