"""Where the truth comes from: taxonomy, labels, training and evaluation."""
