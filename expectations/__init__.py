"""TRUST: what must hold before data is published, and the evidence that it was looked at.

Belongs here: the catalogue of checks (`catalogue`, `rules`, `check`), running them with Great
Expectations (`run`, `suites`, `dialect`), their results (`results`) and the log of evidence
(`evidence`). Does not belong here: deciding what happens after a failed check (`orchestration`),
publishing (`exports`).
"""

from expectations.catalogue import catalogue
from expectations.check import Check
from expectations.evidence import Verification, evidence_table, record, verify
from expectations.results import Category, CheckReport, CheckResult, Severity, Status
from expectations.run import run_checks

__all__ = [
    "Category",
    "Check",
    "CheckReport",
    "CheckResult",
    "Severity",
    "Status",
    "Verification",
    "catalogue",
    "evidence_table",
    "record",
    "run_checks",
    "verify",
]
