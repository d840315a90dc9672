"""Is it the world that is away, or is it this work? Told by what was raised, never by words that a message may hold.

An exception of the JVM is judged with all its causes: Spark wraps what it meets several times.
"""

import errno
from collections.abc import Iterator
from typing import Any

from py4j.protocol import Py4JError, Py4JJavaError
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    WTimeoutError,
)
from pyspark.errors.exceptions.captured import CapturedException

_AWAY = (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    WTimeoutError,
    ConnectionError,
    TimeoutError,
)
_AWAY_IN_JAVA = {
    # connections, Kafka, and whatever waited too long
    "java.net.SocketException",
    "java.net.UnknownHostException",
    "java.io.InterruptedIOException",
    "java.nio.channels.UnresolvedAddressException",
    "java.nio.channels.ClosedChannelException",
    "java.util.concurrent.TimeoutException",
    "org.apache.kafka.common.errors.RetriableException",
    # the catalog
    "java.sql.SQLTransientException",
    "java.sql.SQLRecoverableException",
    "java.sql.SQLNonTransientConnectionException",
    "org.apache.iceberg.exceptions.CommitFailedException",
    "org.apache.iceberg.exceptions.CommitStateUnknownException",
    "org.apache.iceberg.exceptions.ServiceFailureException",
    "org.apache.iceberg.exceptions.ServiceUnavailableException",
}
_FULL_IN_JAVA = ("No space left on device", "Disk quota exceeded")
_FULL = (errno.ENOSPC, errno.EDQUOT)

_SQLITE_AWAY = {5, 6, 10, 13, 14}
"""Busy, locked, input or output failed, full, cannot be opened. Source: https://www.sqlite.org/rescode.html"""
_SQL_STATES_AWAY = ("08", "53", "57P")
"""Connection, resources, shutdown. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html"""
_MONGO_AWAY = {24, 46, 50, 64, 91, 112, 189, 262, 14_031}
"""Locks, time limits, shutdown, a write conflict, no disk. Source: MongoDB's error_codes.yml"""


def is_world_away(error: BaseException) -> bool:
    """Whether the same work may succeed later: a service, a network or a disk is the cause."""
    if isinstance(error, _AWAY) or (isinstance(error, OSError) and error.errno in _FULL):
        return True
    if isinstance(error, OperationFailure):
        return _is_mongo_away(error)
    java = _java_exception(error)
    if java is not None:
        return any(_is_java_away(cause) for cause in _causes(java))
    # the JVM itself is gone without a word: its exit status says more
    return error.__cause__ is not None and not isinstance(error, Py4JError) and is_world_away(error.__cause__)


def is_java_gone(error: BaseException) -> bool:
    """Whether the JVM does not answer any more, so that nothing else can be done in this process."""
    return isinstance(error, Py4JError) and not isinstance(error, Py4JJavaError)


def _is_mongo_away(error: OperationFailure) -> bool:
    if isinstance(error, BulkWriteError):
        details = error.details or {}
        codes = {one.get("code") for one in details.get("writeErrors", [])}
        return bool(details.get("writeConcernErrors")) or bool(codes & _MONGO_AWAY)
    return error.code in _MONGO_AWAY


def _java_exception(error: BaseException) -> Any | None:
    if isinstance(error, Py4JJavaError):
        return error.java_exception
    return error._origin if isinstance(error, CapturedException) else None


def _causes(java: Any) -> Iterator[Any]:
    for _ in range(20):
        if java is None:
            return
        yield java
        java = java.getCause()


def _is_java_away(java: Any) -> bool:
    message = java.getMessage() or ""
    names = list(_class_names(java.getClass()))
    if "java.sql.SQLException" in names and _is_catalog_away(java):
        return True
    return _is_named_away(names, message)


def _is_named_away(names: list[str], message: str) -> bool:
    is_full = any(sign in message for sign in _FULL_IN_JAVA)
    return not _AWAY_IN_JAVA.isdisjoint(names) or (is_full and "java.io.IOException" in names)


def _is_catalog_away(java: Any) -> bool:
    code, state = java.getErrorCode() & 0xFF, java.getSQLState() or ""
    is_sqlite = java.getClass().getName().startswith("org.sqlite.")
    return (is_sqlite and code in _SQLITE_AWAY) or state.startswith(_SQL_STATES_AWAY)


def _class_names(class_: Any) -> Iterator[str]:
    while class_ is not None:
        yield class_.getName()
        class_ = class_.getSuperclass()
