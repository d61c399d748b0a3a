"""What `adcli page` is asked, and its answer: the text of a page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from adcli.page.course import course_from
from adcli.page.data import program_data
from adcli.page.page import page_text
from adcli.run import Options, Run
from adcli.teach.words import WORDS


@dataclass(frozen=True)
class PageOptions(Options[str]):
    """What `adcli page PROGRAM` is asked, which is nothing but the point at which it starts."""

    def report(self, run: Run) -> str:
        """The page of a program that begins at the point of a run."""
        name = os.path.splitext(os.path.basename(run.program.source.name))[0]
        section: dict[str, Any] = {"id": "s1", "kind": "program", "title": name, "program": program_data(run, name)}
        return page_text(name, [section], WORDS)


def course_page(path: str) -> str:
    """The page of a course. Raises AdError."""
    course = course_from(path)
    return page_text(course.title, course.sections, WORDS)
