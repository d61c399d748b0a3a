"""What a command says: as plain data, and as tables, JSON, CSV, Markdown, LaTeX and HTML."""
