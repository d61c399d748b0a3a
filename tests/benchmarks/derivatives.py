"""What derivatives cost beside values, and one gradient beside other tools, where these are installed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from pathlib import Path

from adcli.api import load
from adcli.derive.hessians import hessian, hessian_times
from adcli.derive.jacobians import jacobian
from adcli.derive.modes import gradient, hessian_product
from adcli.program.check import program_from
from adcli.program.program import Program
from adcli.syntax.source import Source
from adcli.tape.execute import execute
from adcli.tape.fast import sweep
from adcli.tape.reach import active_entries
from tests.benchmarks.timing import Work, ratio

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
ROUNDS = 500
BODY = ["b = a * y", "c = sin(b)", "d = c + x", "a = d / y"]


def chain(inputs: int) -> tuple[Program, Mapping[str, float]]:
    """A tape of 100,000 operations, whatever the number of inputs."""
    names = [f"x{index}" for index in range(inputs)]
    lines = [f"input {', '.join(names)}", "a = 1"]
    lines += [f"a = sin(a * {names[index % inputs]})" for index in range(50_000)]
    return program_from(Source("benchmark", "\n".join(lines))), dict.fromkeys(names, 0.9)


def rosenbrock(inputs: int) -> tuple[Program, Mapping[str, float]]:
    names = [f"x{index}" for index in range(inputs)]
    lines = [f"input {', '.join(names)}", "s = 0"]
    lines += [f"s = s + 100 * ({b} - {a}^2)^2 + (1 - {a})^2" for a, b in itertools.pairwise(names)]
    return program_from(Source("benchmark", "\n".join(lines))), dict.fromkeys(names, 0.5)


def one_sweep_whatever_the_inputs() -> None:
    works = []
    for inputs in (10_000, 10):
        program, point = chain(inputs)
        tape = execute(program, point)
        entries = list(tape.inputs.values())
        works.append(
            lambda tape=tape, entries=entries: sweep(tape, {tape.bindings["a"]: 1.0}, active_entries(tape, entries))
        )
    print(f"sweep, 10,000 inputs beside 10     {ratio(*works):5.2f}   (at most 1.2)")


def gradients_beside_values() -> None:
    for path in sorted(SAMPLES.glob("**/*.ad")):
        run = load(str(path)).tape().run
        if len(run.tape) <= 50:
            continue
        program, point, output = run.program, run.point, run.program.outputs[0]

        def value(program: Program = program, point: Mapping[str, float] = point) -> object:
            return execute(program, point)

        def slopes(program: Program = program, point: Mapping[str, float] = point, output: str = output) -> object:
            tape = execute(program, point)
            return gradient(tape, tape.bindings[output], list(tape.inputs))

        print(f"gradient / value, {path.stem:16} {ratio(slopes, value):5.2f}   (at most 4)")


def product_and_gradient(inputs: int) -> tuple[Work, Work]:
    """A product with the Hessian, and a gradient, both with a run of the program."""
    program, point = rosenbrock(inputs)

    def slopes() -> object:
        tape = execute(program, point)
        return gradient(tape, tape.bindings["s"], list(point))

    def product() -> object:
        tape = execute(program, point)
        return hessian_product(tape, tape.bindings["s"], dict.fromkeys(point, 1.0), list(point))

    return product, slopes


def products_beside_gradients() -> None:
    for inputs in (10, 1_000):
        each = ratio(*product_and_gradient(inputs))
        print(f"hessian times vector / gradient, {inputs:5} inputs {each:5.2f}   (at most 3)")
        program, point = rosenbrock(inputs)
        names = list(point)
        tape = execute(program, point)
        times = hessian_times(tape, tape.bindings["s"], names)
        for _ in range(10):  # of which the later ones have a plan
            times(point)
        swept = ratio(lambda: times(point), lambda: gradient(tape, tape.bindings["s"], names))  # noqa: B023
        print(f"the same by a plan / sweep,      {len(names):5} inputs {swept:5.2f}   (at most 1.5)")


def hessians_beside_gradients() -> None:
    """Of few derivatives other than 0, and of all: beside a gradient for each input."""
    times = {}
    for inputs in (100, 1_000):
        program, point = rosenbrock(inputs)
        tape, names = execute(program, point), list(point)
        output = tape.bindings["s"]
        each = ratio(
            lambda: hessian(tape, output, names), lambda: gradient(tape, output, names), 5  # noqa: B023
        )  # fmt: skip
        times[inputs] = each
        text = f"sparse hessian / {inputs} gradients"
        print(f"{text:34} {each / inputs:6.3f}   (at most {100 / inputs:g}); {each:.1f} gradients")
    print(f"its growth from 100 to 1,000 inputs {times[1_000] / times[100]:5.2f}   (at most 3, beside a gradient)")
    print(f"dense hessian / 50 gradients       {ratio(*dense_hessian_and_gradient(50), 5) / 50:6.3f}   (at most 2)")


def dense_hessian_and_gradient(inputs: int) -> tuple[Work, Work]:
    """A Hessian without a zero, and a gradient, of a tape that is there."""
    names = [f"x{place}" for place in range(inputs)]
    lines = [f"input {', '.join(names)}", f"s = {' + '.join(names)}", "f = sin(s)"]
    lines += [f"f = f + cos({name} * s) * s" for name in names]
    tape = execute(program_from(Source("benchmark", "\n".join(lines))), dict.fromkeys(names, 0.5))
    output = tape.bindings["f"]
    return lambda: hessian(tape, output, names), lambda: gradient(tape, output, names)


def jacobians_beside_gradients() -> None:
    program = program_from(Source("benchmark", "input x[302]\nr = x[2:]^2 * x[1:-1] - sin(x[:-2])\nf = sum(r)"))
    import numpy

    tape = execute(program, {"x": numpy.linspace(0, 1, 302)})
    found = jacobian(tape, {"r": tape.bindings["r"]}, ["x"])
    each = ratio(
        lambda: jacobian(tape, {"r": tape.bindings["r"]}, ["x"]), lambda: gradient(tape, tape.bindings["f"], ["x"])
    )
    print(f"jacobian of 300 banded outputs / 300 gradients {each / 300:5.2f}   (at most 0.3); {found.sweeps} sweeps")


def traced() -> Work:
    """One gradient, with the run that makes the tape."""
    program = program_from(Source("benchmark", "\n".join(["input x = 1.1", "input y = 0.3", "a = x", *BODY * ROUNDS])))
    point = {"x": 1.1, "y": 0.3}

    def work() -> object:
        tape = execute(program, point)
        return gradient(tape, tape.bindings["a"], ["x", "y"])

    return work


def beside_other_tools() -> None:
    ours = traced()
    for name, tool in TOOLS.items():
        try:
            theirs = tool()
        except ImportError:
            print(f"adcli beside {name:10} (not installed)")
            continue
        print(f"adcli beside {name:10} {ratio(ours, theirs):6.3f}")


def run_body(x: object, y: object, sin: Callable[[object], object], rounds: int = ROUNDS) -> object:
    a = x
    for _ in range(rounds):
        a = (sin(a * y) + x) / y  # type: ignore[operator]
    return a


def micrograd() -> Callable[[], object]:
    from micrograd.engine import Value  # type: ignore[import-not-found]

    def sin(a: Value) -> Value:
        out = Value(math.sin(a.data), (a,), "sin")

        def backward() -> None:
            a.grad += math.cos(a.data) * out.grad

        out._backward = backward
        return out

    import sys

    sys.setrecursionlimit(100_000)  # micrograd sorts its graph by recursion

    def work() -> object:
        x, y = Value(1.1), Value(0.3)
        run_body(x, y, sin).backward()  # type: ignore[attr-defined]
        return x.grad, y.grad

    return work


def autograd() -> Callable[[], object]:
    import autograd.numpy as np  # type: ignore[import-not-found]
    from autograd import grad

    slopes = grad(lambda p: run_body(p[0], p[1], np.sin))
    return lambda: slopes((1.1, 0.3))


def pytorch() -> Callable[[], object]:
    import torch  # type: ignore[import-not-found]

    def work() -> object:
        x = torch.tensor(1.1, dtype=torch.float64, requires_grad=True)
        y = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
        run_body(x, y, torch.sin).backward()  # type: ignore[attr-defined]
        return x.grad, y.grad

    return work


def casadi() -> Callable[[], object]:
    import casadi as ca  # type: ignore[import-not-found]

    def work() -> object:
        x, y = ca.SX.sym("x"), ca.SX.sym("y")
        value = run_body(x, y, ca.sin)
        return ca.Function("f", [x, y], [ca.gradient(value, ca.vertcat(x, y))])(1.1, 0.3)

    return work


TOOLS = {"micrograd": micrograd, "autograd": autograd, "PyTorch": pytorch, "CasADi": casadi}


if __name__ == "__main__":
    one_sweep_whatever_the_inputs()
    gradients_beside_values()
    products_beside_gradients()
    hessians_beside_gradients()
    jacobians_beside_gradients()
    beside_other_tools()
