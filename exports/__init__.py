"""DELIVERY: write, audit, publish, and reading what is published.

Belongs here: choosing the tables (`tables`), writing them for each kind of reader (`targets`), the
atomic swap (`publication`), and read-only queries (`query`). Does not belong here: computing
anything; a number that is not in the warehouse is not published. Checks and their evidence are
`expectations`; this package only reads the files of evidence.
"""

from exports.publication import Publication, current, publish
from exports.query import connect, query

__all__ = ["Publication", "connect", "current", "publish", "query"]
