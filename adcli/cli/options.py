"""Options that several commands share."""

from __future__ import annotations

from typing import Any

import click


class Names(click.ParamType):
    """Names between commas: `x,y`."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        """The names; at least one."""
        names = [name.strip() for name in value.split(",")] if isinstance(value, str) else list(value)
        if not all(names):
            self.fail("expected names between commas, such as x,y", param, ctx)
        return names


of_option = click.option(
    "--of", metavar="NAME", help="The output, or any other named value, to differentiate; by default every output."
)
wrt_option = click.option("--wrt", type=Names(), metavar="NAMES", help="The inputs to differentiate by, as x,y; by default all.")
