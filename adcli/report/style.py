"""The style of tables in HTML: for a page, light or dark as the reader's machine is, and for a notebook."""

from __future__ import annotations

_TABLES = """\
SCOPE figure { margin: 0 0 1.5rem; }
SCOPE .wide { overflow-x: auto; }
SCOPE table { border-collapse: collapse; border-top: 2px solid; border-bottom: 2px solid; text-align: left; }
SCOPE caption, SCOPE .title { text-align: left; font-weight: 600; padding: .3rem 0; }
SCOPE thead th { border-bottom: 1px solid; font-weight: 600; }
SCOPE th, SCOPE td { padding: .25rem .7rem; vertical-align: top; text-align: left; border-left: 0; border-right: 0; }
SCOPE .number { text-align: right; font-variant-numeric: tabular-nums; }
SCOPE td.number { white-space: nowrap; }
SCOPE td.array { white-space: normal; min-width: 14ch; }
SCOPE .formula { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .92em; }
SCOPE .across th { font-weight: 600; padding-top: .6rem; }
SCOPE .across .formula { white-space: pre-wrap; }
SCOPE .dimmed { opacity: .75; }
SCOPE figcaption { font-size: .92em; padding-top: .3rem; }
SCOPE pre { overflow-x: auto; line-height: 1.2; }
"""

# In a notebook colours that are not its own would be wrong in the dark: only the weight tells.
NOTEBOOK = _TABLES.replace("SCOPE ", ".adcli ") + ".adcli .marked td, .adcli .wrong { font-weight: bold; }\n"

# Colours of texts have a contrast of 4.5 to 1 or more to what is behind them (WCAG 2.1, level AA).
PAGE = (
    """\
:root {
  color-scheme: light dark;
  --back: #ffffff; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --mark: #fff4ce; --head: #0b5cad;
  --good: #116329; --doubt: #7a4b00; --bad: #b3141d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14171c; --text: #e6e9ed; --soft: #a5aeb8; --line: #3b434d; --mark: #3a3114; --head: #8ec1ff;
    --good: #6fd88a; --doubt: #f0c060; --bad: #ff918a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.45 system-ui, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 1rem; }
.drawn { width: max-content; max-width: calc(100vw - 2rem); }
h1 { font-size: 1.3rem; overflow-wrap: anywhere; }
.note { border-left: 4px solid var(--doubt); padding: .4rem .8rem; background: var(--mark); overflow-wrap: anywhere; }
"""
    + _TABLES.replace("SCOPE ", "")
    + """\
tbody tr + tr > * { border-top: 1px solid var(--line); }
.across th { color: var(--head); }
.marked { background: var(--mark); }
.dimmed { color: var(--soft); opacity: 1; }
figcaption { color: var(--soft); }
.title { color: var(--text); font-size: 1rem; }
.verdict { font-weight: 600; }
.agrees { color: var(--good); }
.step, .nonsmooth { color: var(--doubt); }
.wrong, .undefined, .lost { color: var(--bad); }
@media print { .wide { overflow: visible; } }
"""
)
