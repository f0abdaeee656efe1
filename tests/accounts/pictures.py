"""Pictures, good and bad, and the forms that carry them."""

import struct
import zlib
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image


def picture(kind: str = "PNG", size=(40, 30), mode: str = "RGB", color=None, **options) -> bytes:
    """A picture of one colour."""
    out = BytesIO()
    Image.new(mode, size, color or 0).save(out, kind, **options)
    return out.getvalue()


def form(**fields) -> tuple[bytes, str]:
    """A multipart body and its content type; bytes become a file that lies about its name and type."""
    files = {
        name: SimpleUploadedFile("../../evil.html", value, content_type="text/html")
        if isinstance(value, bytes)
        else value
        for name, value in fields.items()
    }
    return encode_multipart(BOUNDARY, files), MULTIPART_CONTENT


def png_claiming(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG whose header says so, with next to nothing in it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def png_with_text_bomb() -> bytes:
    """A small PNG with a text chunk that unpacks to 100 MB."""
    whole = picture()
    bomb = _chunk(b"zTXt", b"a\x00\x00" + zlib.compress(b"\x00" * 100_000_000, 9))
    return whole[:33] + bomb + whole[33:]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
