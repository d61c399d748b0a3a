"""Whether to believe a derivative: finite differences that know their own error, and verdicts."""
