from __future__ import annotations

import functools
import gc
import inspect
import io
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy

from adcli.cli.main import main
from adcli.trust import budget

# In CI the random programs are the same at each run; at a desk they are new ones.
settings.register_profile("ci", derandomize=True)
if "CI" in os.environ:
    settings.load_profile("ci")

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden"
SAMPLES = ROOT / "samples"
# What stands in no folder has derivatives that agree with everything. The folders hold what goes wrong in some way on
# purpose, and each has tests of its own.
PLAIN_SAMPLES = sorted(SAMPLES.glob("*.ad"))
ALL_SAMPLES = PLAIN_SAMPLES + sorted(SAMPLES.glob("*/*.ad"))
# A page cannot solve equations.
PAGE_SAMPLES = [path for path in ALL_SAMPLES if "\nsolve " not in path.read_text(encoding="utf-8")]


# Each takes as long as thirty others.
LONG_SAMPLES = {"lennard_jones_cluster", "lennard_jones_moving", "waveform_inversion"}


def mostly_slow(values: Iterable[Any], every: int = 4) -> list[Any]:
    """Of cases that are much alike every fourth at each run, and the others among the slow tests, with long samples."""
    return [
        pytest.param(value, marks=pytest.mark.slow) if place % every or Path(str(value)).stem in LONG_SAMPLES else value
        for place, value in enumerate(values)
    ]


def together(
    names: str, cases: Iterable[Any], by: Callable[..., str], every: int = 1
) -> Callable[[Callable[..., None]], Any]:
    """Many small cases as one test for each group: it goes through all of them, and says which of them fail.

    For cases by the thousand that take less time than what pytest does for a test. `names` are the arguments of a case,
    `by` tells of them its group. Of each group every so manyth case is tried at each run, the others among the slow
    tests. A case must not skip, and leaves its fixtures as they were. Other tests may call it with a case of their own.
    """
    arguments = names.split()
    groups: dict[str, list[tuple[Any, ...]]] = {}
    for case in cases:
        case = case if len(arguments) > 1 else (case,)
        groups.setdefault(by(*case), []).append(case)

    def decorate(test: Callable[..., None]) -> Any:
        @functools.wraps(test)
        def run(*one: Any, group: list[tuple[Any, ...]] | None = None, **fixtures: Any) -> None:
            group = [one] if group is None else group
            failures: list[tuple[str, BaseException]] = []
            for case in group:
                try:
                    test(**dict(zip(arguments, case, strict=True)), **fixtures)
                except (Exception, pytest.fail.Exception) as error:
                    failures.append((", ".join(str(getattr(part, "name", part)) for part in case), error))
            if failures:
                said = "\n".join(f"{name}: {type(error).__name__}: {error}" for name, error in failures)
                raise AssertionError(f"{len(failures)} of {len(group)} cases fail\n{said}") from failures[0][1]

        signature = inspect.signature(test)
        fixtures = [part for name, part in signature.parameters.items() if name not in arguments]
        own = inspect.Parameter("group", inspect.Parameter.KEYWORD_ONLY)
        run.__signature__ = signature.replace(parameters=[*fixtures, own])  # type: ignore[attr-defined]
        chosen = [pytest.param(group[::every], id=name) for name, group in groups.items()]
        for name, group in groups.items():
            if others := [case for place, case in enumerate(group) if place % every]:
                chosen.append(pytest.param(others, id=f"{name}-others", marks=pytest.mark.slow))
        return pytest.mark.parametrize("group", chosen)(run)

    return decorate


def randomly(count: int, *strategies: SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """A test of so many random cases among the slow ones, and of a third at each run; it has no fixtures."""

    def decorate(test: Callable[..., None]) -> Any:
        def run(examples: int) -> None:
            settings(max_examples=examples, deadline=None)(given(*strategies)(test))()

        functools.update_wrapper(run, test)
        del run.__wrapped__  # type: ignore[attr-defined]  # whose arguments are no fixtures
        return pytest.mark.parametrize("examples", [count // 3, pytest.param(count, marks=pytest.mark.slow)])(run)

    return decorate


def sample_name(path: Path) -> str:
    """`huber`, `cancellation/cosine`: what `adcli samples` calls a file."""
    return path.relative_to(SAMPLES).with_suffix("").as_posix()


def pytest_configure(config: pytest.Config) -> None:
    """The cache of this session is a folder that all its processes share: that of the user is left alone."""
    if hasattr(config, "workerinput"):  # a process of xdist has the folder of the one that started it
        return
    folder, variables = tempfile.TemporaryDirectory(ignore_cleanup_errors=True), pytest.MonkeyPatch()
    variables.setenv("XDG_CACHE_HOME", folder.name)
    config.add_cleanup(folder.cleanup)
    config.add_cleanup(variables.undo)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was collected stays: the collector of garbage need not look at it again and again.

    Where Python is to write no bytecode, the processes that tests start keep it in the folder of the session: else each
    would compile adcli again.
    """
    gc.freeze()
    if "PYTHONDONTWRITEBYTECODE" in os.environ:
        variables = pytest.MonkeyPatch()
        variables.delenv("PYTHONDONTWRITEBYTECODE")
        variables.setenv("PYTHONPYCACHEPREFIX", os.path.join(os.environ["XDG_CACHE_HOME"], "compiled"))
        session.config.add_cleanup(variables.undo)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the golden files and the outputs in the README anew")


class Result(NamedTuple):
    status: int
    out: str
    err: str


class _Stream(io.TextIOWrapper):
    """A standard stream in memory, with the bytes below it that `-` reads."""

    def __init__(self, content: bytes = b"") -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8", newline="")

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined]


Adcli = Callable[..., Result]


def run_adcli(*arguments: str, stdin: bytes = b"", columns: int | None = None) -> Result:
    """Run the command line in this process, from the checkout."""
    old_streams, old_directory, old_columns = (
        (sys.stdin, sys.stdout, sys.stderr),
        Path.cwd(),
        os.environ.get("COLUMNS"),
    )
    out, err = _Stream(), _Stream()
    sys.stdin, sys.stdout, sys.stderr = _Stream(stdin), out, err
    os.environ.pop("COLUMNS", None)
    if columns is not None:
        os.environ["COLUMNS"] = str(columns)
    try:
        try:
            status = main(list(arguments))
        except SystemExit as stop:  # click's completion ends the process itself
            status = int(stop.code or 0)
        return Result(status, out.text(), err.text())
    finally:
        sys.stdin, sys.stdout, sys.stderr = old_streams
        os.chdir(old_directory)
        os.environ.pop("COLUMNS", None)
        if old_columns is not None:
            os.environ["COLUMNS"] = old_columns


@pytest.fixture
def adcli(monkeypatch: pytest.MonkeyPatch) -> Iterator[Adcli]:
    """The command line, run from the root of the checkout."""
    monkeypatch.chdir(ROOT)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    yield run_adcli


@pytest.fixture(autouse=True, scope="session")
def patience() -> Iterator[None]:
    """Comparisons have all the time they need: on a machine with much to do the same is compared."""
    with pytest.MonkeyPatch.context() as session:
        session.setattr(budget, "LEAST", 600.0)
        yield


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a golden file; `--update` writes the file. The style of a page has tests of its own."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        text = re.sub(r"(<style>).*?(</style>)", r"\1\2", text, flags=re.S)
        if request.config.getoption("--update"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare
