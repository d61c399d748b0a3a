"""What `adcli page` is asked, and its answer: the text of a page."""

from __future__ import annotations

from adcli.page.course import course_from
from adcli.page.data import program_section
from adcli.page.page import page_text
from adcli.records import dataclass
from adcli.run import Options, Run
from adcli.teach.words import WORDS


@dataclass(frozen=True)
class PageOptions(Options[str]):
    """What `adcli page PROGRAM` is asked, which is nothing but the point at which it starts."""

    def report(self, run: Run) -> str:
        """The page of a program that begins at the point of a run."""
        section = program_section(run)
        return page_text(section["title"], [section], WORDS)


def course_page(path: str) -> str:
    """The page of a course. Raises AdError."""
    course = course_from(path)
    return page_text(course.title, course.sections, WORDS)
