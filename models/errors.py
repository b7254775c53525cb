"""Every error that this application raises on purpose.

    ScorecardError
    ├── ConfigError       scorecard.yml or a definition file is wrong
    ├── SourceError       a source cannot be reached, read, or went backwards
    │   └── SchemaDrift   a source's table is gone, or lost or changed a column
    │       └── FileFault a file of a feed cannot be read
    ├── LandingError      the change log is damaged
    ├── BuildError        the warehouse could not be computed
    ├── CheckFailed       a blocking check refused the data; the publication stays as it was
    ├── PublishError      nothing published yet, or the publication is damaged
    ├── QueryError        SQL on the publication is wrong or asks for more than reading
    └── BusyError         another run holds the warehouse

Belongs here: exception classes. Does not belong here: handling them (`orchestration.cli` prints
them as one sentence and a hint).
"""


class ScorecardError(Exception):
    """An error with a cause that a person can mend.

    `message` is one sentence that says what is wrong and where; `hint` says how to mend it.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message if not hint else f"{message} {hint}")
        self.message = message
        self.hint = hint


class ConfigError(ScorecardError):
    """scorecard.yml or a definition file is wrong."""

    exit_code = 2


class SourceError(ScorecardError):
    """A source cannot be reached or read, or went backwards."""

    exit_code = 3


class SchemaDrift(SourceError):
    """A table of a source is gone, or a column of it is gone, new or of another type."""


class FileFault(SchemaDrift):
    """A file of a feed cannot be read; its table stops, the others go on."""


class LandingError(ScorecardError):
    """The landed change log is damaged."""

    exit_code = 4


class BuildError(ScorecardError):
    """The warehouse could not be computed."""

    exit_code = 5


class CheckFailed(ScorecardError):
    """A blocking check refused the data; what was published before stays."""

    exit_code = 6


class PublishError(ScorecardError):
    """Nothing is published yet, or the publication is damaged."""

    exit_code = 7


class BusyError(ScorecardError):
    """Another run holds the warehouse."""

    exit_code = 8


class QueryError(ScorecardError):
    """SQL on the publication is wrong, or asks for more than reading."""

    exit_code = 9
