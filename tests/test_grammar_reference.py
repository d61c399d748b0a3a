"""grammar/: each program of the reference runs and gives what it says, each message has its section and its code."""

from __future__ import annotations

import re

import pytest

import adcli
from adcli.cli.explain import sections
from adcli.report.rules import form_of
from adcli.rules.einsum import einsum
from adcli.rules.table import ALIASES, FUNCTIONS
from adcli.tape.components import flattened
from adcli.trust.guards import EQUAL_SIDES
from adcli.trust.judgement import Verdict

from .codes import codes_given
from .conftest import ROOT
from .documents import Block, blocks

REFERENCE = ROOT / "grammar" / "README.md"
MISTAKES = ROOT / "grammar" / "MISTAKES.md"


@pytest.mark.parametrize("block", blocks(REFERENCE, "ad"), ids=lambda block: str(block.start))
def test_a_program_gives_what_it_says(block: Block) -> None:
    assert block.info == ""
    program = adcli.parse(block.text)
    expected = re.findall(r"(\S+) = ([^,\s]+)", block.text.partition("#=>")[2])
    assert expected
    values = flattened(program.evaluate().outputs)
    gradient = {name: flattened(slopes) for name, slopes in program.gradient(difference="none").gradient.items()}
    for name, value in expected:
        quotient = re.fullmatch(r"d(\w+)/d(\w+(?:\[\d\])?)", name)
        found = gradient[quotient[1]][quotient[2]] if quotient else values[name]
        assert str(found) == str(float(value)), name


@pytest.mark.parametrize("block", blocks(MISTAKES, "ad"), ids=lambda block: block.info)
def test_a_mistake_or_a_warning_has_its_code(block: Block) -> None:
    kind, _, code = block.info.rpartition(" ")
    if kind == "verdict":
        assert adcli.parse(block.text).check().verdict.value == code
        return
    if kind == "warning":
        program = adcli.parse(block.text)
        report = program.jacobian() if code == EQUAL_SIDES else program.gradient()  # which tells `kink` in its place
        assert [problem.code for problem in report.warnings] == [code]
        return
    with pytest.raises(adcli.AdError) as caught:
        program = adcli.parse(block.text)
        program.max_entries, program.max_memory = 100_000, 50_000_000  # the usual limits take longer to reach
        program.evaluate(x=1)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_section_has_an_example_and_a_remedy() -> None:
    for code, text in sections().items():
        example = rf"^```ad ((warning|verdict) )?{code}$|^(error|warning)\[{code}\]|  # {code}$"
        assert code == "internal" or re.search(example, text, re.MULTILINE), code
        assert re.search(r"^What to do: .", text, re.MULTILINE), code


def test_the_functions_are_those_of_the_table(request: pytest.FixtureRequest) -> None:
    rows = []
    for row in (*FUNCTIONS.values(), einsum("ij,jk->ik")):
        domain = f"`{row.domain}`" if row.domain else ""
        also = "".join(f", `{alias}`" for alias, name in ALIASES.items() if name == row.name)
        rows.append(f"| `{form_of(row)}`{also} | {row.summary} | {domain} | {row.convention} |\n")
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


def test_each_code_that_can_be_given_has_a_section() -> None:
    codes = codes_given()
    assert {"unknown-name", "bad-claim", "kink", "singular", "not-constant"} <= codes  # each found in another way
    assert codes | {verdict.value for verdict in Verdict} == set(sections())
