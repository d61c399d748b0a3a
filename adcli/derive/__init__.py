"""Derivatives of a tape: the reverse sweep, the forward sweep, and the sweep written onto the tape."""
