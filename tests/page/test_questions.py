"""The page's questions are those of the quiz, word by word."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest

import adcli
from adcli.page.data import program_data
from adcli.tape.execute import execute
from adcli.tape.inputs import resolve
from adcli.teach.answers import formula_value
from adcli.teach.making import _MAKERS
from adcli.teach.question import Question, diagnosis, is_near
from adcli.teach.subject import Subject
from adcli.teach.words import WORDS

from ..conftest import PAGE_SAMPLES, ROOT, SAMPLES, mostly_slow, sample_name
from .graphs import DECODE, Ran, coded, differences, first, graph_data, named_values, ran, recorded
from .node import run_node

_ASKED = f"""
import {{ chosenQuestions, coveredBy, diagnosisOf, isNear, questionsOf }} from './questions.mjs';
import {{ evaluated }} from './expression.mjs';
{DECODE}
const {{ words, subject, typed }} = decoded(DATA);
const names = new Map(Object.entries(subject.names));
subject.evaluate = (text) => evaluated(text, names);
if (subject.errors) subject.errorAt = (label, step) => subject.errors[step];
"""


def subject_of(run: Ran) -> Subject:
    return Subject(run.graph, lambda text: formula_value(text, run.tape), run.cost)


def data_of(run: Ran, **more: Any) -> dict[str, Any]:
    subject = {"graph": graph_data(run.graph), "cost": run.cost._asdict(), "names": named_values(run.tape)}
    return {"words": dict(WORDS), "subject": subject | more}


def told(question: Question) -> dict[str, Any]:
    return question._asdict() | {
        "hints": list(question.hints),
        "slips": [{"number": float(slip.number), "says": slip.says} for slip in question.slips],
        "choices": [choice._asdict() for choice in question.choices],
    }


@pytest.mark.parametrize("path", mostly_slow(PAGE_SAMPLES), ids=sample_name)
def test_all_questions_are_those_of_the_quiz(path: Path) -> None:
    run = ran(path)
    if run is None:
        pytest.skip("there is nothing to sweep from")
    subject = subject_of(run)
    expected = [told(one) for make in _MAKERS.values() for one in make(subject) if math.isfinite(one.truth)]
    found = run_node(_ASKED + "tell(questionsOf(subject, words));", data_of(run))
    order = list(_MAKERS)
    found.sort(key=lambda one: order.index(one["kind"]))
    assert not first(differences(found, expected, near=1e-9))
    modes = {"partial": "forward", "tangent": "forward", "cost": "cost"}
    assert all(one["mode"] == modes.get(one["kind"], "reverse") for one in found)
    assert len({one["key"] for one in found}) == len(found)


@pytest.mark.parametrize("path", mostly_slow(PAGE_SAMPLES), ids=sample_name)
def test_a_page_asks_a_few_of_them(path: Path) -> None:
    run = ran(path)
    if run is None:
        pytest.skip("there is nothing to sweep from")
    source = _ASKED + "tell([questionsOf(subject, words), chosenQuestions(subject, words)]);"
    everything, chosen = run_node(source, data_of(run, errors={"0.1": 1e-2, "0.00001": 1e-9, "1e-13": 1e-3}))
    kinds = [one["kind"] for one in chosen]
    assert len([kind for kind in kinds if kind != "check"]) <= 8
    assert all(kinds.count(kind) <= 2 for kind in kinds)
    assert {one["mode"] for one in chosen} == {one["mode"] for one in everything}
    modes = ["forward", "reverse", "cost", "check"]
    assert [one["mode"] for one in chosen] == sorted((one["mode"] for one in chosen), key=modes.index)
    assert len({one["key"] for one in chosen}) == len(chosen)
    assert ("check" in kinds) == any(one["kind"] == "growth" for one in everything)


def test_a_step_is_asked_about_only_where_one_is_clearly_best() -> None:
    run = ran(ROOT / "samples" / "sine_product.ad")
    assert run is not None
    for errors in (None, {"0.1": 1e-16, "0.00001": 1e-11, "1e-13": 1e-3}, {"0.1": 0.0, "0.00001": 0.0, "1e-13": 0.0}):
        more = {} if errors is None else {"errors": errors}
        kinds = run_node(_ASKED + "tell(questionsOf(subject, words).map((one) => one.kind));", data_of(run, **more))
        assert "check" not in kinds


def test_the_questions_of_the_first_sample() -> None:
    run = ran(ROOT / "samples" / "sine_product.ad")
    assert run is not None
    chosen = run_node(_ASKED + "tell(chosenQuestions(subject, words));", data_of(run))
    assert [(one["mode"], one["key"]) for one in chosen] == [
        ("forward", "partial: ∂b/∂a"),
        ("forward", "tangent: b by x"),
        ("reverse", "contribution: a to x"),
        ("reverse", "adjoint: a"),
        ("reverse", "gradient: x"),
        ("reverse", "growth: y"),
        ("reverse", "which: x, y"),
        ("cost", "cost: forward"),
    ]


_RECORDED = """
import { asArray } from './arrays.mjs';
import { gradientCost } from './cost.mjs';
import { labelsOf } from './describe.mjs';
import { evaluated, valuesByLabel } from './expression.mjs';
import { graphOf } from './graph.mjs';
import { questionsOf } from './questions.mjs';
import { execute } from './tape.mjs';
tell(DATA.points.map((given) => {
  const point = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, asArray(value)]));
  const tape = execute(DATA.program, point);
  const output = tape.bindings.get(DATA.program.outputs[0]);
  const inputs = [...tape.inputs.values()];
  const names = valuesByLabel(tape, labelsOf(tape));
  const subject = {
    graph: graphOf(tape, [output], [...tape.inputs.keys()], output),
    cost: gradientCost(tape, output, inputs),
    evaluate: (text) => evaluated(text, names),
  };
  return questionsOf(subject, DATA.words);
}));
"""


@pytest.mark.parametrize("name", ["sine_product", "huber", "black_scholes", "decay", "linear_regression"])
def test_questions_on_what_a_page_records(name: str) -> None:
    """All of it in the page's script: the tape, the graph, the cost and the questions, where the sliders are moved."""
    start = adcli.load(str(SAMPLES / f"{name}.ad")).at({}).run
    program = start.program
    data = program_data(start, name)
    points = [{one["name"]: one["value"] for one in data["inputs"]}]
    points.append({name: value if isinstance(value, list) else 1.25 * value for name, value in points[0].items()})
    found = run_node(_RECORDED, {"program": data, "points": points, "words": dict(WORDS)})
    for point, theirs in zip(points, found, strict=True):
        run = recorded(execute(program, resolve(program, point)[0]), program.outputs[0])
        expected = [told(one) for make in _MAKERS.values() for one in make(subject_of(run)) if math.isfinite(one.truth)]
        theirs.sort(key=lambda one: list(_MAKERS).index(one["kind"]))
        assert not first(differences(theirs, expected, near=1e-9))


def test_what_is_covered() -> None:
    """The answer, and what is computed from it: of bar_a what a sends to x and y, and their adjoints."""
    run = ran(ROOT / "samples" / "sine_product.ad")
    assert run is not None
    source = (
        _ASKED + "tell(Object.fromEntries(questionsOf(subject, words).map((one) => [one.key, Object.fromEntries("
        "Object.entries(coveredBy(subject.graph, one)).map(([key, set]) => [key, [...set].sort()]))])));"
    )
    covered = run_node(source, data_of(run))
    nodes, edges = run.graph.nodes, run.graph.edges

    def names(key: str) -> dict[str, set[str]]:
        sides = {place: f"{nodes[edge.target].label}/{nodes[edge.source].label}" for place, edge in enumerate(edges)}
        found = covered[key]
        return {
            what: {sides[place] if what in ("partials", "contributions") else nodes[place].label for place in places}
            for what, places in found.items() if places
        }  # fmt: skip

    assert names("adjoint: a") == {"adjoints": {"a", "x", "y"}, "contributions": {"a/x", "a/y"}}
    assert names("gradient: x") == {"adjoints": {"x"}}
    assert names("partial: ∂b/∂a") == {
        "partials": {"b/a"}, "contributions": {"b/a", "a/x", "a/y"}, "adjoints": {"a", "x", "y"},
    }  # fmt: skip
    assert names("tangent: a by x") == {"tangents": {"a", "b", "L"}}
    assert names("cost: forward") == {}


def test_diagnoses_are_those_of_the_quiz() -> None:
    for name in ("sine_product", "huber", "fan_out", "polar"):
        run = ran(ROOT / "samples" / f"{name}.ad")
        assert run is not None
        asked = [one for make in _MAKERS.values() for one in make(subject_of(run)) if not one.choices]
        typed = [(one.kind, one.asked, number) for one in asked
                 for number in [one.truth * 1.004, 7.25, *(slip.number for slip in one.slips)]]  # fmt: skip
        source = (
            _ASKED
            + """
        const all = new Map(questionsOf(subject, words).map((one) => [one.kind + one.asked, one]));
        tell(typed.map(([kind, asked, number]) => {
          const question = all.get(kind + asked);
          return [isNear(number, question.truth), diagnosisOf(question, number, 'This', words)];
        }));"""
        )
        found = run_node(source, data_of(run) | {"typed": coded(typed)})
        by_text = {(one.kind, one.asked): one for one in asked}
        expected = []
        for kind, text, number in typed:
            question = by_text[kind, text]
            expected.append([is_near(number, question.truth), diagnosis(question, number, "This")])
        assert found == expected


def test_every_sentence_is_said_somewhere() -> None:
    files = [*(ROOT / "adcli" / "teach").glob("*.py"), *(ROOT / "adcli" / "page" / "script").glob("*.mjs")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files if path.name != "words.py")
    unused = {key for key in WORDS if not re.search(rf"[\"']{re.escape(key)}[\"']", text)}
    made = {key for key in unused if re.fullmatch(r"(cost (forward|differences)|check)( hint \d| because)?", key)}
    assert unused == made
