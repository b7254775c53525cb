"""MEANING: what tables, KPIs and the strategy mean.

Belongs here: the canonical contract (`contract`, `canonical/*.yml`), the strategy and the KPI
definitions (`strategy`, `scorecard/`), the enterprise's configuration (`config`) and the exception
tree (`errors`).

Does not belong here: reading or writing any data, SQL, and every import of our other packages.
"""
