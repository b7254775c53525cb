# ruff: noqa: INP001 - a script, not part of a package
"""Make .venv and install what requirements.lock names; needs nothing but Python.

Belongs here: what every make target needs first. Does not belong here: choosing versions, which
`make lock` does.
"""

import re
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "installed"
LOG = VENV / "install.log"
OLDEST = (3, 11)
PIP = [VENV / "bin/python", "-m", "pip", "--disable-pip-version-check", "install", "--no-deps"]
LOCKED = ["--require-hashes", "--only-binary", ":all:", "-r", LOCK]
APPLICATION = ["--no-build-isolation", "--config-settings", "editable_mode=compat", "-e", ROOT]


def say(text: str) -> None:
    """Show what is going on: in a terminal on one line that changes, elsewhere line by line."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\033[K{text}")
    elif text.endswith("\n"):
        sys.stdout.write(text)
    sys.stdout.flush()


def install(arguments: list[str | Path], total: int) -> None:
    """Run pip, counting the packages it fetches; its own words go to a log."""
    fetched = 0
    with (
        LOG.open("a", encoding="utf-8") as log,
        subprocess.Popen(  # noqa: S603 - our own command and arguments
            [*PIP, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as pip,
    ):
        for line in pip.stdout or ():
            log.write(line)
            if package := re.match(r"Collecting ([^=\s\[]+)", line):
                fetched += 1
                say(f"  fetching {fetched} of {total}: {package[1]}")
            elif line.startswith("Installing collected packages"):
                say(f"  unpacking {fetched} packages ...")
    if pip.returncode:
        say("\n")
        last = LOG.read_text("utf-8").strip().splitlines()[-5:]
        sys.exit("\n".join(["Installation failed; pip said:", *last, f"The whole log is {LOG}."]))


def main() -> None:
    """Install, and leave a stamp that says so."""
    if sys.version_info < OLDEST:
        sys.exit(
            f"Python {'.'.join(map(str, OLDEST))} or newer is needed, this is "
            f"{sys.version.split()[0]}. Name another: make PYTHON=python3.11 ..."
        )
    start = time.monotonic()
    packages = len(re.findall(r"^[a-z0-9].*==", LOCK.read_text("utf-8"), re.MULTILINE))
    say(f"Setting up .venv with {packages} packages; this takes about two minutes, once.\n")
    if not (VENV / "bin/pip").exists():
        venv.create(VENV, with_pip=True)
    LOG.unlink(missing_ok=True)
    install(LOCKED, packages)
    install(APPLICATION, 1)
    STAMP.touch()
    say(f"Set up in {time.monotonic() - start:.0f} s.\n")


if __name__ == "__main__":
    main()
