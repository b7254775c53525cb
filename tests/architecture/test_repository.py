"""What must never be committed: addresses of package indexes, big files, telemetry left on."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000


def tracked() -> list[Path]:
    out = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, text=True
    )
    if out.returncode:
        pytest.skip("not a git checkout, so there is no list of committed files")
    return [ROOT / name for name in out.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_is_over_a_megabyte():
    assert [p.name for p in tracked() if p.stat().st_size > MEGABYTE] == []


@pytest.mark.parametrize(
    ("name", "least"),
    [("requirements", 100), ("requirements-bench", 30), ("requirements-tryton", 30)],
)
def test_the_lock_has_hashes_and_no_addresses(name, least):
    lock = (ROOT / f"{name}.lock").read_text("utf-8")
    assert not re.search(r"https?://|--index|--find-links", lock)
    pins = re.findall(r"^[a-z0-9][^ ]*==[^ ]+.*?\\$", lock, flags=re.MULTILINE)
    assert len(pins) > least
    for block in re.split(r"\n(?=[a-z0-9])", lock.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_telemetry_is_off():
    dagster = yaml.safe_load((ROOT / "dagster.yaml").read_text("utf-8"))
    dbt = yaml.safe_load((ROOT / "dbt_project/dbt_project.yml").read_text("utf-8"))
    assert dagster["telemetry"] == {"enabled": False}
    assert dagster["nux"] == {"enabled": False}
    assert dbt["flags"]["send_anonymous_usage_stats"] is False
