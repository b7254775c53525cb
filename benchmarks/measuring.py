"""Running one command to its end and measuring it.

Memory is the largest sum over all processes of the command (proportional set size, so pages that
processes share count once), sampled from /proc: Linux only.

Does not belong here: what is measured.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
# what stands here is measured, whatever is installed
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
os.environ["PYTHONPATH"] = str(ROOT)
SAMPLE_SECONDS, MOST_SHARE = 0.2, 0.02
"""To look at gigabytes holds the process up, so no more than this share of the time goes there."""


@dataclass
class Measured:
    """One command."""

    name: str
    seconds: float
    peak_mb: float
    output: str


def measure(
    name: str, command: list[str | Path], environment: dict[str, str], *, capture: bool = False
) -> Measured:
    """Run a command to its end; a failure ends the benchmark. `capture` keeps what it prints."""
    start = time.monotonic()
    peak = 0.0
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
        stdout=subprocess.PIPE if capture else None,
        text=True,
    )
    while process.poll() is None:
        begun = time.monotonic()
        peak = max(peak, memory_mb(process.pid))
        time.sleep(max(SAMPLE_SECONDS, (time.monotonic() - begun) / MOST_SHARE))
    if process.returncode:
        sys.exit(f"{name} failed with exit code {process.returncode}")
    seconds = time.monotonic() - start
    return Measured(name, seconds, peak, process.stdout.read() if process.stdout else "")


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
