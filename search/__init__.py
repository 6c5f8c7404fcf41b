"""Where posts are found: the index, its schema and the channels that query it."""
