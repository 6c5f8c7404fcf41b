"""Training the head that finds names of positions which no form covers."""
