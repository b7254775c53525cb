"""Personal columns: only a keyed hash of them ever lands.

HMAC-SHA256 (RFC 2104) of the value's text in UTF-8, in hexadecimal. Equal values give equal hashes
under one key, so tables and sources can still be joined on them; without the key nobody can try
out names or badge numbers. DuckDB computes it on the way from the reader to the comparison, so that
no file, not even one put aside or spilled, holds the value itself.

Does not belong here: which columns are personal (`hash` in `sources/systems/<system>.yml`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from models.errors import ConfigError
from sources.readers.base import REASON, ROW, ident, literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from sources.readers.base import Rows, SourceTable
    from sources.spec import TableSpec

KEY_VARIABLE = "SCORECARD_HASH_KEY"
SHORTEST_KEY = 32
_BLOCK = 64


def prepare(duck: duckdb.DuckDBPyConnection, specs: Iterable[TableSpec]) -> str | None:
    """Give DuckDB the key if any table needs it; returns the key's fingerprint, else None.

    Raises `ConfigError` naming the table if the key is needed but missing, or easily guessed.
    """
    needing = next((spec for spec in specs if spec.hash), None)
    if needing is None:
        return None
    key = os.environ.get(KEY_VARIABLE, "").encode()
    if len(key) < SHORTEST_KEY:
        raise ConfigError(
            f"Table {needing.name} has personal columns ({', '.join(needing.hash)}), but the "
            f"environment variable {KEY_VARIABLE} holds no key of {SHORTEST_KEY} characters.",
            "Make one with `openssl rand -hex 32`, and keep it: another key gives other hashes.",
        )
    short = key if len(key) <= _BLOCK else hashlib.sha256(key).digest()
    block = short.ljust(_BLOCK, b"\0")
    # variables, because an error of DuckDB's may quote the statement
    for name, pad in (("inner_pad", 0x36), ("outer_pad", 0x5C)):
        duck.execute(f"SET VARIABLE {name} = unhex(?)", [bytes(b ^ pad for b in block).hex()])
    duck.execute(
        "CREATE OR REPLACE TEMP MACRO keyed_hash(v) AS sha256(getvariable('outer_pad') "
        "|| unhex(sha256(getvariable('inner_pad') || encode(v))))"
    )
    return hmac.new(key, b"fingerprint of the key", hashlib.sha256).hexdigest()[:16]


def hashed(table: SourceTable, rows: Rows) -> Rows:
    """The reading with its personal columns hashed, and taken out of what is said of bad rows."""
    names = table.spec.hash
    if not names:
        return rows
    values = "".join(f"keyed_hash({ident(n)}) AS {ident(n)}, " for n in names)
    without = literal(json.dumps(dict.fromkeys(names), ensure_ascii=False))
    reasons = " ".join(
        f"WHEN contains({REASON}, {literal(n + ': ')}) "
        f"THEN {literal(n + ': cannot be read, and is personal')}"
        for n in names
    )
    relation = (
        f"SELECT * REPLACE ({values}CASE {reasons} ELSE {REASON} END AS {REASON}, "
        f"CASE WHEN {ROW} IS NOT NULL THEN json_merge_patch({ROW}, {without})::VARCHAR END "
        f"AS {ROW}) FROM ({rows.relation})"
    )
    return replace(rows, relation=relation)
