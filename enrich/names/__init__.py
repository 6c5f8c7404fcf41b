"""Names of positions that no form of the lexicon covers, found in the pass that judges mentions."""
