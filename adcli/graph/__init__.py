"""The computation as a picture: which nodes and edges there are, where they stand, and how each format draws them."""
