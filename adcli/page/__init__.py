"""A program as a page: one file in which a browser records and sweeps it anew at every move of a slider."""
