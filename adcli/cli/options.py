"""Options that several commands share."""

from __future__ import annotations

import click


def _names(ctx: click.Context, parameter: click.Parameter, value: str | None) -> list[str] | None:
    """The names between the commas."""
    if value is None:
        return None
    names = [name.strip() for name in value.split(",")]
    if not all(names):
        raise click.BadParameter("expected names between commas, such as x,y", ctx, parameter)
    return names


of_option = click.option(
    "--of",
    metavar="NAME",
    help="The output, or any other named value, to differentiate; by default every output.",
)
wrt_option = click.option(
    "--wrt", callback=_names, metavar="NAMES", help="The inputs to differentiate by, as x,y; by default all."
)
