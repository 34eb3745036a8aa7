"""Comparing what was restored with what it was: a form without what a restore cannot keep, and words for the rest."""
