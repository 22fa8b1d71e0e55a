"""Searching bytes for canaries, however they were written: plain, escaped, encoded, packed or compressed.

Nothing that is found is ever executed: a pickle is searched, never loaded.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator

from canaries import MARK, Canary

DEEPEST = 3
"""How many layers of encoding are taken off, such as base64 of zlib of a pickle."""
SHORTEST_RUN = 12
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-"
HEX = b"0123456789abcdefABCDEF"
# A canary is letters and digits: an encoder that touches one of them touches all in a row.
ESCAPES = tuple(
    re.compile(sign + rb"[0-9a-fA-F]{2}" + end + rb"(?:" + sign + rb"[0-9a-fA-F]{2}" + end + rb"){5,}")
    for sign, end in ((rb"\\x", b""), (rb"\\u00", b""), (rb"&#x", b";"), (rb"%", b""), (rb"=", b""))
)
_ESCAPE = re.compile(rb"\\x|\\u00|[%=;]|&#x")
_COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
_DEFLATED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_ZIP = b"PK\x03\x04"


def found(content: bytes, canaries: Iterable[Canary]) -> set[Canary]:
    """The canaries that the bytes hold in any writing."""
    wanted, hits = tuple(canaries), set[Canary]()
    for view in all_views(content):
        holds_words = MARK.encode() in view
        possible = (canary for canary in wanted if holds_words or not canary.text.startswith(MARK))
        hits |= {canary for canary in possible if any(needle.is_in(view) for needle in canary.needles)}
    return hits


def all_views(content: bytes, depth: int = DEEPEST) -> Iterator[bytes]:
    """The bytes as they are, and as whatever is encoded in them reads."""
    yield content
    if depth:
        for decoded in filter(None, (decode(content) for decode in DECODERS)):
            yield from all_views(decoded, depth - 1)


def _runs(content: bytes, alphabet: bytes) -> Iterator[bytes]:
    """The longer pieces that are written in an alphabet."""
    others = bytes(set(range(256)) - set(alphabet))
    pieces = content.translate(bytes.maketrans(others, b" " * len(others))).split()
    return (piece for piece in pieces if len(piece) >= SHORTEST_RUN)


def _narrow(content: bytes) -> bytes:
    """UTF-16 and UTF-32."""
    return content.replace(b"\0", b"") if b"\0" in content else b""


def _uncoloured(content: bytes) -> bytes:
    """Colours of a terminal stand in the middle of dates and words."""
    return _COLOUR.sub(b"", content) if b"\x1b[" in content else b""


def _unfolded(content: bytes) -> bytes:
    """Quoted-printable parts its lines anywhere."""
    return re.sub(rb"=\r?\n", b"", content) if b"=\n" in content or b"=\r\n" in content else b""


def _unescaped(content: bytes) -> bytes:
    """Backslash, JSON, HTML, percent and quoted-printable escapes."""
    runs = (run for escape in ESCAPES for run in escape.findall(content))
    return b"\n".join(bytes.fromhex(_ESCAPE.sub(b"", run).decode()) for run in runs)


def _from_base64(content: bytes) -> bytes:
    """Lines of it are joined first, whether they end in a line end or in one that JSON wrote."""
    joined = content.replace(b"\\n", b"").translate(None, b"\r\n")
    return b"\n".join(_decoded(run[start:]) for run in _runs(joined, BASE64) for start in range(4))


def _decoded(run: bytes) -> bytes:
    whole = run[: len(run) - (len(run) % 4 == 1)]
    return base64.urlsafe_b64decode(whole.translate(bytes.maketrans(b"+/", b"-_")) + b"=" * (-len(whole) % 4))


def _from_hex(content: bytes) -> bytes:
    return b"\n".join(
        bytes.fromhex(run[start : len(run) - (len(run) - start) % 2].decode())
        for run in _runs(content, HEX)
        for start in range(2)
    )


def _inflated(content: bytes) -> bytes:
    return b"\n".join(_inflated_at(content[match.start() :]) for match in _DEFLATED.finditer(content))


def _inflated_at(stream: bytes) -> bytes:
    """What a zlib or gzip stream holds, up to where it breaks off; nothing where it only looked like one."""
    try:
        return zlib.decompressobj(wbits=47).decompress(stream)
    except zlib.error:
        return b""


def _unzipped(content: bytes) -> bytes:
    """Every part of an archive; nothing where bytes only look like one, as another decoder may leave them."""
    if _ZIP not in content:
        return b""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return b"\n".join(archive.read(name) for name in archive.namelist())
    except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, OSError, EOFError):
        return b""


DECODERS: tuple[Callable[[bytes], bytes], ...] = (
    _uncoloured, _narrow, _unfolded, _unescaped, _from_base64, _from_hex, _inflated, _unzipped,
)  # fmt: skip
