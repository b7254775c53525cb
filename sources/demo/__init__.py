"""A simulated plant: two vendors' databases and a feed folder, deterministic by seed.

Belongs here: making and continuing the plant. Does not belong here: anything that knows our
canonical tables, except the feed, whose files have their shape by definition.
"""

from sources.demo.plant import PlantReport, continue_plant, generate

__all__ = ["PlantReport", "continue_plant", "generate"]
