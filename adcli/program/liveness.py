"""Which values of a program's code anything reads later: liveness, as compilers know it."""

from __future__ import annotations

from adcli.program.code import Block, Call, Code, Decide, EnterFor, EnterWhile, Jump, Leave, Repeat, Return
from adcli.syntax.source import Span


def needed_values(code: Code, at_end: set[int], at_calls: set[int]) -> dict[Span, bool]:
    """For the place of each operation that can be reached whether its value is read on some way that follows.

    Args:
        code: of a program, or of one function
        at_end: the slots that are read when the code ends
        at_calls: the slots that any call may read
    """
    needed: dict[Span, bool] = {}
    live_in = _live(code, at_end, at_calls)
    for number in live_in:
        for span, is_live in _walk(code, number, live_in, at_end, at_calls)[1]:
            needed[span] = needed.get(span, False) or is_live
    return needed


def _live(code: Code, at_end: set[int], at_calls: set[int]) -> dict[int, set[int]]:
    """For each block that can be reached, the slots that are read behind its start before they are written."""
    followers: dict[int, set[int]] = {}
    todo = [0]
    leads_to: dict[int, tuple[int, ...]] = {}
    while todo:
        number = todo.pop()
        if number not in leads_to:
            leads_to[number] = _following(code.blocks[number])
            for following in leads_to[number]:
                followers.setdefault(following, set()).add(number)
                todo.append(following)
    live: dict[int, set[int]] = {number: set() for number in leads_to}
    todo = sorted(live)
    while todo:
        number = todo.pop()
        found = _walk(code, number, live, at_end, at_calls)[0]
        if found != live[number]:
            live[number] = found
            todo.extend(followers.get(number, ()))
    return live


def _walk(
    code: Code, number: int, live_in: dict[int, set[int]], at_end: set[int], at_calls: set[int]
) -> tuple[set[int], list[tuple[Span, bool]]]:
    """One block backward: the slots that are live at its start, and for each operation whether its value is."""
    block = code.blocks[number]
    end = block.end
    live = set().union(*(live_in[following] for following in _following(block)))
    if isinstance(end, Jump):
        live = (live - {to for to, _ in end.moves}) | {source for _, source in end.moves}
    elif isinstance(end, Decide):
        live |= {end.left, end.right}
    elif isinstance(end, Call):
        live |= set(end.arguments) | at_calls
    elif isinstance(end, Return):
        live.add(end.slot)
    elif isinstance(end, EnterFor):
        live |= {end.first, end.last, end.step}
    elif isinstance(end, Repeat):
        live |= {end.variable, end.last, end.step}
    elif not isinstance(end, (EnterWhile, Leave)):
        live |= at_end
    values = []
    for (_, operands, target), span in zip(reversed(block.steps), reversed(block.spans), strict=True):
        values.append((span, target in live))
        live.discard(target)
        live.update(operands)
    return live, values


def _following(block: Block) -> tuple[int, ...]:
    end = block.end
    if isinstance(end, (Jump, Call, EnterWhile, Leave)):
        return (end.block,)
    if isinstance(end, Decide):
        return end.holds, end.fails
    return (end.block, end.after) if isinstance(end, (EnterFor, Repeat)) else ()
