"""What a generation and the main database hold, byte for byte."""

from backups.reading import documents_of
from backups.source import RAW
from contracts.backups import NOT_COPIED


def content(store, generation):
    """Every document of a generation in its bytes, by collection and `_id`; an empty collection counts, too."""
    return {
        name: {str(one["_id"]): one.raw for one in documents_of(store, generation, name)}
        for name in store.manifests(generation)
    }


def content_of_main(main):
    return {
        name: {str(one["_id"]): one.raw for one in main.get_collection(name, codec_options=RAW).find()}
        for name in main.list_collection_names()
        if name not in NOT_COPIED
    }


def described(database):
    """Options and indexes by collection."""
    return {
        one["name"]: (one["options"], {index["name"]: index for index in database[one["name"]].list_indexes()})
        for one in database.list_collections()
        if one["name"] not in NOT_COPIED
    }
