"""Rows keep their own bytes, whatever the file's line ends and packing."""

import gzip

import pytest

from stack.imports.rows import BadFile, read_rows

TEXT = b'time,what\r\n1,view\r\n2,"a\nb"\r\n\r\n3,"say ""hi"""\n'


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_rows_come_with_their_bytes(tmp_path, pack):
    file = tmp_path / "rows"
    file.write_bytes(pack(TEXT))
    rows = list(read_rows(file))
    assert [row.columns for row in rows] == [
        {"time": "1", "what": "view"},
        {"time": "2", "what": "a\nb"},
        {"time": "3", "what": 'say "hi"'},
    ]
    assert [row.content for row in rows] == [b"1,view", b'2,"a\nb"', b'3,"say ""hi"""']
    assert 0 < rows[0].read_bytes <= file.stat().st_size


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_bytes(b"\xef\xbb\xbfa,b\n1,2\n")
    assert next(read_rows(file)).columns == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    "content",
    [b"a,b\n1\n", b"a,b\n1,\xff\n", gzip.compress(b"a,b\n1,2\n" * 50)[:-12]],
    ids=["short row", "no utf-8", "cut gzip"],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, content):
    file = tmp_path / "rows.csv"
    file.write_bytes(content)
    with pytest.raises(BadFile):
        list(read_rows(file))
