"""History: every version of a document that a run has read is kept, and can be looked at, shown whole, and forgotten.

A version is one compressed blob named by its sha256; a row says which object had it from which run on. No row: it is
what it was.
"""
