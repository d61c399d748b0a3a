"""Program: the checked tree of a text, with its operations in the order in which they run."""
