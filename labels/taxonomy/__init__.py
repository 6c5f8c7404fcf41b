"""The taxonomy's source: reviewed data files, their checks, the compiler and the report."""
