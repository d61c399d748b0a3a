"""Every document is true: its commands give what it shows, its links lead somewhere, its programs are the samples."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from adcli.cli.group import adcli as command_line

from .conftest import ALL_SAMPLES, ROOT, SAMPLES, Adcli
from .documents import DOCUMENTS, anchors, blocks, check_consoles, document_name, links, prose

every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=document_name)
# What a command in a line of text leaves open, and what is put there.
_PLACEHOLDERS = {"PROGRAM": "samples/sine_product.ad", "COMMAND": "grad", "NAME": "huber", "CODE": "syntax"}
# Searches that take long. tests/jobs/test_finished.py has the same at each run.
_FINISHED = {"gaussian_mixture", "lennard_jones_13", "rocket", "waveform_inversion", "xor_network"}


def test_the_documents_are_those_of_the_rooms() -> None:
    """Each has the blocks that the tests below are about; none is left out by a change of a folder's name."""
    consoles = {document_name(path): len(blocks(path, "console")) for path in DOCUMENTS}
    least = {"README.md": 6, "adcli/cli/README.md": 10, "grammar/MISTAKES.md": 15, "samples/README.md": 20}
    assert {name for name, count in least.items() if consoles[name] < count} == set()


@every_document
def test_the_commands_give_what_is_shown(path: Path, adcli: Adcli, request: pytest.FixtureRequest) -> None:
    check_consoles(path, adcli, request.config.getoption("--update"))


@every_document
def test_links_lead_to_a_file_and_a_heading(path: Path) -> None:
    broken = []
    for link in links(path):
        if link.startswith("https://"):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        inside = ROOT.resolve() in target.parents and not file.startswith("/")
        if not (inside and target.exists()) or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_anchors_are_those_of_code_hosting_sites(tmp_path: Path) -> None:
    document = tmp_path / "document.md"
    document.write_text("# A title\n\n## `for` and `while`: loops\n\n## Twice\n\n## Twice\n\n```\n# no heading\n```\n")
    assert anchors(document) == {"a-title", "for-and-while-loops", "twice", "twice-1"}


@pytest.mark.parametrize("path", [ROOT / "README.md", SAMPLES / "README.md"], ids=document_name)
def test_a_program_that_is_shown_is_a_sample(path: Path) -> None:
    """Letter for letter, so that the lines that tables speak of are those of the text."""
    samples = [sample.read_text(encoding="utf-8") for sample in ALL_SAMPLES]
    shown = blocks(path, "")
    assert shown
    assert all(block.text in samples for block in shown)


@every_document
@pytest.mark.parametrize("patient", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_every_command_in_a_line_of_text_runs(
    path: Path, patient: bool, adcli: Adcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands with a program run; where there is none, the command and the options that are named exist."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "samples").symlink_to(SAMPLES)
    for text in dict.fromkeys(re.findall(r"`adcli ([^`]*)`", prose(path))):
        name, *words = (_PLACEHOLDERS.get(word, word) for word in shlex.split(text))
        if not patient and name in ("fit", "minimize") and words and Path(words[0]).stem in _FINISHED:
            continue
        for written in tmp_path.glob("*.ad"):
            written.unlink()
        if name != "new":
            (tmp_path / "model.ad").write_text("input x = 1\noutput y = x^2\n")
        if name in ("explain", "help", "new", "rules", "samples", "--version") or any(
            word[:1] != "-" for word in words
        ):
            assert adcli(name, *words).status == (1 if name == "quiz" else 0), text  # nobody answers there
        else:
            assert set(words) <= _options(name), text


def _options(name: str) -> set[str]:
    """The options of a command, without its inputs."""
    context = click.Context(command_line, **command_line.context_settings)  # click keeps what help is called
    command = command_line.get_command(context, name)
    assert command is not None, name
    return {option for parameter in command.get_params(context) for option in parameter.opts}
