"""Training the models that enrich runs."""
