"""`adcli grad` on a ten-line program beside the bare imports of what it needs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent.parent
IMPORTS = [sys.executable, "-c", "import click, lark, rich.console, rich.table"]
PROGRAM = """\
# Ten lines.
input x = 2
input y = 3
a = x * y
b = sin(a)
c = a + b
d = exp(-c / 10)
f = d * x
g = log(1 + f^2)
output L = g + c
"""


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main(runs: int = 30) -> None:
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "model.ad"
        program.write_text(PROGRAM, encoding="utf-8")
        script = Path(sys.executable).with_name("adcli")
        start = [str(script)] if script.exists() else [sys.executable, "-m", "adcli"]
        grad = [*start, "grad", str(program)]
        for command in (grad, IMPORTS):  # writes the caches
            seconds(command)
        pairs = [(seconds(grad), seconds(IMPORTS)) for _ in range(runs)]
    ratio = median(a / b for a, b in pairs)
    print(f"adcli grad   {1e3 * median(a for a, _ in pairs):6.1f} ms")
    print(f"bare imports {1e3 * median(b for _, b in pairs):6.1f} ms")
    print(f"ratio        {ratio:6.2f}   (target: at most 1.25)")


if __name__ == "__main__":
    main()
