"""When things happen: the Dagster definitions, and the `scorecard` command.

Belongs here: assets, checks, jobs, schedules and sensors that call the other packages in order, and
the command line over them. The only package that imports dagster. Does not belong here: how
anything is extracted, computed, checked or published.
"""
