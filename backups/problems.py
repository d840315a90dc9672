"""How a backup or a restore fails."""


class BackupProblem(RuntimeError):
    """It cannot be done; the message says what happened, to what, and what to do next."""


class SnapshotGone(BackupProblem):
    """The main database no longer knows the instant that was to be copied."""


class Superseded(BackupProblem):
    """Another attempt has taken over: this one may write nothing more."""


class BusyBackup(BackupProblem):
    """Another run is at it right now."""


class DamagedBackup(BackupProblem):
    """What is in the backup is not what was put there."""
