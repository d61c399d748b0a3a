"""The primitives: what the field knows about each operation, written once."""
