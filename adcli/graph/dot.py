"""A graph in the language of Graphviz (https://graphviz.org/doc/info/lang.html), which has its own layout."""

from __future__ import annotations

from adcli.graph.figure import Figure, NodeBox


def to_dot(drawn: Figure) -> str:
    """The graph as the text of a file for `dot`."""
    lines = [
        "digraph computation {",
        f"  label={_quoted(drawn.title)}; rankdir={'TB' if drawn.down else 'LR'};",
        '  node [shape=box, style=rounded, fontname="monospace"]; edge [fontname="monospace"];',
    ]
    lines += [f"  n{place} [{_node(box)}];" for place, box in enumerate(drawn.nodes)]
    for line in drawn.edges:
        edge = line.edge
        about = ["style=dotted"] if edge.guard else [f"label={_label(line.formula, line.partial, line.contribution)}"]
        about.append(f"tooltip={_quoted(line.title)}")
        if edge.contribution is not None:
            about += ["color=blue", "dir=back"]
        lines.append(f"  n{edge.source} -> n{edge.target} [{', '.join(about)}];")
    return "\n".join([*lines, "}", ""])


def _node(box: NodeBox) -> str:
    about = [f"label={_label(''.join(box.heading), box.value, box.adjoint)}", f"tooltip={_quoted(box.title)}"]
    about += {"guard": ["shape=hexagon", 'style=""'], "fold": ["peripheries=2"]}.get(box.node.kind, [])
    return ", ".join(about)


def _label(*lines: str) -> str:
    return _quoted("\n".join(filter(None, lines)))


def _quoted(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{text}"'
