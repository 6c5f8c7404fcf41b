"""Weak supervision: named labelling functions over position mentions, and what combines them."""
