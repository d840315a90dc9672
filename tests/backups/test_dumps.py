"""A dump is read by nothing but its documented layout, and is the database document for document and index for index."""

import gzip
import json
import shutil
import stat
import struct
import subprocess
from datetime import timedelta
from urllib.parse import unquote

import pytest
from bson import json_util
from bson.raw_bson import RawBSONDocument

from backups.dumps import dumps_in, is_due, rotate_dumps, write_dump
from backups.problems import DamagedBackup
from contracts.backups import STILL_THERE
from tests.backups.contents import content_of_main, described


def read_documents(path):
    """BSON documents one after another; each begins with its length."""
    content = gzip.decompress(path.read_bytes())
    while content:
        (length,) = struct.unpack_from("<i", content)
        yield RawBSONDocument(content[:length])
        content = content[length:]


def restore_by_layout(folder, database):
    for file in folder.glob("*.metadata.json.gz"):
        described = json_util.loads(gzip.decompress(file.read_bytes()))
        name = described["collectionName"]
        assert (described["type"], unquote(file.name.removesuffix(".metadata.json.gz"))) == ("collection", name)
        database.create_collection(name, **described["options"])
        documents = list(read_documents(file.with_name(file.name.replace(".metadata.json.gz", ".bson.gz"))))
        if documents:
            database[name].insert_many(documents, bypass_document_validation=True)
        database.command("createIndexes", name, indexes=described["indexes"])


def restore_by_mongorestore(folder, database):
    uri = "mongodb://{}:{}/?directConnection=true".format(*database.client.address)
    rename = ["--nsFrom", f"{folder.name}.*", "--nsTo", f"{database.name}.*"]
    subprocess.run(["mongorestore", "--gzip", "--uri", uri, *rename, str(folder.parent)], check=True, timeout=120)


READERS = [restore_by_layout]
if shutil.which("mongorestore"):  # not in the registries: where it is installed it reads the dump, too
    READERS.append(restore_by_mongorestore)


@pytest.mark.parametrize("read", READERS)
def test_a_dump_is_the_database(platform, empty, store, night, tmp_path, read):
    path = write_dump(store, night(), tmp_path, platform.name)
    read(path / platform.name, empty)
    assert content_of_main(empty) == content_of_main(platform)
    assert described(empty) == described(platform)
    assert len(described(empty)["batches"][1]) > 5 and described(empty)["reports"][0]["validator"]
    metadata = json.loads(gzip.decompress((path / platform.name / "tickets.metadata.json.gz").read_bytes()))
    assert set(metadata) == {"options", "indexes", "uuid", "collectionName", "type"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o700, "it holds password hashes"


def test_a_damaged_generation_leaves_no_dump(filled, store, night, tmp_path):
    generation = night()
    rows = store.database["rows.reports"]
    rows.delete_one({"until": STILL_THERE})
    with pytest.raises(DamagedBackup, match="reports"):
        write_dump(store, generation, tmp_path, filled.name)
    assert list(tmp_path.iterdir()) == []


def test_once_a_week_and_the_old_ones_go(main, store, night, tmp_path):
    main.reports.insert_one({"_id": 1})
    (tmp_path / "mine-good").mkdir()
    (tmp_path / "2026-11-01T020000Z-g1.part").mkdir()
    generation = night()
    taken = generation["taken_at"]
    for week in range(9):
        at = taken + timedelta(days=7 * week, minutes=-week)
        assert is_due(tmp_path, at), "a night that begins some minutes earlier is still a week later"
        write_dump(store, generation | {"_id": week, "taken_at": at}, tmp_path, main.name)
        assert not is_due(tmp_path, at + timedelta(days=6))
    assert len(dumps_in(tmp_path)) == 9
    gone = rotate_dumps(tmp_path)
    assert gone and rotate_dumps(tmp_path) == []
    kept = dumps_in(tmp_path)
    assert len(kept) == 9 - len(gone) >= 7
    assert max(kept.values()) == (taken + timedelta(days=56, minutes=-8)).replace(microsecond=0)
    assert sorted(path.name for path in tmp_path.iterdir() if path not in kept) == ["mine-good"]
