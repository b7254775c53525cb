"""How long the whole demo takes and how much memory: simulate, run, run again, show.

Measured after installation, in a folder of its own. Memory is the largest sum over all processes
of a step (proportional set size, so pages that processes share count once), sampled from /proc:
Linux only. Compare with the budget: 180 s and 2 GB for `make demo` on 2 cores.

Belongs here: measuring. Does not belong here: making the demo.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
SAMPLE_SECONDS = 0.2
BUDGET_SECONDS = 180
BUDGET_MB = 2000


@dataclass
class Measured:
    """One step of the demo."""

    name: str
    seconds: float
    peak_mb: float


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


def measure(name: str, command: list[str | Path], environment: dict[str, str]) -> Measured:
    """Run a command to its end; a failure ends the benchmark."""
    start = time.monotonic()
    peak = 0.0
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    while process.poll() is None:
        peak = max(peak, memory_mb(process.pid))
        time.sleep(SAMPLE_SECONDS)
    if process.returncode:
        sys.exit(f"{name} failed with exit code {process.returncode}")
    return Measured(name, time.monotonic() - start, peak)


def memory_mb(session: int) -> float:
    """Memory of all processes of a session just now."""
    total = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if os.getsid(int(entry.name)) != session:
                continue
            rollup = (entry / "smaps_rollup").read_text("utf-8")
        except OSError:  # it ended between two looks
            continue
        total += sum(int(x.split()[1]) for x in rollup.splitlines() if x.startswith("Pss:"))
    return total / 1024


if __name__ == "__main__":
    main()
