"""Training the bi-encoder of position names: which of two names can answer for the other."""
