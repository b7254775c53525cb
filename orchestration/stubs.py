"""Staging models to be filled in: every canonical column with its meaning, and what may fill it.

Belongs here: the text of `stg_<system>__<canonical table>.sql`, and likeness of names. Does not
belong here: looking at a database (`sources.introspect`), generated files (`codegen`).
"""

from __future__ import annotations

import difflib
import json
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.contract import ColumnType, canonical_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from models.contract import CanonicalTable
    from models.contract import Column as CanonicalColumn
    from sources.introspect import Column, Table

ALIKE = 0.8
"""Two words spelled at least so alike are one."""
WORTH_NAMING = 0.45
CANDIDATES = 3
WIDTH = 100
_CONCEPTS = (
    "equipment machine mach maschine mc resource res workcenter wc station asset equip anlage",
    "item product prod material mat article artikel part sku recipe art produit",
    "order ordered job wo mo auftrag batch lot workorder ord bestellung of ordre commande cde",
    "start begin began from started beginn von since open opened zeit debut deb depuis",
    "end finish finished to until till ended ende bis stop_ts close closed fin cloture",
    "qty quantity amount menge count cnt number pieces volume qte quantite nombre",
    "scrap reject rejected waste nok bad defect loss ausschuss scrapped rebut rebuts",
    "good ok yield accepted gut net bon bonne conforme",
    "rework repair nacharbeit retouche reprise",
    "uom unit einheit measure unite",
    "state status stat zustand mode phase etat statut",
    "reason cause fault grund ursache why motif",
    "party customer client supplier vendor partner debtor creditor kunde lieferant tiers",
    "employee worker operator person staff mitarbeiter salarie employe operateur matricule",
    "code no nr num id key ident number numero",
    "name title label description descr bezeichnung text txt libelle designation nom",
    "parent upper owner belongs super ueber pere",
    "level kind type class tier ebene art niveau nature",
    "counted at ts time when reported booked posted logged stamp zeit datum uhrzeit dt",
    "planned plan target soll scheduled prev prevu prevue",
    "reported actual ist reel reelle realise",
    "due deadline promised requested termin besoin echeance",
    "promised committed promise zusage promesse promis",
    "requested wanted wunsch demande souhaite",
    "original first erster init initial initiale",
    "released release freigabe lance lancement",
    "rate speed ideal rated nominal cadence",
    "cost price value preis kosten prix cout revient",
    "count production output tick counter report confirmation booking meldung declaration decl",
    "reversal storno cancel void undo storniert annule annulation",
    "op operation step seq sequence vorgang gamme",
    "shift schicht equipe",
    "site plant works werk factory location house usine etablissement societe soc",
    "sales so sold vente ventes",
    "purchase po bought bestellung einkauf achat achats",
    "movement move transaction trx journal posting ledger bewegung mouvement mvt",
    "delivery shipment dispatch shipped lieferung liefer versand versandt livraison bl expedition",
    "invoice bill billing rechnung faktura facture fac",
    "inventory stock onhand balance lager bestand inventaire",
    "currency curr waehrung devise",
    "zone tz timezone",
    "line log event history entry pos position zeile ligne lig suivi historique",
    "net amount value total sum netto betrag wert summe price preis montant ht valeur",
    "account acct konto gl compte",
    "gl ledger entry posting journal buchung beleg voucher ecriture",
    "center centre kostenstelle",
    "return returned retoure retour avoir",
)
COMPOUND = 5
"""Letters from which a word may be the head of a compound such as Fertigungsauftrag."""
_CONCEPT_OF: dict[str, set[int]] = {}
for _index, _words in enumerate(_CONCEPTS):
    for _w in _words.split():
        _CONCEPT_OF.setdefault(_w, set()).add(_index)
_GENERIC = frozenset(
    {
        *("code", "no", "nr", "num", "id", "key", "ident", "number", "name", "is"),
        *("ts", "at", "time", "t", "date", "dt", "on"),
    }
)
"""Words that tell little of what a column holds."""
_GENERIC_WEIGHT = 0.3
_SOFT_DELETE = re.compile(
    r"(^|_)(is_?)?(del|delet\w*|void\w*|cancel\w*|active|archiv\w*|storno\w*|supprim\w*"
    r"|annul\w*|actif)(_|$)"
)
_UNIT = re.compile(r"_(mg|g|kg|t|ml|l|hl|mm|cm|m|pcs)$")
_CLOCK = re.compile(r"TIMESTAMP|DATE|TIME|TEXT|CHAR|INT|NUM", re.IGNORECASE)
_NUMBER = re.compile(r"INT|NUM|DEC|FLOAT|DOUBLE|REAL|MONEY|TEXT", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column of the source that may fill a canonical column."""

    sql: str
    score: float


def stub(
    system: str, table: CanonicalTable, sources: Sequence[Table], *, of: str | None = None
) -> str:
    """A staging model of no rows that says everything needed to fill it in.

    It reads the table called `of`; without one, that whose name and columns are most alike.
    """
    best = next((s for s in sources if s.name == of), None) or _best_source(table, sources)
    known = {source.name: source for source in sources}
    joins, others = _joins(system, best, known)
    lines = [
        *textwrap.wrap(table.description, WIDTH, initial_indent="-- ", subsequent_indent="-- "),
        f"-- Grain: {table.grain}. Key: {', '.join(table.key)}.",
        *_of_several_columns(best.key),
        "-- Fill in what is required; of the rest, fill in what there is and delete the others.",
        "-- Then take out the line that says not_mapped_yet.",
        *_columns_of("s", best),
        *(_line for alias, other in others.items() for _line in _columns_of(alias, other)),
        "with mapped as (",
        "    select",
    ]
    for name, column in table.columns.items():
        candidates = _near(name, column, best, others)
        if name == "uom":
            candidates = [*candidates, *_units_in_names(best)][:CANDIDATES]
        if table.key == (name,) and len(best.key) > 1:
            candidates = [_code_of(best.key), *candidates][:CANDIDATES]
        lines += _comment(f"{name}: {_meaning(column, candidates)}")
        lines.append(f"        cast(null as {column.type.sql}) as {name},")
    keys = [_sql(f"s.{k}", k) for k in best.key]
    pk = keys[0] if len(keys) == 1 else f"concat_ws('|', {', '.join(keys)})"
    arguments = f"pk={json.dumps(pk)}"
    changed = next((c for c in best.columns if c.name == best.changed), None)
    if changed and not _is_number(changed):
        moment = json.dumps(_sql(f"s.{changed.name}", changed.name))
        if not _has_zone(changed):
            moment = f"utc_of({moment}, 's')"
        arguments += f", changed_at={moment}"
    soft = [f"s.{c.name}" for c in best.columns if _SOFT_DELETE.search(c.name.lower())]
    lines += [
        "        -- changed_at in UTC; is_deleted='condition' where rows are only marked as deleted"
        + (f" ({', '.join(soft)}?)" if soft else ""),
        f"        {{{{ lineage('s', {arguments}) }}}}",
        f"    from {{{{ landed('{system}', '{best.name}') }}}} as s",
        *(f"    {join}" for join in joins),
        "    where {{ not_mapped_yet() }}",
        ")",
        f"{{{{ canonical_rows('{table.name}') }}}}",
    ]
    return "\n".join(lines) + "\n"


def canonical_names(asked: Iterable[str], domains: Iterable[str]) -> list[str]:
    """Canonical tables to write: those asked for, else the mandatory ones of the domains."""
    chosen = [*asked]
    wanted = set(domains)
    return chosen or [
        t.name for t in canonical_tables().values() if t.mandatory and t.domain in wanted
    ]


def _comment(text: str) -> list[str]:
    indent = "        -- "
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")


def _meaning(column: CanonicalColumn, candidates: Sequence[str]) -> str:
    facts = ["required" if column.required else "optional", str(column.type)]
    if column.unit:
        facts.append(column.unit)
    text = f"{', '.join(facts)}. {column.description}."
    if column.values:
        text += f" One of {', '.join(column.values)}."
    if column.references:
        text += f" A code of {column.references}."
    if candidates:
        text += f" Try {', '.join(candidates)}."
    return text


def _joins(
    system: str, best: Table, known: Mapping[str, Table]
) -> tuple[list[str], dict[str, Table]]:
    """The tables that a table refers to: the joins, and the tables by their alias."""
    joins, others = [], {}
    for reference in best.references:
        other = known.get(reference.table)
        if other is None or {*other.key} != {*reference.theirs}:
            continue
        alias = f"{other.name}_row"
        if alias in others:
            alias = f"{other.name}_of_{reference.columns[-1].lower()}"
        others[alias] = other
        same = " and ".join(
            f"{_sql(f'{alias}.{theirs}', theirs)} = {_sql(f's.{ours}', ours)}"
            for ours, theirs in zip(reference.columns, reference.theirs, strict=True)
        )
        joins += [
            f"left join {{{{ landed('{system}', '{other.name}') }}}} as {alias}",
            f"    on {same} and {alias}._source = s._source",
        ]
    return joins, others


def _of_several_columns(key: Sequence[str]) -> list[str]:
    """What to mind where the vendor's keys are of several columns."""
    if len(key) == 1:
        return []
    return textwrap.wrap(
        f"The vendor's key has several columns ({', '.join(key)}). A code must be unique by "
        "itself: where a number is so only within another column, write both, such as "
        f"{_code_of(key[:2])}, the same in every model.",
        WIDTH,
        initial_indent="-- ",
        subsequent_indent="-- ",
    )


def _code_of(key: Sequence[str]) -> str:
    """A key of several columns as one code; empty where one of them is, as a reference may be."""
    return " || '-' || ".join(_sql(f"s.{name}", name) for name in key)


def _columns_of(alias: str, table: Table) -> list[str]:
    names = ", ".join(c.described for c in table.columns)
    return textwrap.wrap(
        f"{alias} = {table.name}: {names}",
        WIDTH,
        initial_indent="-- ",
        subsequent_indent="--     ",
        break_long_words=False,
    )


def _near(
    name: str, column: CanonicalColumn, best: Table, others: Mapping[str, Table]
) -> list[str]:
    """Columns of the table, or of one that it refers to, that may fill a canonical column."""
    found = [
        Candidate(_taken("s", column, theirs), _column_score(name, column, theirs))
        for theirs in best.columns
        if not (column.type is ColumnType.CODE and theirs.target and _is_number(theirs))
    ]
    for alias, other in others.items():
        nearness = _likeness(name, other.name)
        for theirs in other.columns:
            score = 0.9 * _column_score(name, column, theirs)
            if column.type is ColumnType.CODE and not _is_number(theirs):
                # item_code is the sku of the product, but the name is no code
                is_code = _likeness("code", theirs.name) >= WORTH_NAMING
                score = max(score, nearness * (0.95 if is_code else 0.5))
            found.append(Candidate(_taken(alias, column, theirs), score))
    found = [c for c in found if c.score >= WORTH_NAMING]
    found.sort(key=lambda c: -c.score)
    return [c.sql for c in found[:CANDIDATES]]


def _units_in_names(table: Table) -> list[str]:
    """Units that the names of numbers end with, such as g of qty_g."""
    found = (_UNIT.search(c.name.lower()) for c in table.columns if _is_number(c))
    return list(dict.fromkeys(f"'{match[1]}'" for match in found if match))


def _taken(alias: str, column: CanonicalColumn, theirs: Column) -> str:
    """What gives a canonical column: the vendor's, taken to UTC where it is a local time."""
    sql = f"{alias}.{theirs.name}"
    is_local = column.type is ColumnType.TS and not _has_zone(theirs) and not _is_number(theirs)
    return f"utc_of('{sql}', 's')" if is_local else sql


def _has_zone(column: Column) -> bool:
    return re.search("WITH TIME ZONE|TIMESTAMPTZ|OFFSET", column.type.upper()) is not None


def _sql(qualified: str, name: str) -> str:
    """A column as SQL, quoted where its name is no plain word."""
    if re.fullmatch(r"[A-Za-z_]\w*", name):
        return qualified
    alias = qualified.removesuffix(name)
    return alias + '"' + name.replace('"', '""') + '"'


def _is_number(column: Column) -> bool:
    return re.search("INT|NUM|DEC|ROWVERSION", column.type.upper()) is not None


def _best_source(table: CanonicalTable, sources: Sequence[Table]) -> Table:
    """The table whose name and columns are most like a canonical table's."""
    return max(sources, key=lambda source: _table_score(table, source))


def _table_score(table: CanonicalTable, source: Table) -> float:
    name = 2 * _likeness(table.name.partition("_")[2], source.name)
    filled = [
        max((_table_column_score(n, c, theirs) for theirs in source.columns), default=0)
        for n, c in table.columns.items()
        if c.required or c.type is ColumnType.TS
    ]
    return name + 2 * sum(filled) / len(filled)


def _table_column_score(name: str, column: CanonicalColumn, theirs: Column) -> float:
    """As `_column_score`; a foreign key may be a code, and a time a time, whatever its name."""
    by_type = 0.0
    if column.references and theirs.target:
        by_type = 0.4
    elif column.type is ColumnType.TS and re.search("TIMESTAMP|DATETIME", theirs.type.upper()):
        by_type = 0.3
    return max(by_type, _column_score(name, column, theirs))


def _column_score(name: str, column: CanonicalColumn, theirs: Column) -> float:
    """Likeness of names, where the type could hold the value."""
    if column.type in {ColumnType.TS, ColumnType.DATE} and (
        not _CLOCK.search(theirs.type)
        # a number may be seconds, if its name speaks of time
        or (_is_number(theirs) and not _likeness("at", theirs.name))
    ):
        return 0
    if column.type.is_decimal and not _NUMBER.search(theirs.type):
        return 0
    if column.type in {ColumnType.TS, ColumnType.DATE} and re.search(
        "TIMESTAMP|DATE", theirs.type.upper()
    ):
        return 0.15 + 0.85 * _likeness(name, theirs.name)
    return _likeness(name, theirs.name)


def _likeness(ours: str, theirs: str) -> float:
    """From 0 to 1: how much of two names' words mean the same."""
    a, b = _tokens(ours), _tokens(theirs)
    if not a or not b:
        return 0
    hits = sum(_weight(x) * max(_same(x, y) for y in b) for x in a)
    hits += sum(_weight(y) * max(_same(x, y) for x in a) for y in b)
    return hits / sum(_weight(word) for word in (*a, *b))


def _weight(word: str) -> float:
    return _GENERIC_WEIGHT if word in _GENERIC else 1


def _same(a: str, b: str) -> float:
    if a == b:
        return 1
    ours, theirs = _concepts(a), _concepts(b)
    if ours and theirs:
        return 0.9 if ours & theirs else 0
    ratio = difflib.SequenceMatcher(None, a, b).ratio()
    return 0.8 * ratio if ratio >= ALIKE else 0


def _concepts(word: str) -> set[int]:
    """Concepts of a word, or of the longest known word that it ends with: its head."""
    for begin in range(max(1, len(word) - COMPOUND + 1)):
        if word[begin:] in _CONCEPT_OF:
            return _CONCEPT_OF[word[begin:]]
    return set()


def _tokens(name: str) -> list[str]:
    humps = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [token for token in re.split(r"[^a-z0-9]+", humps.lower()) if token]
