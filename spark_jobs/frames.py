"""Small tables of Python's into Spark, through Arrow: Spark's own way starts Python workers, which cost seconds a job."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType


def frame(spark: SparkSession, rows: Iterable[Sequence[Any]], schema: str) -> DataFrame:
    """A data frame of `schema` (DDL) with these rows; a struct within a row is a dict."""
    struct = cast(StructType, StructType.fromDDL(schema))
    names = struct.names
    content = [dict(zip(names, row, strict=True)) for row in rows]
    return spark.createDataFrame(pa.Table.from_pylist(content, schema=to_arrow_schema(struct)), struct)
