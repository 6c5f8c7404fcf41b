"""Two towers, one space: vectors of what stays of a post (pass 2), and of queries."""
