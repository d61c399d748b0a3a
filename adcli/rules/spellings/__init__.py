"""How other languages write the rows of the table, where that cannot be told from the rows themselves."""
