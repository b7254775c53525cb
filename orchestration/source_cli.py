"""Commands about sources: `source new`, `source stub`, `source check` and `source codes`.

Belongs here: their options, which files are written, and what is printed. Does not belong here:
looking at a database (`sources.introspect`, `sources.probe`), the text of a stub
(`orchestration.stubs`).
"""

from __future__ import annotations

import os
from dataclasses import astuple, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from models.config import NAME, Source
from models.contract import canonical_tables
from models.errors import ConfigError, ScorecardError
from orchestration import output
from orchestration.configuration import find_config
from orchestration.options import as_option, config_option

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.config import Config
    from orchestration.output import Form
    from sources.introspect import Table
    from sources.probe import Finding

DOMAINS = ("mes", "erp", "hr")


@click.group()
def source() -> None:
    """Connect a source and look after it."""


@source.command()
@click.argument("name")
@click.option("--url-env", metavar="VARIABLE", help="Variable that holds the database's URL.")
@click.option(
    "--path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="SQLite file, in place of --url-env.",
)
@click.option("--schema", "schemas", multiple=True, help="Schema; the default one if empty.")
@click.option("--tables", metavar="a,b,c*", help="Only these tables; all that fit if empty.")
@click.option(
    "--domain",
    "domains",
    type=click.Choice(DOMAINS),
    multiple=True,
    help="Write staging stubs for the mandatory tables of this domain; of all if empty.",
)
def new(  # noqa: PLR0913, PLR0917 - the command's options
    name: str,
    url_env: str | None,
    path: Path | None,
    schemas: tuple[str, ...],
    tables: str | None,
    domains: tuple[str, ...],
) -> None:
    """Look at a database and write system NAME: its YAML and staging stubs, all proposals."""
    from orchestration import codegen  # noqa: PLC0415 - parses YAML
    from orchestration.stubs import canonical_names, stub  # noqa: PLC0415 - as above
    from sources.introspect import inspect  # noqa: PLC0415 - slow
    from sources.proposal import source_entry, system_yml  # noqa: PLC0415 - slow

    _refuse_taken(name, codegen.ROOT)
    if (url_env is None) == (path is None):
        raise ConfigError("Name the database.", "Give either --url-env or --path.")
    patterns = [part.strip() for part in (tables or "").split(",") if part.strip()]
    looked = inspect(Source(name=name, system=name, url_env=url_env, path=path), schemas, patterns)
    if not looked.tables:
        reasons = "; ".join(f"{s.source_name} {s.why}" for s in looked.skipped[:5])
        raise ConfigError(f"None of the tables can be read: {reasons}.", "Name others.")
    files = {
        Path(f"sources/systems/{name}.yml"): system_yml(
            name, looked, day=datetime.now(UTC).date().isoformat()
        )
    }
    for table in canonical_names((), domains or DOMAINS):
        model = codegen.STAGING / name / f"stg_{name}__{table}.sql"
        files[model] = stub(name, canonical_tables()[table], looked.tables)
    written = _write(codegen.ROOT, files)
    written += [str(p) for p in codegen.write()]
    click.echo(
        f"{looked.server}: {len(looked.tables)} tables proposed, {len(looked.skipped)} left out"
    )
    for line in (s for s in written if "/base/" not in s):
        click.echo(f"  {line}")
    click.echo("\nAdd to `sources` in scorecard.yml:\n")
    click.echo(source_entry(name, looked, url_env=url_env, path=str(path) if path else None))
    click.echo(
        f"Then read sources/systems/{name}.yml, fill in the stubs one after the other,\n"
        "and look at `scorecard source check` after each."
    )


@source.command("stub")
@click.argument("name")
@click.argument("tables", nargs=-1, required=True)
@click.option(
    "--from",
    "of",
    metavar="TABLE",
    help="Table of the system's YAML that the stub reads; the most similar one if empty.",
)
@config_option
def write_stub(name: str, tables: tuple[str, ...], of: str | None, config: Path | None) -> None:
    """Write a staging stub of further canonical TABLES for source NAME of scorecard.yml."""
    from orchestration import codegen  # noqa: PLC0415 - parses YAML
    from orchestration.stubs import stub  # noqa: PLC0415 - as above

    known = _source(find_config(config), name)
    for table in tables:
        if table not in canonical_tables():
            raise ConfigError(f"There is no canonical table {table!r}.", "See docs/canonical.md.")
    looked = _tables_of(known)
    if of and of not in {table.name for table in looked}:
        raise ConfigError(
            f"sources/systems/{known.system}.yml has no table {of!r}.",
            f"It has {', '.join(table.name for table in looked)}.",
        )
    files = {
        codegen.STAGING / known.system / f"stg_{known.system}__{table}.sql": stub(
            known.system, canonical_tables()[table], looked, of=of
        )
        for table in tables
    }
    for written in (*_write(codegen.ROOT, files), *codegen.write()):
        click.echo(str(written))


@source.command()
@click.argument("name", required=False)
@config_option
@as_option
def check(name: str | None, config: Path | None, form: Form) -> None:
    """Test the sources: connection, grants, change tracking, mapping, and the KPIs that follow.

    Ends with 1 if something failed that a run would fail on.
    """
    from orchestration.source_check import check_kpis, check_source  # noqa: PLC0415 - slow

    found = find_config(config)
    chosen = [_source(found, name)] if name else [*found.sources]
    findings = [(s.name, f) for s in chosen for f in check_source(s, found)]
    findings += [("", finding) for finding in check_kpis(found)]
    _print(findings, form)
    failed = sum(finding.state == "failed" for _, finding in findings)
    if failed:
        raise ScorecardError(f"{failed} things failed.", "Each line above says what to mend.")


@source.command()
@config_option
@as_option
def codes(config: Path | None, form: Form) -> None:
    """List the codes that kept rows out, and which known code each may mean.

    `--as csv` prints rows for xref_code.csv; where no known code is much alike, the last one is
    for you to fill in.
    """
    from orchestration.unmapped import pasted, unmapped_codes  # noqa: PLC0415 - reads DuckDB

    found = unmapped_codes(find_config(config))
    if form == "csv":
        output.table([*canonical_tables()["xref_code"].columns], pasted(found), form)
        return
    columns = ("source", "entity", "code", "rows", "first", "last", "found in", "may mean")
    rows = [
        (c.source, c.entity, c.code, c.rows, c.first_day, c.last_day, c.found_in, c.suggestion)
        for c in found
    ]
    output.table(columns, rows, form)


def _print(findings: Sequence[tuple[str, Finding]], form: Form) -> None:
    if form != "table":
        columns = ("source", "what", "name", "state", "detail")
        output.table(columns, [(name, *astuple(f)) for name, f in findings], form)
        return
    mark = {"ok": "ok", "warn": "WARN", "failed": "FAILED", "none": "-"}
    rows = [(name, f.what, f.name, mark[f.state], f.detail) for name, f in findings]
    for what, title in (
        (("connection", "clock", "grants"), "the database"),
        (("table", "personal"), "its tables"),
        (("canonical",), "canonical tables"),
        (("kpi",), "KPIs of the enterprise"),
    ):
        part = [row for row in rows if row[1] in what]
        if part:
            click.echo(f"\n{title}")
            columns = ("source", "what", "name", "state", "detail")
            kept = 2 if what == ("kpi",) else 0
            output.table(columns[kept:], [row[kept:] for row in part], form)


def _tables_of(known: Source) -> list[Table]:
    """The tables of a source as its system names them."""
    from sources.introspect import inspect  # noqa: PLC0415 - slow
    from sources.spec import FILES, load_system  # noqa: PLC0415 - parses YAML

    if known.system == FILES:
        raise ConfigError("A feed needs no staging models.", "Its files are in canonical shape.")
    specs = {spec.source_name: spec for spec in load_system(known.system).tables}
    schemas = sorted({name.rpartition(".")[0] for name in specs} - {""})
    looked = inspect(known, schemas, [*specs])
    return [
        replace(table, name=specs[table.source_name].name, cursor=specs[table.source_name].cursor)
        for table in looked.tables
        if table.source_name in specs
    ]


def _refuse_taken(name: str, root: Path) -> None:
    from sources.spec import SYSTEMS_DIR, system_names  # noqa: PLC0415 - parses YAML

    if not NAME.fullmatch(name):
        raise ConfigError(
            f"{name!r} is no name for a system.", "Small letters, digits and _, such as acme_mes."
        )
    staging = root / "dbt_project/models/staging"
    if (
        not staging.is_dir()
        or not os.access(staging, os.W_OK)
        or not os.access(SYSTEMS_DIR, os.W_OK)
    ):
        raise ConfigError(
            f"Systems are files of the project, and {staging} cannot be written.",
            "Work in a clone of the repository that is installed with `pip install -e .`.",
        )
    if name in system_names() or (staging / name).exists():
        raise ConfigError(
            f"There is a system {name!r} already, and nothing of it is overwritten.",
            f"Choose another name, or remove sources/systems/{name}.yml and "
            f"dbt_project/models/staging/{name}/.",
        )


def _write(root: Path, files: dict[Path, str]) -> list[str]:
    """Write new files. Raises `ConfigError` before the first if one is there already."""
    for path in files:
        if (root / path).exists():
            raise ConfigError(f"{path} is there already.", "Remove it, if you want it anew.")
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return [str(path) for path in files]


def _source(config: Config, name: str) -> Source:
    for known in config.sources:
        if known.name == name:
            return known
    names: Iterable[str] = (known.name for known in config.sources)
    raise ConfigError(f"There is no source {name!r}.", f"Configured are {', '.join(names)}.")


COMMANDS = (source,)
