"""MetricFlow's own command without its question to the package index whether it is up to date.

Runs in the virtual environment that has MetricFlow, so it imports nothing of ours. Does not belong
here: where MetricFlow finds the metrics and the publication (`orchestration.metrics`).
"""

import update_checker
from dbt_metricflow.cli.main import cli

update_checker.UpdateChecker.check = lambda *_, **__: None
cli(prog_name="scorecard metrics")
