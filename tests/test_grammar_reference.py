"""grammar/README.md: each program in it runs and gives what it says, each mistake has its code."""

from __future__ import annotations

import re

import pytest

import adcli
from adcli.cli.explain import sections
from adcli.program.claims import CODE as BAD_CLAIM
from adcli.report.kinks import CODE as KINK
from adcli.report.rules import form_of
from adcli.rules.shapes import REFUSALS
from adcli.rules.table import FUNCTIONS
from adcli.tape.components import flattened
from adcli.trust.guards import EQUAL_SIDES, EQUALITY, ONLY_DECIDES

from .conftest import ROOT, Adcli
from .documents import Block, blocks, check_consoles

REFERENCE = ROOT / "grammar" / "README.md"
PROGRAMS = blocks(REFERENCE, "ad")


@pytest.mark.parametrize("block", [block for block in PROGRAMS if not block.info], ids=lambda block: str(block.start))
def test_a_program_gives_what_it_says(block: Block) -> None:
    program = adcli.parse(block.text)
    expected = re.findall(r"(\S+) = ([^,\s]+)", block.text.partition("#=>")[2])
    assert expected
    values = flattened(program.evaluate().outputs)
    gradient = {name: flattened(slopes) for name, slopes in program.gradient(difference="none").gradient.items()}
    for name, value in expected:
        quotient = re.fullmatch(r"d(\w+)/d(\w+(?:\[\d\])?)", name)
        found = gradient[quotient[1]][quotient[2]] if quotient else values[name]
        assert str(found) == str(float(value)), name


@pytest.mark.parametrize("block", [block for block in PROGRAMS if block.info], ids=lambda block: block.info)
def test_a_mistake_or_a_warning_has_its_code(block: Block) -> None:
    kind, _, code = block.info.rpartition(" ")
    if kind == "warning":
        program = adcli.parse(block.text)
        report = program.jacobian() if code == EQUAL_SIDES else program.gradient()  # which tells `kink` in its place
        assert [problem.code for problem in report.warnings] == [code]
        return
    with pytest.raises(adcli.AdError) as caught:
        program = adcli.parse(block.text)
        program.max_entries = 100_000  # the usual ten million take longer to reach
        program.evaluate(x=1)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_the_commands_give_what_is_shown(adcli: Adcli, request: pytest.FixtureRequest) -> None:
    check_consoles(REFERENCE, adcli, request.config.getoption("--update"))


def test_a_code_stands_in_its_section_with_an_example() -> None:
    for code, text in sections().items():
        assert code == "internal" or re.search(rf"^```ad .*\b{code}$|^(error|warning)\[{code}\]", text, re.MULTILINE), (
            code
        )


def test_the_functions_are_those_of_the_table(request: pytest.FixtureRequest) -> None:
    rows = []
    for row in FUNCTIONS.values():
        domain = f"`{row.domain}`" if row.domain else ""
        rows.append(f"| `{form_of(row)}` | {row.summary} | {domain} | {row.convention} |\n")
    text = REFERENCE.read_text(encoding="utf-8")
    start = text.index("| :-- | :-- | :-- | :-- |\n", text.index("<!-- functions -->")) + len(
        "| :-- | :-- | :-- | :-- |\n"
    )
    end = text.index("<!-- /functions -->")
    if request.config.getoption("--update"):
        text = text[:start] + "".join(rows) + text[end:]
        REFERENCE.write_text(text, encoding="utf-8")
        end = text.index("<!-- /functions -->")
    assert text[start:end] == "".join(rows)


def test_every_code_is_in_the_reference() -> None:
    """The codes that the sources give, found by their form: a call of Problem, AdError's helpers or `_add`."""
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "adcli").rglob("*.py"))
    codes = (
        set(re.findall(r"""(?:Problem|self\._add|_bad)\(\s*"([a-z0-9-]+)",""", sources))
        | set(re.findall(r'code="([a-z-]+)"', sources))
        | {BAD_CLAIM, EQUAL_SIDES, EQUALITY, KINK, ONLY_DECIDES, *REFUSALS}
    )
    assert len(codes) > 20
    assert codes == set(sections())
