"""What adcli's engines take, row by row of a table of goals, beside those whose work it is: `python -m` runs it."""
