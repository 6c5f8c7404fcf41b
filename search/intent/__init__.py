"""What a query asks for: every part gets an attribute, a value and the step that found it."""
