"""What the page is given: the data of a program, courses, and the modules put together."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import adcli
from adcli.emit.bundle import TABLES, modules, table_entries
from adcli.errors import AdError
from adcli.page.bundle import START, script_text
from adcli.page.course import course_from
from adcli.page.data import program_data
from adcli.page.page import data_text, page_text
from tests.conftest import PAGE_SAMPLES, SAMPLES, mostly_slow

PROGRAMS = sorted(str(path.relative_to(SAMPLES)) for path in PAGE_SAMPLES)
LARGEST = 300_000  # bytes of a page


@pytest.mark.parametrize("name", mostly_slow(PROGRAMS))
def test_each_sample_has_a_page_that_is_small_and_asks_for_nothing(name: str) -> None:
    text = adcli.load(SAMPLES / name).page()
    assert len(text.encode()) <= LARGEST
    assert not re.search(r"""\b(src|href)\s*=\s*["'](?!#|data:)""", text)
    assert not re.search(r"url\(|@import|\bfetch\(|XMLHttpRequest|\bimport\(", text)


def test_an_input_has_the_slider_of_its_range_or_one_around_its_value() -> None:
    data = program_data(adcli.parse("input x = 2 in [0, 4], y = 3, z = 0.01\noutput L = x * y * z").at({}).run, "p")
    assert [(of["low"], of["high"], of["step"], of["declared"]) for of in data["inputs"]] == [
        (0, 4, 0.01, True), (-3, 9, 0.1, False), (-1.99, 2.01, 0.01, False),
    ]  # fmt: skip


def test_presets_lead_to_the_other_branch() -> None:
    data = program_data(adcli.load(SAMPLES / "huber.ad").at({}).run, "huber")
    texts = [preset["text"] for preset in data["presets"]]
    assert texts[:2] == ["As written", "Where abs(r) <= delta holds"]
    point = data["presets"][1]["point"]
    assert abs(point["r"]) <= point["delta"]


def test_what_a_browser_cannot_compute_is_told() -> None:
    with pytest.raises(AdError) as caught:
        adcli.expression("j0(x)").page(x=1)
    assert caught.value.problems[0].code == "no-javascript"
    with pytest.raises(AdError, match="100,000"):
        adcli.parse("input x\ns = x\nfor k = 1 to 60000 {\n s = s + x\n}\noutput s").page(x=1)


def test_data_may_stand_in_an_element_of_a_page() -> None:
    text = data_text({"help": "</script><!-- & é"})
    assert "<" not in text
    assert json.loads(text) == {"help": "</script><!-- & é"}


def test_names_of_modules_are_told_apart() -> None:
    names: dict[str, str] = {}
    for path, text in modules(START).items():
        found = re.findall(r"^(?:export )?(?:async )?(?:function\*?|class|const|let) +(\w+)", text, re.MULTILINE)
        for name in found:
            assert name not in names, f"{name} stands in {path} and in {names[name]}"
            names[name] = path


def test_modules_are_put_together_without_imports() -> None:
    tables = {table: [*table_entries(table)] for table in TABLES}
    text = script_text(tables)
    assert not re.search(r"^(import|export)\b", text, re.MULTILINE)
    assert "</script" not in text


def test_the_names_that_modules_import_are_exported_there() -> None:
    texts = modules(START)
    for path, text in texts.items():
        for names, other in re.findall(r"^import \{([^}]*)\} from '([^']+)';", text, re.MULTILINE):
            target = (Path("/") / path).parent.joinpath(other).resolve().relative_to("/")
            for name in (word.strip() for word in names.split(",") if word.strip()):
                exported = rf"^export (?:async )?(?:function\*?|class|const) +{name}\b"
                assert re.search(exported, texts[str(target)], re.MULTILINE), f"{path} imports {name} from {target}"


# Courses

COURSE = """# A course

Some *text*, and <b>no tags</b>.

## First

```question
ask: What is 1 + 1?
answer: 2
hint: Count.
because: It is 2.
wrong 3: That is one too many.
```

```adcli
page huber.ad --r 0.5
```

After it.

## Second

```ad
input x = 2
output y = x^2
```

```question
ask: Which?
choice: this
choice: that
answer: that
leads: Not this.
```
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    path = tmp_path / "course.md"
    path.write_text(COURSE, encoding="utf-8")
    (tmp_path / "huber.ad").write_text((SAMPLES / "huber.ad").read_text(encoding="utf-8"), encoding="utf-8")
    return path


def test_a_course_is_a_row_of_texts_and_programs(course: Path) -> None:
    read = course_from(str(course))
    assert read.title == "A course"
    assert [(section["kind"], section["title"]) for section in read.sections] == [
        ("text", "A course"), ("text", "First"), ("program", "huber"), ("text", "First"), ("program", "Second"),
        ("text", "Second"),
    ]  # fmt: skip
    found = re.search(r'id="data">(.*?)</script>', page_text(read.title, read.sections, {}), re.DOTALL)
    assert found is not None
    assert len({section["id"] for section in json.loads(found[1])["sections"]}) == len(read.sections)
    first, text, program, *_, last = read.sections
    assert "<em>text</em>" in first["html"]
    assert "<b>" not in first["html"]
    assert '<div data-question="0"></div>' in text["html"]
    assert text["questions"][0]["truth"] == 2
    assert text["questions"][0]["slips"] == [{"number": 3, "says": "That is one too many."}]
    assert program["program"]["inputs"][0]["value"] == 0.5
    assert (last["questions"][0]["truth"], last["questions"][0]["leads"]) == (1, "Not this.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there is nothing"),
        ("```question\nask: 1?\n```", "one `answer:`"),
        ("```question\nask: 1?\nanswer: 1\nfoo\n```", "`foo` is no part"),
        ("```question\nask: 1?\nchoice: a\nanswer: b\n```", "none of the choices"),
        ("```question\nask: 1?\nanswer: 1\n" + "hint: h\n" * 4 + "```", "at most 3 hints"),
        ("```question\nask: 1?\nanswer: x\n```", "not a number"),
        ("```question\nask: 1?\nanswer: [1, 2]\n```", "one number"),
        ("```adcli\ngrad huber.ad\n```", "names no program"),
        ("```adcli\npage huber.ad r 5\n```", "names no inputs"),
        ("```adcli\npage none.ad\n```", "there is no file"),
        ("```ad\noutput y = z\n```", "`z`"),
    ],
)
def test_a_mistake_in_a_course_is_told(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "course.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AdError) as caught:
        course_from(str(path))
    assert message in str(caught.value)


def test_the_tutorial_is_a_course_of_one_small_page() -> None:
    course = course_from(str(SAMPLES / "tutorial.md"))
    assert {section["kind"] for section in course.sections} == {"text", "program"}
    assert sum(len(section.get("questions", ())) for section in course.sections) >= 4
    assert len(page_text(course.title, course.sections, {}).encode()) <= 2 * LARGEST
