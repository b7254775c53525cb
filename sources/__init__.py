"""Arrival: how rows get from a source system into the landing.

Belongs here: what a source system's tables are (`spec`, `systems/*.yml`), reading them in one
snapshot (`readers`), the immutable change log (`landing`), what a run takes over (`extract`), the
strategy as tables (`definitions`) and the simulated plant (`demo`).

Does not belong here: what a vendor's columns mean (`dbt_project/models/staging`), what a canonical
column is (`models.contract`), when a run happens (`orchestration`). Importing this package opens
and reads nothing.
"""
