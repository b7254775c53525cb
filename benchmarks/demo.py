"""How long the whole demo takes and how much memory: simulate, run, run again, show.

Measured after installation, in a folder of its own. Compare with the budget: 180 s and 2 GB for
`make demo` on 2 cores.

Does not belong here: making the demo, and how a step is measured (`measuring`).
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from measuring import ROOT, measure

BIN = Path(sys.executable).parent
BUDGET_SECONDS = 180
BUDGET_MB = 2000


def main() -> None:
    """Print a table and, as the last line, one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, help="size of the simulated plant")
    days = parser.parse_args().days
    size = [] if days is None else ["--days", str(days)]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        plant = Path(folder) / "plant"
        config = Path(folder) / "scorecard.yml"
        demo = (ROOT / "examples/demo.yml").read_text("utf-8")
        config.write_text(demo.replace("../var/demo/", f"{plant}/"), "utf-8")
        environment = os.environ | {"SCORECARD_HOME": f"{folder}/home"}
        scorecard = [BIN / "scorecard"]
        at = ["--config", config]
        steps = {
            "simulate": [sys.executable, "-m", "sources.demo", "--out", plant, *size],
            "run": [*scorecard, "run", *at],
            "show": [*scorecard, "show", *at],
            "run, nothing new": [*scorecard, "run", *at],
        }
        measured = [measure(name, command, environment) for name, command in steps.items()]
    demo_seconds = sum(m.seconds for m in measured[:3])
    peak = max(m.peak_mb for m in measured)
    print(f"\n{'step':<20}{'seconds':>10}{'peak MB':>10}")
    for m in measured:
        print(f"{m.name:<20}{m.seconds:>10.1f}{m.peak_mb:>10.0f}")
    print(f"{'whole demo':<20}{demo_seconds:>10.1f}{peak:>10.0f}")
    print(f"{'budget':<20}{BUDGET_SECONDS:>10}{BUDGET_MB:>10}\n")
    print(
        json.dumps(
            {
                "benchmark": "demo",
                "days": days,
                "demo_seconds": round(demo_seconds, 1),
                "peak_mb": round(peak),
                "steps": {m.name: [round(m.seconds, 1), round(m.peak_mb)] for m in measured},
                "within_budget": demo_seconds < BUDGET_SECONDS and peak < BUDGET_MB,
            }
        )
    )


if __name__ == "__main__":
    main()
