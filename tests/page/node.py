"""Runs modules of the page in Node: one process, which is started once, runs one after another."""

from __future__ import annotations

import atexit
import json
import re
import shutil
import subprocess
import threading
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_PACKAGE = Path(__file__).parents[2] / "adcli"
SCRIPT = _PACKAGE / "page" / "script"
_KERNELS = _PACKAGE / "emit" / "script"  # which the page shares with `adcli emit`

# A line asks for a module, as `{ source, data }`, and a line answers: `{ told }` is what it gave to `tell`, or
# `{ failed }` is what it threw. The comment makes a text that was asked for before another module, which runs again.
_SERVER = """
import { createInterface } from 'node:readline';
const special = (key, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value)
  : Object.is(value, -0) ? '-0' : value);
let asked = 0;
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { source, data } = JSON.parse(line);
  const answer = { failed: 'it told nothing' };
  globalThis.DATA = data;
  globalThis.tell = (told) => { delete answer.failed; answer.told = told; };
  try {
    asked += 1;
    await import(`data:text/javascript,${encodeURIComponent(`${source}\n// ${asked}`)}`);
  } catch (error) {
    answer.failed = String(error?.stack ?? error);
  }
  process.stdout.write(`${JSON.stringify(answer, special)}\n`);
}
"""
_PATIENCE = 300.0  # seconds for one module


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
    process = _server(node)
    assert process.stdin is not None and process.stdout is not None
    watch = threading.Timer(_PATIENCE, process.kill)
    watch.start()
    try:
        process.stdin.write(json.dumps({"source": _IMPORTED.sub(_address, source), "data": data}) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
    finally:
        watch.cancel()
    if not line:
        _server.cache_clear()
    assert line, f"Node ended, with status {process.wait()}, or took more than {_PATIENCE:.0f} seconds"
    answer = json.loads(line)
    assert "failed" not in answer, answer["failed"][-4000:]
    return answer["told"]


@cache
def _server(node: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [node, "--input-type=module", "--eval", _SERVER],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    atexit.register(process.kill)
    return process
