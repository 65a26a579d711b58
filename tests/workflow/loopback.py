"""A server on this machine that serves files whole or, as told, in one wrong way; and small published files."""

import gzip
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath

import h5py
import numpy as np
import pandas as pd

PIECES = 5
PAUSE_S = 0.1
STALL_S = 30.0
ELSEWHERE = "http://example.invalid/a.txt"


class Handler(BaseHTTPRequestHandler):
    """Answers by the name of the file: see `Loopback`."""

    server: "Loopback"

    def do_GET(self) -> None:
        folder, name = PurePosixPath(self.path).parent.name, PurePosixPath(self.path).name
        self.server.asked.append(self.path.removeprefix("/"))
        fault = "" if folder == "moved" else self.server.faults.get(name, "")
        if fault == "failing once":
            del self.server.faults[name]
        if name not in self.server.files or fault == "absent":
            self.send_error(404)
        elif fault == "failing once":
            self.send_error(500)
        elif fault in ("moved", "moved away"):
            self.send_response(302)
            self.send_header("Location", f"/moved/{name}" if fault == "moved" else ELSEWHERE)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._send(self.server.files[name], fault)

    def _send(self, content: bytes, fault: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        half = len(content) // 2
        if fault == "truncated":
            self.wfile.write(content[:half])
        elif fault == "corrupted":
            self.wfile.write(content[:half] + bytes([content[half] ^ 0xFF]) + content[half + 1 :])
        elif fault == "stalled":
            self.wfile.write(content[:half])
            self.server.closing.wait(STALL_S)
        elif fault == "slow":
            size = -(-len(content) // PIECES)
            for start in range(0, len(content), size):
                self.wfile.write(content[start : start + size])
                self.server.closing.wait(PAUSE_S)
        else:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output quiet."""


class Loopback(ThreadingHTTPServer):
    """Serves `files` by name and notes in `asked` what it was asked for.

    `faults` says of a file how it is served: truncated, corrupted, absent, failing once, slow, stalled, moved (to
    another path of the same server) or moved away (to an address without encryption).
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, str] = {}
        self.asked: list[str] = []
        self.closing = threading.Event()

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}"


@contextmanager
def serving() -> Iterator[Loopback]:
    with Loopback() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()


def series_matrix(expression: pd.DataFrame) -> bytes:
    """Return samples × genes as GEO's series matrix, compressed."""
    head = ['!Series_title\t"generated"', '!Series_geo_accession\t"GSE0"', ""]
    samples = "\t".join(f'"{name}"' for name in expression.index)
    head += [f"!Sample_geo_accession\t{samples}", "!series_matrix_table_begin", f'"ID_REF"\t{samples}']
    rows = [
        "\t".join([f'"{gene}"', *map(str, values)])
        for gene, values in zip(expression.columns, expression.to_numpy().T.tolist(), strict=True)
    ]
    return gzip.compress("\n".join([*head, *rows, "!series_matrix_table_end", ""]).encode(), mtime=0)


def gctx(expression: pd.DataFrame) -> bytes:
    """Return samples × genes as GCTX: HDF5, whose matrix h5py sees with samples in rows."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file.create_dataset("0/DATA/0/matrix", data=expression.to_numpy(np.float32), chunks=True)
        file.create_dataset("0/META/ROW/id", data=np.array([*expression.columns], dtype="S"))
        file.create_dataset("0/META/COL/id", data=np.array([*expression.index], dtype="S"))
    return stream.getvalue()
