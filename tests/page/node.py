"""Runs modules of the page in Node."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_PACKAGE = Path(__file__).parents[2] / "adcli"
SCRIPT = _PACKAGE / "page" / "script"
_KERNELS = _PACKAGE / "emit" / "script"  # which the page shares with `adcli emit`

_HARNESS = """
import {{ readFileSync }} from 'node:fs';
globalThis.DATA = JSON.parse(readFileSync(0, 'utf8'));
const special = (key, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value)
  : Object.is(value, -0) ? '-0' : value);
globalThis.tell = (result) => process.stdout.write(JSON.stringify(result, special));
{source}
"""


_IMPORTED = re.compile(r"(?<=')\./([\w/]+\.mjs)(?=')")


def _address(imported: re.Match[str]) -> str:
    kernel = _KERNELS / imported[1]
    return (kernel if kernel.exists() else SCRIPT / imported[1]).as_uri()


def run_node(source: str, data: Any = None) -> Any:
    """What a module text gives to `tell`; it may import modules of the page as `./x.mjs`, and has `DATA`.

    Numbers that JSON does not have come back as the texts `NaN`, `Infinity`, `-Infinity` and `-0`.
    """
    node = shutil.which("node")
    if node is None:
        pytest.skip("the page's script is tested by Node, which is not on this machine (apt install nodejs)")
    text = _HARNESS.format(source=_IMPORTED.sub(_address, source))
    done = subprocess.run(
        [node, "--input-type=module", "--eval", text],
        input=json.dumps(data), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)
