"""How often which verdict is given on right and on wrong derivatives: the confusion matrix, at random hard points."""

from __future__ import annotations

import sys

from adcli.trust.judgement import Verdict
from tests.trust.hard_points import confusion, iterated_outcomes, outcomes


def main() -> None:
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    counts = confusion([*outcomes(points, seed), *iterated_outcomes(points, seed)])
    print(f"{'command':8} {'truth':13}" + "".join(f"{verdict.value:>10}" for verdict in Verdict))
    for command in ("grad", "check"):
        for kind in ("right", "zero", "wrong digits"):
            row = "".join(f"{counts[command, kind, verdict]:>10,}" for verdict in Verdict)
            print(f"{command:8} {kind:13}{row}")


if __name__ == "__main__":
    main()
