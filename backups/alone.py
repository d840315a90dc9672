"""Keeps two restores of one database apart: the second is told of the first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

from bson import ObjectId
from pymongo.errors import DuplicateKeyError, PyMongoError

from backups.problems import BusyBackup, Superseded
from backups.store import HOLDERS, Store

HEARD_OF = timedelta(seconds=30)
_EVERY_SECONDS = 5.0
_RESTORER = "restorer"


@contextmanager
def alone(store: Store) -> Iterator[Callable[[], None]]:
    """Gives what is to be called before the last step: it raises Superseded where another one has taken over.

    Raises BusyBackup while another one is at it, which it is until it ends, or for half a minute after it was killed.
    """
    token, ended = str(ObjectId()), Event()
    _take(store, token)
    heart = Thread(target=_beat, args=(store, token, ended), name="restorer", daemon=True)
    heart.start()
    try:
        yield lambda: _require(store, token)
    finally:
        ended.set()
        heart.join()
        store.database[HOLDERS].delete_one({"_id": _RESTORER, "token": token})


def _take(store: Store, token: str) -> None:
    now = store.now()
    try:
        store.database[HOLDERS].update_one(
            {"_id": _RESTORER, "expires_at": {"$lt": now}},
            {"$set": {"token": token, "expires_at": now + HEARD_OF}},
            upsert=True,
        )
    except DuplicateKeyError:
        raise BusyBackup(
            f"Another restore of this database is under way. If it was killed, try again in {HEARD_OF.seconds} seconds."
        ) from None


def _beat(store: Store, token: str, ended: Event) -> None:
    while not ended.wait(_EVERY_SECONDS):
        try:
            _renew(store, token)
        except PyMongoError:
            continue  # the restore reads from the same server, and says so itself


def _require(store: Store, token: str) -> None:
    if not _renew(store, token):
        raise Superseded("Another restore of this database has taken over: this one ends, and has replaced nothing.")


def _renew(store: Store, token: str) -> bool:
    renewed = {"$set": {"expires_at": store.now() + HEARD_OF}}
    return bool(store.database[HOLDERS].update_one({"_id": _RESTORER, "token": token}, renewed).matched_count)
