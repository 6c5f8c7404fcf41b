"""The embedded index: SQLite is the only truth, faiss a cache of its vectors."""

from search.embedded.index import EmbeddedIndex

__all__ = ["EmbeddedIndex"]
