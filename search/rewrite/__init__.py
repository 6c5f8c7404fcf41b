"""Other words for the position that a query names: same, narrower and acceptable names."""
