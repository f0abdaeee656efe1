"""Pictures that people upload: what comes out is ours, pixel by pixel, and carries nothing of the file.

Source: OWASP File Upload Cheat Sheet; ASVS 5.0, V5.2 and V5.3.
"""

from io import BytesIO
from typing import IO

from PIL import Image
from PIL.Image import Transpose

from accounts.constants import AVATAR_FORMATS, AVATAR_MAX_PIXELS, AVATAR_SIDE_PIXELS
from ogc.errors import UnsupportedFileType

QUALITY = 82
_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation."""


def avatar_webp(file: IO[bytes]) -> bytes:
    """The first frame of a picture, upright, at most 512 pixels wide and high, as WebP without metadata.

    The type is told by content. The size is read from the header before a pixel is decoded.

    Raises:
        UnsupportedFileType: not a whole JPEG, PNG, WebP or GIF, or one with too many pixels.
    """
    try:
        with Image.open(file, formats=AVATAR_FORMATS) as picture:
            if picture.width * picture.height <= AVATAR_MAX_PIXELS:
                return _encoded(picture)
    except Exception as error:
        # Decoders raise whatever a broken file makes them: ValueError, struct.error, KeyError, zlib.error.
        raise UnsupportedFileType(allowed=list(AVATAR_FORMATS)) from error
    raise UnsupportedFileType(
        "This picture has too many pixels.", allowed=list(AVATAR_FORMATS), max_pixels=AVATAR_MAX_PIXELS
    )


def _encoded(picture: Image.Image) -> bytes:
    side = (AVATAR_SIDE_PIXELS, AVATAR_SIDE_PIXELS)
    turn = _UPRIGHT.get(picture.getexif().get(_ORIENTATION_TAG, 1))
    picture.seek(0)
    # A JPEG is decoded at a fraction of its size; for others this does nothing.
    picture.draft("RGB", (2 * AVATAR_SIDE_PIXELS, 2 * AVATAR_SIDE_PIXELS))
    picture.load()
    plain = _eight_bits(picture)
    plain.thumbnail(side)
    if turn is not None:
        plain = plain.transpose(turn)
    clean = Image.new(plain.mode, plain.size)
    clean.paste(plain)
    out = BytesIO()
    clean.save(out, "WEBP", quality=QUALITY)
    return out.getvalue()


def _eight_bits(picture: Image.Image) -> Image.Image:
    """RGB, or RGBA where anything can be seen through."""
    if picture.mode.startswith("I"):
        # 16 bits of grey: plain conversion would cut off all but the darkest.
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    is_transparent = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    return picture.convert("RGBA" if is_transparent else "RGB")
