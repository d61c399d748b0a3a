"""A value that is made when somebody asks for it is made once, and then is as any other."""

from __future__ import annotations

import threading
import time

from adcli.program.later import Later


def test_it_is_made_when_somebody_asks_and_once() -> None:
    made: list[int] = []

    def make() -> list[int]:
        made.append(len(made))
        return [7]

    later = Later(make)
    assert made == []
    assert later.value is later.value
    assert made == [0]


def test_threads_that_ask_at_once_get_the_same() -> None:
    def slowly() -> object:
        time.sleep(0.01)
        return object()

    later, found = Later(slowly), list[object]()
    threads = [threading.Thread(target=lambda: found.append(later.value)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len({id(value) for value in found}) == 1


def test_it_compares_and_shows_itself_as_its_value() -> None:
    one, same, other = Later(lambda: (1, 2)), Later.made((1, 2)), Later.made((1, 3))
    assert one == same != other
    assert hash(one) == hash(same)
    assert one != (1, 2)
    assert repr(one) == "(1, 2)"
