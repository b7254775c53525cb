"""Configuration files are data: they run nothing and name no place outside their folders."""

from __future__ import annotations

import pytest
import yaml
from pydantic import ValidationError

from models.config import Source, load_config
from models.errors import ConfigError
from sources import spec
from sources.spec import load_system

CONFIG = """
enterprise: {{code: E, name: E, time_zone: UTC, currency: EUR}}
sources: [{{name: {name}, system: {system}, path: feed}}]
"""


@pytest.mark.parametrize(
    "attack",
    [
        "!!python/object/apply:os.system ['touch {marker}']",
        "!!python/object/new:os.system ['touch {marker}']",
        "!!python/name:os.system",
    ],
)
def test_config_attacks_run_nothing(attack, tmp_path, monkeypatch):
    marker = tmp_path / "marker"
    attack = attack.format(marker=marker)
    (tmp_path / "scorecard.yml").write_text(f"enterprise: {attack}\n", "utf-8")
    with pytest.raises(ConfigError, match="not valid YAML"):
        load_config(tmp_path / "scorecard.yml")
    monkeypatch.setattr(spec, "SYSTEMS_DIR", tmp_path)
    load_system.cache_clear()
    (tmp_path / "vendor.yml").write_text(f"description: {attack}\n", "utf-8")
    with pytest.raises(ConfigError, match="not valid YAML"):
        load_system("vendor")
    assert not marker.exists()


@pytest.mark.parametrize("place", ["../../etc/x", "/etc/x", "a/b", "..", "a\\nb", "é"])
def test_config_attacks_lead_nowhere(place, tmp_path):
    """Names become folders and files, so they may only be names."""
    path = tmp_path / "scorecard.yml"
    for names in ({"name": place, "system": "files"}, {"name": "mes", "system": place}):
        shown = {k: yaml.safe_dump(v).removesuffix("\n...\n").strip() for k, v in names.items()}
        path.write_text(CONFIG.format(**shown), "utf-8")
        with pytest.raises(ConfigError, match="lower case letters"):
            load_config(path)
    table = {"name": place, "source_name": "t", "key": ("id",), "change": "full"}
    with pytest.raises(ValidationError, match="lower case letters"):
        spec.TableSpec(**table)
    with pytest.raises(ValidationError):
        Source(name="mes", system="files", path="feed", secret="x")
