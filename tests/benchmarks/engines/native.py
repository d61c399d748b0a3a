"""What is written in C, by hand, for benchmarks: compiled by the system's compiler, where there is one."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

PROGRAMS = """
#include <math.h>

/* value and gradient of a = (sin(a * y) + x) / y, done again and again from a = x */
void chain(long rounds, double x, double y, double *kept, double *results) {
    double a = x, by_x = 0, by_y = 0, bar = 1;
    for (long k = 0; k < rounds; k++) {
        kept[k] = a;
        a = (sin(a * y) + x) / y;
    }
    results[0] = a;
    for (long k = rounds - 1; k >= 0; k--) {
        double bar_sum = bar / y, bar_product = bar_sum * cos(kept[k] * y);
        by_y += bar_product * kept[k] - bar_sum * a;
        by_x += bar_sum;
        bar = bar_product * y;
        a = kept[k];
    }
    results[1] = by_x + bar;
    results[2] = by_y;
}

/* value and gradient of the program of batch.py, row by row */
void rows(long count, const double *xs, const double *ys, double *values, double *by_x, double *by_y) {
    for (long k = 0; k < count; k++) {
        double x = xs[k], y = ys[k], p = x * y, a = p + sin(x), cy = cos(y), b = a * a - cy * x;
        double s = 1 + a * a, c = b / s, q = exp(-c * c), d = q + p, r = sqrt(1 + b * b), e = d * a + r;
        double bar_d = e + d * a, bar_c = -2 * bar_d * q * c;
        double bar_b = d * b / r + bar_c / s, bar_a = d * d + 2 * a * (bar_b - bar_c * c / s), bar_p = bar_d + bar_a;
        values[k] = e * d;
        by_x[k] = bar_p * y + bar_a * cos(x) - bar_b * cy;
        by_y[k] = bar_p * x + bar_b * x * sin(y);
    }
}
"""


def compiled() -> Any:
    """The programs, compiled. Raises ImportError where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise ImportError("cc")
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "programs.c"), Path(folder, "programs.so")
        source.write_text(PROGRAMS)
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, source, "-lm"], check=True)
        return ctypes.CDLL(str(library))  # which stays when the file is gone
