"""FACE: the scorecard in a browser.

Belongs here: pages that read published data through `exports`. Nothing is here yet; until then the
`scorecard` command and any BI tool show the publication. Does not belong here: computing anything.
"""
