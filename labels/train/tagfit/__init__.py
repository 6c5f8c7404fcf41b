"""Training the weights that tell fitting poster tags from others (``enrich.tagfit``)."""
