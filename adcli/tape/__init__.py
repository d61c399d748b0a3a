"""Tape: what ran, entry by entry; and the interpreter that writes it."""
