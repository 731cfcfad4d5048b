"""Photos that people send: looked at before they are opened, and drawn anew, so that nothing else of the file stays."""

from io import BytesIO
from typing import IO, Any

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from common.errors import Refused

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES, MOST_PIXELS = 5_000_000, 24_000_000
SIDE = 256


def square_jpeg(file: IO[bytes]) -> bytes:
    """The middle of the picture as an upright square JPEG of 256 pixels, without what the camera noted.

    Raises Refused for what is no JPEG, PNG or WebP picture, is broken, moves, or unpacks to too many pixels.
    """
    try:
        with Image.open(file, formats=FORMATS) as picture:
            _check(picture)
            return _drawn(picture)
    except Image.DecompressionBombError as error:  # more than twice what Pillow itself finds safe
        raise _too_large() from error
    except UnidentifiedImageError as error:
        raise _refused(
            _("This file is no JPEG, PNG or WebP picture. Choose a photo of that kind.")
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise _refused(_("This picture is broken and can't be opened. Choose another one.")) from error


def _check(picture: Any) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_large()
    if getattr(picture, "is_animated", False):
        raise _refused(_("This picture moves. Choose a still one."))


def _drawn(picture: Any) -> bytes:
    """The square, on white where the picture lets the ground shine through."""
    picture.draft("RGB", (2 * SIDE, 2 * SIDE))
    picture.thumbnail((4 * SIDE, 4 * SIDE), reducing_gap=2.0)  # first, so that no whole copy is made
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    square = ImageOps.fit(upright, (SIDE, SIDE))
    ground = Image.new("RGB", square.size, "white")
    ground.paste(square, mask=square)
    drawn = BytesIO()
    ground.save(drawn, "JPEG", quality=85, optimize=True)
    return drawn.getvalue()


def _too_large() -> Refused:
    message = _("This picture has more than %(most)s million pixels. Make it smaller and try again.")
    return _refused(message % {"most": MOST_PIXELS // 1_000_000})


def _refused(message: str) -> Refused:
    return Refused(message, path="photo", code="photo")
