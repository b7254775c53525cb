"""The rows of a MariaDB or MySQL query as Arrow batches, without a Python object per value.

PyMySQL makes one object per value and several calls per row. Here its connection only frames the
packets; a batch of them is taken apart column by column with numpy. Every value arrives as the
bytes that the server sent, so nothing is bent on the way.

Does not belong here: what is asked (`sources.readers.mariadb`), or what the bytes mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pymysql import err
from pymysql.connections import Connection
from pymysql.constants import COMMAND, CR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, BinaryIO

    import numpy.typing as npt

BATCH_ROWS = 50_000
BATCH_BYTES = 8 * 2**20
_LONGEST = 2**24 - 1
"""A packet of this size is continued in the next one."""
_NULL = 0xFB
_LENGTHS = ((0xFC, 2), (0xFD, 3), (0xFE, 8))
"""First byte of a long value, and how many bytes its length takes."""
_EOF, _EOF_BYTES, _ERROR = 0xFE, 9, 0xFF
_SHORT = 64
"""Values shorter than this on average are gathered by numpy, longer ones are joined."""


class RawConnection(Connection):
    """PyMySQL's connection with a result that is never buffered, converted or drained."""

    # what PyMySQL's type stubs leave out
    _rfile: BinaryIO
    _execute_command: Callable[[int, str], None]
    _read_packet: Callable[..., Any]
    _force_close: Callable[[], None]

    def columns(self, query: str) -> Iterator[list[pa.Array]]:
        """Batches of a query's rows, one binary array per column. Raises `pymysql.err.Error`."""
        self._execute_command(COMMAND.COM_QUERY, query)
        width = self._read_packet().read_length_encoded_integer()
        for _ in range(width + 1):  # the columns' descriptions and the mark of their end
            self._read_packet()
        packets, size = [], 0
        for packet in self._packets():
            packets.append(packet)
            size += len(packet)
            if size >= BATCH_BYTES or len(packets) == BATCH_ROWS:
                yield _columns(packets, width)
                packets, size = [], 0
        if packets:
            yield _columns(packets, width)

    def rows(self, query: str) -> list[tuple[str | None, ...]]:
        """All rows of a small result as text."""
        return [
            tuple(None if v is None else v.decode() for v in row)
            for batch in self.columns(query)
            for row in zip(*(column.to_pylist() for column in batch), strict=True)
        ]

    def hang_up(self) -> None:
        """Close without reading a result to its end, which may be millions of rows away."""
        self._force_close()

    def _packets(self) -> Iterator[bytes]:
        """The packets up to the end of the result."""
        while True:
            packet = self._packet()
            if packet[0] == _ERROR:
                err.raise_mysql_exception(packet)
            if packet[0] == _EOF and len(packet) < _EOF_BYTES:
                return
            yield packet

    def _packet(self) -> bytes:
        parts = []
        size = _LONGEST
        while size == _LONGEST:
            size = int.from_bytes(self._exactly(4)[:3], "little")
            parts.append(self._exactly(size))
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _exactly(self, size: int) -> bytes:
        try:
            data = self._rfile.read(size)
        except OSError as e:
            raise err.OperationalError(CR.CR_SERVER_LOST, f"connection lost: {e}") from e
        if len(data) < size:
            raise err.OperationalError(CR.CR_SERVER_LOST, "connection lost while reading rows")
        return data


def _columns(packets: list[bytes], width: int) -> list[pa.Array]:
    """Rows of length-encoded values, taken apart."""
    joined = b"".join(packets)
    data = np.frombuffer(joined, np.uint8)
    ends = np.cumsum(np.fromiter(map(len, packets), np.int64, len(packets)))
    position = ends - np.fromiter(map(len, packets), np.int64, len(packets))
    columns = []
    for _ in range(width):
        first = data[position]
        length = first.astype(np.int64)
        start = position + 1
        null = first == _NULL
        length[null] = 0
        for mark, size in _LENGTHS:
            long = np.flatnonzero(first == mark)
            if long.size:
                begin = start[long]
                length[long] = sum(data[begin + i].astype(np.int64) << (8 * i) for i in range(size))
                start[long] += size
        columns.append(_binary(joined, data, start, length, null))
        position = start + length
    if not np.array_equal(position, ends):
        raise err.InternalError(CR.CR_MALFORMED_PACKET, "a row is not what its columns say")
    return columns


def _binary(
    joined: bytes,
    data: npt.NDArray[np.uint8],
    start: npt.NDArray[np.int64],
    length: npt.NDArray[np.int64],
    null: npt.NDArray[np.bool_],
) -> pa.Array:
    """One column's values as an Arrow array of their own."""
    count = len(start)
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(length, out=offsets[1:])
    total = int(offsets[-1])
    if total < _SHORT * count:
        gathered = np.repeat(start - offsets[:-1], length) + np.arange(total)
        values = pa.py_buffer(data[gathered])
    else:
        view = memoryview(joined)
        values = pa.py_buffer(
            b"".join(view[s : s + n] for s, n in zip(start.tolist(), length.tolist(), strict=True))
        )
    validity = pa.py_buffer(np.packbits(~null, bitorder="little")) if null.any() else None
    return pa.Array.from_buffers(pa.binary(), count, [validity, pa.py_buffer(offsets), values])
