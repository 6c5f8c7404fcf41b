"""A site's own rules for queries: synonyms, stop words, employers, rewrites; kept by editors."""
