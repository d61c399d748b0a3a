"""A quiz: questions one after another, with hints, and what is said of each answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from adcli.derive.cost import gradient_cost
from adcli.errors import AdError, Problem
from adcli.graph.model import MOST_NODES, graph_of
from adcli.run import Options, Run, chosen_inputs, differentiated_outputs
from adcli.tape.selected import with_entries
from adcli.tape.tape import Tape
from adcli.teach.answers import formula_value, number_answered
from adcli.teach.making import LEVELS, questions
from adcli.teach.question import Question, diagnosis, is_near
from adcli.teach.subject import Subject
from adcli.teach.words import said

RIGHT, HELPED, SHOWN = "right", "helped", "shown"  # what came of a question
_WORTH = {RIGHT: 1.0, HELPED: 0.5, SHOWN: 0.0}
PASSED = 2 / 3  # of what there is to earn


@dataclass
class Quiz:
    """Questions on a run, and how far somebody has come with them.

    Attributes:
        questions: in the order in which they are asked
        tape: of the run, whose names an answer may have
        results: what came of those that are over
        hints: how many of the present one were given
        tries: how many answers to it were wrong
    """

    questions: list[Question]
    tape: Tape
    results: list[str] = field(default_factory=list)
    hints: int = 0
    tries: int = 0

    @property
    def present(self) -> Question | None:
        """The question that is asked now; None when all are over."""
        return self.questions[len(self.results)] if len(self.results) < len(self.questions) else None

    @property
    def score(self) -> float:
        """How much of what there is to earn was earned: half of it where a hint or a second try was needed."""
        return sum(_WORTH[result] for result in self.results) / len(self.questions)

    @property
    def is_passed(self) -> bool:
        """Whether all questions are over, and enough was right."""
        return self.present is None and self.score >= PASSED

    def hint(self) -> str:
        """The next hint to the present question; after the third the answer is all that is left."""
        question = self._asked()
        if self.hints == len(question.hints):
            return said("no further hint")
        self.hints += 1
        return said("hint", number=self.hints, count=len(question.hints), hint=question.hints[self.hints - 1])

    def show(self) -> str:
        """The answer to the present question, which is over then."""
        question = self._asked()
        self._over(SHOWN)
        return f"{said('it is', truth=_truth(question))} {question.because}"

    def answer(self, text: str) -> str:
        """What is said of an answer. Raises AdError where it cannot be read, which is no attempt."""
        question = self._asked()
        right, reply = self._judged(question, text.strip())
        if right:
            self._over(RIGHT if not (self.hints or self.tries) else HELPED)
            shown = "" if question.choices else f"{said('it is', truth=_truth(question))} "
            return f"{said('right')} {shown}{question.because}"
        self.tries += 1
        return f"{said('not yet')} {reply}"

    def _judged(self, question: Question, text: str) -> tuple[bool, str]:
        if question.choices:
            place = _chosen(question, text)
            return place == question.truth, question.leads
        number = number_answered(text, self.tape)
        if is_near(number, question.truth):
            return True, ""
        return False, diagnosis(question, number, f"{number:.6g}")

    def _asked(self) -> Question:
        question = self.present
        assert question is not None
        return question

    def _over(self, result: str) -> None:
        self.results.append(result)
        self.hints = self.tries = 0


def _chosen(question: Question, text: str) -> int:
    """The place of what was chosen: by its number, its word, or the beginning of one. Raises AdError `bad-value`."""
    keys = [choice.key for choice in question.choices]
    if text.isdecimal() and 1 <= int(text) <= len(keys):
        return int(text) - 1
    fitting = [place for place, key in enumerate(keys) if text and key.lower().startswith(text.lower())]
    exact = [place for place, key in enumerate(keys) if key == text]
    if len(exact or fitting) == 1:
        return (exact or fitting)[0]
    raise AdError(Problem("bad-value", said("none of the answers", keys=" or ".join(keys))))


def _truth(question: Question) -> str:
    if question.choices:
        return question.choices[int(question.truth)].text
    return f"{question.truth:.6g}"


@dataclass(frozen=True)
class QuizOptions(Options[Quiz]):
    """What `adcli quiz` is asked.

    Attributes:
        of: the name of the value to sweep from; by default the first output
        level: 1, 2 or 3
        seed: of the choice among questions
        count: how many there are at most
    """

    of: str | None = None
    level: int = 1
    seed: int = 0
    count: int = 8

    def report(self, run: Run) -> Quiz:
        """The questions on a run. Raises AdError `usage` where there is nothing to ask."""
        selected = differentiated_outputs(run, run.program.outputs[0] if self.of is None else self.of)
        tape, entries = with_entries(run.tape, selected.values())
        (output,) = entries.values()
        inputs = chosen_inputs(run.program, None)
        graph = graph_of(tape, [output], inputs, output, MOST_NODES)
        cost = gradient_cost(tape, output, [tape.inputs[name] for name in inputs])
        subject = Subject(graph, lambda text: formula_value(text, tape), cost)
        asked = questions(subject, self.level, self.seed, self.count)
        if not asked:
            levels = " or ".join(str(level) for level in LEVELS if questions(subject, level, self.seed, 1))
            help_text = said("other levels", levels=levels) if levels else said("no level")
            raise AdError(Problem("usage", said("nothing to ask"), help=help_text))
        return Quiz(asked, tape)
