"""The engine in C: straight lines of numbers, run and swept at many points by an interpreter that is compiled once."""
