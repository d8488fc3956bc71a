"""Columns → the bytes of a Parquet file, and back; what the file says of itself is checked before it is believed.

Texts are UTF-8, as everywhere in Parquet; file names that are not keep their bytes and come back as Python has them.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow
from numpy.typing import NDArray
from pyarrow import parquet

MAGIC = b"PAR1"
MOST_UNPACKED = 4 << 30
"""Bytes that all columns together may say they take once they are unpacked."""


class NotParquet(Exception):
    """A file that is not read: why."""


def to_parquet(texts: Mapping[str, Sequence[str]], numbers: Mapping[str, NDArray[Any]]) -> bytes:
    """A file with columns of text and of numbers."""
    columns = {name: _as_text(values) for name, values in texts.items()}
    columns |= {name: pyarrow.array(values) for name, values in numbers.items()}
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), buffer, compression="zstd", use_dictionary=list(texts))
    return buffer.getvalue()


def from_parquet(
    data: bytes, texts: Sequence[str], numbers: Mapping[str, str], most: int
) -> dict[str, NDArray[Any] | list[str]]:
    """These columns of a file of at most `most` rows; raises NotParquet.

    A text column `name` comes back as two: `name`, the different texts, and `name#`, which of them each row has.
    """
    try:
        return _columns(data, texts, numbers, most)
    except NotParquet:
        raise
    except MemoryError:
        raise NotParquet("takes more memory than there is") from None
    except Exception:  # noqa: BLE001 - Arrow raises many kinds on damaged files
        raise NotParquet("is damaged, or no Parquet file that can be read") from None


def _columns(
    data: bytes, texts: Sequence[str], numbers: Mapping[str, str], most: int
) -> dict[str, NDArray[Any] | list[str]]:
    file = parquet.ParquetFile(io.BytesIO(data), read_dictionary=list(texts), memory_map=False)
    _check(file, texts, numbers, most)
    table = file.read(columns=[*texts, *numbers], use_pandas_metadata=False)
    if len(table) > most or table.num_columns != len(texts) + len(numbers):
        raise NotParquet("does not hold what it says it holds")
    found: dict[str, NDArray[Any] | list[str]] = {}
    for name in (*texts, *numbers):
        column = table.column(name)
        if column.null_count:
            raise NotParquet(f"has rows without {name}")
        if name in numbers:
            found[name] = column.to_numpy().astype(numbers[name], copy=False)
        else:
            coded = column.unify_dictionaries().combine_chunks()
            coded = coded.chunk(0) if isinstance(coded, pyarrow.ChunkedArray) else coded
            words = coded.dictionary.cast(pyarrow.binary()).to_pylist()
            found[name] = [word.decode("utf-8", "surrogateescape") for word in words]
            found[f"{name}#"] = coded.indices.to_numpy()
    return found


def _check(file: Any, texts: Sequence[str], numbers: Mapping[str, str], most: int) -> None:
    schema, facts = file.schema_arrow, file.metadata
    missing = [name for name in (*texts, *numbers) if schema.names.count(name) != 1]
    if missing:
        raise NotParquet(f"has no column {missing[0]!r}, or several")
    for name in texts:
        kind = schema.field(name).type
        kind = kind.value_type if pyarrow.types.is_dictionary(kind) else kind
        if not (pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)):
            raise NotParquet(f"has a column {name!r} that is not text")
    for name, wanted in numbers.items():
        kind = schema.field(name).type
        if not (pyarrow.types.is_integer(kind) or (np.dtype(wanted).kind == "f" and pyarrow.types.is_floating(kind))):
            raise NotParquet(f"has a column {name!r} of another type than {wanted}")
    if facts.num_rows > most:
        raise NotParquet(f"has {facts.num_rows:,} rows, above the limit of {most:,}")
    groups = (facts.row_group(group) for group in range(facts.num_row_groups))
    unpacked = sum(group.column(at).total_uncompressed_size for group in groups for at in range(facts.num_columns))
    if unpacked > MOST_UNPACKED:
        raise NotParquet(f"takes {unpacked:,} bytes unpacked, above the limit of {MOST_UNPACKED:,}")


def _as_text(values: Sequence[str]) -> Any:
    encoded = [value.encode("utf-8", "surrogateescape") for value in values]
    return pyarrow.array(encoded, pyarrow.binary()).cast(pyarrow.string(), safe=False)
