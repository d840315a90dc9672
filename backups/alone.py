"""Keeps two restores of one database apart, the second is told of the first; and says of a scratch database that it is used."""

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
RESTORER = "restorer"


@contextmanager
def alone(store: Store, what: str = RESTORER) -> Iterator[Callable[[], None]]:
    """Gives what is to be called before the last step: it raises Superseded where another one has taken over.

    Raises BusyBackup while another one is at it, which it is until it ends, or for half a minute after it was killed.
    """
    token, ended = str(ObjectId()), Event()
    _take(store, what, token)
    heart = Thread(target=_beat, args=(store, what, token, ended), name="restorer", daemon=True)
    heart.start()
    try:
        yield lambda: _require(store, what, token)
    finally:
        ended.set()
        heart.join()
        store.database[HOLDERS].delete_one({"_id": what, "token": token})


def _take(store: Store, what: str, token: str) -> None:
    now = store.now()
    try:
        store.database[HOLDERS].update_one(
            {"_id": what, "expires_at": {"$lt": now}},
            {"$set": {"token": token, "expires_at": now + HEARD_OF}},
            upsert=True,
        )
    except DuplicateKeyError:
        raise BusyBackup(
            f"Another restore of this database is under way. If it was killed, try again in {HEARD_OF.seconds} seconds."
        ) from None


def _beat(store: Store, what: str, token: str, ended: Event) -> None:
    while not ended.wait(_EVERY_SECONDS):
        try:
            _renew(store, what, token)
        except PyMongoError:
            continue  # the restore reads from the same server, and says so itself


def _require(store: Store, what: str, token: str) -> None:
    if not _renew(store, what, token):
        raise Superseded("Another restore of this database has taken over: this one ends, and has replaced nothing.")


def _renew(store: Store, what: str, token: str) -> bool:
    renewed = {"$set": {"expires_at": store.now() + HEARD_OF}}
    return bool(store.database[HOLDERS].update_one({"_id": what, "token": token}, renewed).matched_count)
