"""How languages spell the functions of the table: what a row lacks there is refused by who needs it."""
