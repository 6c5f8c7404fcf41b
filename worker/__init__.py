"""When a post is processed, and that it is processed once and in order."""
