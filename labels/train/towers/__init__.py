"""Training the towers: what belongs together, the losses, the loop, one table of forms."""
