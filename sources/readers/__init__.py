"""Readers: one per kind of source, all behind `sources.readers.base.Reader`.

Belongs here: how rows come out of a source, exactly typed, within one snapshot. Does not belong
here: what is done with the rows (`sources.extract`), where they are kept (`sources.landing`).
"""
