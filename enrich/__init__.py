"""Reading one post: what it hires for, what misleads, what it states."""
