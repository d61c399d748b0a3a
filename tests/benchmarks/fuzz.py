"""Random programs and command lines: whatever is asked, no command ends with an error of its own.

    python -m tests.benchmarks.fuzz [RUNS] [SEED]

Prints each command line that ends otherwise than with 0, 1 or 2, with its program.
"""

from __future__ import annotations

import io
import random
import shlex
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from adcli.cli.main import main
from adcli.rules.table import FUNCTIONS
from adcli.trust import budget

NUMBERS = ("0", "1", "2", "-1", "0.5", "-0.5", "3", "1e-300", "1e300", "1e-9", "1e16", "pi", "x - x", "1 / (x - x)")
OPERATORS = ("+", "-", "*", "/", "^", "@")
AXES = (", axis = 0", ", axis = 1", ", axis = -1")
SUBSCRIPTS = ("[0]", "[-1]", "[1:]", "[::-1]", "[0, 1]", "[:, 0]", "[:2]", "'")
ROWS = "rows.csv"  # beside the program
COMMANDS = (
    "eval", "grad", "grad --difference none", "grad --difference direction", "check", "check --order 2", "hessian",
    "hessian --check", "jacobian --check", "jvp --dot x=1 --check", "hvp --dot x=1 --check", "sweep", "tape", "why",
    "precision", "precision --verify", "adjoint", "tangent", "emit --to numpy --order 2",
    "emit --to ad", "lint", "fmt", "cost --no-time", "check --random 2",
    "cost --checkpoint 2 --no-time", "grad --checkpoint 2", "grad --checkpoint 3 --difference none",
    "vjp --bar r=1 --check", "grad --sweep --tape", "graph", "graph --sweep --down", "graph --nodes 6 --pass 2",
    "worksheet", "worksheet --key", "page", "hessian --sparsity", "jacobian --sparsity",
    "minimize --steps 30", "minimize --method newton --wrt x --steps 30", "minimize --method gd --maximize --steps 30",
    "minimize --method bfgs --steps 30", "fit --residual r --steps 30", "fit --residual w --wrt x --steps 30",
    "fit --residual v --weights w --loss huber --steps 30", "root --solve x", "root --solve x,y",
    f"batch {ROWS}", f"batch {ROWS} --order 2 --keep id", f"batch {ROWS} --order 0 --format jsonl",
    "uncertainty --at x=1±0.1 --samples 100", "uncertainty --at x=0.5±5% --samples 0",
)  # fmt: skip
ENDINGS = (
    "",
    " --of v",
    " --of v[0]",
    " --of M[0,1]",
    " --wrt x",
    " --wrt w",
    " --nonsmooth error",
    " --full",
    " --digits 3",
)
FORMATS = ("table", "json", "csv", "markdown", "latex", "html")
POINTS = ("0", "1", "-1", "2", "0.5", "1e-200", "1e200", "nan")


FUNCTIONS_OF = """\
def h(u) = u * x + 1
def ode(q, t) = x * q
def p(u, k = 2) = u * k
def twice(g, u) = g(g(u))
def several(u) {
    return u, x * u
}
rule ru(u) = u^2 with derivative 2 * u"""


class Writer(NamedTuple):
    """Writes random programs."""

    random: random.Random

    def expression(self, depth: int) -> str:
        """A random expression: of numbers, vectors and matrices, which may fit together or not."""
        choose = self.random.choice
        if depth <= 0 or self.random.random() < 0.15:
            return choose(("x", "y", "w", "M", "v", choose(NUMBERS), "[x, y]", "[[x, 1], [y, 2]]", "w[0]", "M[0, 1]"))
        kind = self.random.random()
        if kind < 0.4:
            operator = choose(OPERATORS)
            return f"({self.expression(depth - 1)} {operator} {self.expression(depth - 1)})"
        if kind < 0.5:
            return f"{self.expression(depth - 1)}{choose(SUBSCRIPTS)}"
        if kind < 0.6:
            left, right = self.expression(depth - 2), self.expression(depth - 2)
            sides = f"{self.expression(depth - 1)}, {self.expression(depth - 1)}"
            return f"where({left} {choose(('<', '<=', '>', '==', '!='))} {right}, {sides})"
        if kind < 0.65:
            return f"derivative({self.expression(depth - 1)}, {choose(('x', 'w', 'v'))})"
        if kind < 0.75:
            return self.form(depth)
        name = choose(sorted(FUNCTIONS))
        row = FUNCTIONS[name]
        count = row.arity if row.most is not None else row.arity + self.random.randrange(2)
        operands = ", ".join(self.expression(depth - 1) for _ in range(count))
        axis = choose(AXES) if getattr(row, "takes_axis", False) and self.random.random() < 0.3 else ""
        return f"{name}({operands}{axis})"

    def form(self, depth: int) -> str:
        """A form of the language: over an index, a condition as a value, a call of a function of the program."""
        one, other, third = (self.expression(depth - 1) for _ in range(3))
        index = self.random.choice(("i = 0 to 1", "i = 1 to 0", "i = 2 to 0 step -1", "i = 0 to 1 for j = i to 1"))
        return self.random.choice((
            f"sum({one} * i for {index})", f"prod({one} for {index})", f"mean({one} for {index} if i < {other})",
            f"max({one} + i for {index})", f"[{one} for {index}]", f"norm({one} for {index})",
            f"({one} < {other} <= {third})", f"(({one} > {other}) * {third})", f"({one} if {other} else {third})",
            f"not {one}", f"({one} and {other})", f"p({one}, k = {other})", f"p({one})", f"twice(h, {one})",
            f"twice(sin, {one})", f"twice(ru, {one})", f"ru({one})", f"integrate(h, {one}, {other})",
            f"odeint(ode, [{one}], [0, {other}])",
        ))  # fmt: skip

    def program(self) -> str:
        """A random program with the outputs r and L."""
        lines = ["input x = 1, y = 2", "input w[2] = [0.5, -1]", "input M[2, 2] = [[1, 0.2], [0.3, 2]]", FUNCTIONS_OF]
        lines += ["v = x", f"v = {self.expression(2)}"]
        for _ in range(self.random.randrange(3)):
            lines.append(self.statement())
        lines.append(f"r = {self.expression(3)}")
        return (
            "\n".join([*lines, f"output L = {self.random.choice(('sum(r) + x', 'r', 'v', 'x * r'))}", "output r"])
            + "\n"
        )

    def statement(self) -> str:
        """A random statement that gives v a new value."""
        choose, value = self.random.choice, self.expression(2)
        return choose(
            (
                f"v = {value}",
                f"if {self.expression(1)} < {self.expression(1)} {{ v = {value} }} else {{ v = v * 2 }}",
                f"for k = 1 to 3 {{ v = {value} }}",
                f"for k = 0 to 1 step 0.5 {{ v = v + k * {value} }}",
                f"s = 0\nwhile s < 2 {{ s = s + 1; v = {value} }}",
                f"def f(u) = {value}\nv = f(x)",
                f"v[0] = {value}",
                f"v {choose(('+', '-', '*', '/'))}= {value}",
                f"v[0] += {value}",
                f"v, y = {value}, v",
                f"v, y = {value}",
                f"a, v = several({value})",
                f"for k = 1 to 9 {{ v = {value}; if k > 2 {{ break }}; if v {{ continue }}; v *= 2 }}",
                f"s = 0\nwhile 1 {{ s += 1; if s > 3 {{ break }}; v = {value}; if not v {{ continue }}; v += 1 }}",
                f"require {value} > -1e9",
            )
        )

    def command(self) -> str:
        """A random command line."""
        choose = self.random.choice
        command = choose(COMMANDS) + (choose(ENDINGS) if self.random.random() < 0.3 else "")
        without = command.split()[0] in ("fmt", "adjoint", "tangent", "emit", "lint", "page", "batch")
        forms = "" if without else f" --format {choose(FORMATS)}"
        if command.startswith("batch"):
            return f"{command} --x {choose(POINTS)}"
        inputs = f" --x {choose(POINTS)}" + (f" --w '[{choose(POINTS)}, {choose(POINTS)}]'" if choose((0, 1)) else "")
        return command + forms + ("" if command.split()[0] in ("fmt", "lint") else inputs)


def ran(command: str, path: Path) -> tuple[int, str]:
    """The status of a command, and what it says on standard error."""
    first, *others = (str(path.with_name(word)) if word == ROWS else word for word in shlex.split(command))
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()  # the bytes of rows go below the text
    with redirect_stdout(out), redirect_stderr(err):
        status = main([first, str(path), *others])
    return status, err.getvalue()


def failures(runs: int, seed: int, folder: Path) -> list[str]:
    """What went wrong in so many runs: a text for each."""
    writer, found, path = Writer(random.Random(seed)), [], folder / "p.ad"
    rows = [f"{place},{point}\n" for place, point in enumerate((*POINTS, "", "a"))]
    (folder / ROWS).write_text("".join(["id,y\n", *rows]))
    for _ in range(runs):
        text, command = writer.program(), writer.command()
        if command.startswith("batch"):  # whose inputs are numbers
            text = text.replace("input w[2]", "w").replace("input M[2, 2]", "M")
        path.write_text(text)
        status, err = ran(command, path)
        if status not in (0, 1, 2) or "internal" in err:
            found.append(f"adcli {command}\n{text}{err}")
    return found


if __name__ == "__main__":
    budget.LEAST = 0.05  # a comparison may be short here
    runs, seed = (int(text) for text in [*sys.argv[1:], *("10000", "0")[len(sys.argv) - 1 :]])
    with tempfile.TemporaryDirectory() as folder:
        found = failures(runs, seed, Path(folder))
    print("\n\n".join(found) or f"{runs:,} runs with the seed {seed}: none ended with an error of adcli's own")
    sys.exit(bool(found))
