"""See, check and trust a derivative: automatic differentiation of small programs."""

__version__ = "0.1.0"
