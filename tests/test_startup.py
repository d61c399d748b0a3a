"""What a start imports: speed that a test can hold without a clock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT

SHOW = "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "


def modules(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", SHOW + code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return {name.split(".")[0] for name in done.stderr.split()} | set(done.stderr.split())


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def command(*arguments: str) -> str:
    return commands(list(arguments))


def commands(*lines: list[str]) -> str:
    """One after the other in one process: what none of them may import is not there after the last."""
    return f"from adcli.cli.main import main; raise SystemExit(max(main(line) for line in {list(lines)!r}))"


def test_a_scalar_program_needs_no_numpy() -> None:
    names = ("eval", "grad", "check", "why", "precision", "tape", "sweep")
    loaded = modules(commands(*([name, "samples/sine_product.ad"] for name in names)))
    assert not {"numpy", "rich"} & loaded
    assert "lark" in loaded


def test_a_program_of_the_cache_needs_little_of_the_library() -> None:
    modules(command("grad", "samples/sine_product.ad"))
    loaded = modules(command("grad", "samples/sine_product.ad"))
    assert not {"dataclasses", "inspect", "copy", "locale", "pathlib", "tokenize"} & loaded


@pytest.mark.parametrize("words", [("--x", "2", "--y=3"), ("--digits", "3")])
def test_only_options_need_click(words: tuple[str, ...]) -> None:
    loaded = modules(command("grad", "samples/sine_product.ad", *words))
    assert bool({"click", "adcli.cli.program_command"} & loaded) == (words[0] == "--digits")


def test_only_verifying_needs_mpmath() -> None:
    assert "mpmath" not in modules(command("precision", "samples/linear_regression.ad"))
    assert "mpmath" in modules(command("precision", "samples/sine_product.ad", "--verify"))


def test_only_colours_need_rich() -> None:
    formats = ("table", "json", "csv", "markdown", "latex", "html")
    loaded = modules(commands(*(["grad", "samples/sine_product.ad", "--format", form] for form in formats)))
    assert not {"rich", "numpy"} & loaded


def test_colours_need_rich() -> None:
    assert "rich" in modules(command("grad", "samples/sine_product.ad", "--color", "always"))


@pytest.mark.parametrize("program", [("samples/sine_product.ad",), ("-e", "x*y + sin(x)", "--x", "2", "--y", "3")])
def test_what_was_checked_before_needs_no_parser(program: tuple[str, ...]) -> None:
    assert "lark" in modules(command("grad", *program))
    loaded = modules(command("grad", *program))
    assert not {"lark", "adcli.program.check", "adcli.syntax.builder", "adcli.trust.lint"} & loaded


def test_an_error_needs_no_rich() -> None:
    code = "from adcli.cli.main import main; assert main(['grad', '-e', 'foo(x)']) == 2"
    assert not {"rich", "numpy"} & modules(code)


def test_commands_are_imported_when_they_are_called() -> None:
    loaded = modules(command("eval", "samples/sine_product.ad", "--full"))
    assert "adcli.cli.eval" in loaded
    assert not {"adcli.cli.grad", "adcli.cli.sweep", "adcli.trust.compare", "difflib"} & loaded


def test_importing_the_package_imports_nothing() -> None:
    loaded = modules("import adcli")
    assert not {"lark", "click", "rich", "numpy", "adcli.api"} & loaded


def test_the_help_of_a_search_needs_no_solver() -> None:
    loaded = modules(commands(*([name, "samples/rosenbrock.ad", "--help"] for name in ("minimize", "fit"))))
    assert not {"numpy", "scipy", "matplotlib"} & loaded


def test_only_searches_need_scipy() -> None:
    assert "scipy" not in modules("import adcli; adcli.expression('x^2 * sum([x, 1])').check(x=2)")
    assert "scipy" in modules("import adcli; adcli.expression('x^2').minimize(x=2)")


def test_a_function_of_numbers_needs_no_numpy() -> None:
    code = "import adcli; f = adcli.parse('input x\\noutput y = sin(x) * x').function(); f(2.0); f(3.0)"
    assert "numpy" not in modules(code)
