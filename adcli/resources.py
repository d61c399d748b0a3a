"""The files that come with adcli and are no code: the grammar, the texts of its messages, and the samples."""

from __future__ import annotations

import os

_PACKAGE = os.path.dirname(os.path.abspath(__file__))


def resource(folder: str, name: str = "") -> str:
    """The path of a file: in the installed package, or beside it in a checkout."""
    installed = os.path.join(_PACKAGE, folder)
    root = installed if os.path.isdir(installed) else os.path.join(os.path.dirname(_PACKAGE), folder)
    return os.path.join(root, name) if name else root
