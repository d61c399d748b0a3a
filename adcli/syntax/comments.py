"""What comments say: of a program at its top, of an input behind it."""

from __future__ import annotations

from adcli.syntax import nodes


def leading_comment(text: str) -> str:
    """The comment lines at the top of a text, without their `#`, up to the first line of another kind."""
    lines = []
    for line in text.split("\n"):
        stripped = line.strip().lstrip("; \t")
        if stripped.startswith("#"):
            lines.append(stripped.lstrip("#").strip())
        elif lines or stripped:
            break
    return "\n".join(lines)


def with_help(statement: nodes.Statement, text: str) -> nodes.Statement:
    """An `input` statement with the comment behind it as its help; any other statement as it is."""
    if not isinstance(statement, nodes.Inputs):
        return statement
    end = text.find("\n", statement.span.end)
    behind = text[statement.span.end : end if end >= 0 else None].lstrip("; \t\f").rstrip()
    if not behind.startswith("#"):
        return statement
    return nodes.Inputs(statement.declarations, behind.lstrip("#").strip(), statement.span)
