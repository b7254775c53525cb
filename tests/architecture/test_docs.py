"""Documents describe files and commands that exist."""

import re
import shlex
from pathlib import Path

import click
import pytest

from orchestration.cli import cli

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"^(?:\.venv/bin/)?scorecard (.+?)(?:\s+#.*|\s+>.*)?$", re.MULTILINE)
TARGET = re.compile(r"`make ([a-z-]+)`|^make ([a-z-]+)", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    links = [link for link in LINK.findall(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_make_targets_exist(page):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = {a or b for a, b in TARGET.findall(page.read_text("utf-8"))}
    assert {t for t in targets if not re.search(rf"^{t}:", makefile, re.MULTILINE)} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_commands_and_their_options_exist(page):
    for line in COMMAND.findall(page.read_text("utf-8")):
        if line.count('"') % 2:  # goes on in the next line
            continue
        command, arguments = cli, shlex.split(line, comments=True)
        context = click.Context(cli)
        while isinstance(command, click.Group):
            name, command, arguments = command.resolve_command(context, arguments)
            context = click.Context(command, parent=context, info_name=name)
        command.make_context(name, arguments, parent=context.parent)
