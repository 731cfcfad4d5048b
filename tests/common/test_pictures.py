"""Photos are drawn anew; what is none is refused in words."""

import io
from typing import Any

import pytest
from PIL import Image

from common.errors import Refused
from common.pictures import square_jpeg


def file_of(image: Any, kind: str, **options: Any) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


def halves(width: int = 600, height: int = 300) -> Any:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    return image


def opened(jpeg: bytes) -> Any:
    image = Image.open(io.BytesIO(jpeg))
    image.load()
    return image


def is_near(pixel: tuple[int, int, int], wanted: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 40 for one, other in zip(pixel, wanted, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_middle_becomes_a_square_of_256_pixels(kind: str) -> None:
    image = opened(square_jpeg(file_of(halves(), kind)))
    assert (image.format, image.size, image.mode) == ("JPEG", (256, 256), "RGB")
    assert is_near(image.getpixel((20, 128)), (255, 0, 0))
    assert is_near(image.getpixel((236, 128)), (0, 0, 255))


def test_it_stands_upright_and_tells_nothing_of_the_camera() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8825] = 6, "A camera", {1: "N"}
    image = opened(square_jpeg(file_of(halves(300, 300), "JPEG", exif=exif)))
    assert is_near(image.getpixel((128, 20)), (255, 0, 0))
    assert is_near(image.getpixel((128, 236)), (0, 0, 255))
    assert dict(image.getexif()) == {}
    assert not {"exif", "icc_profile", "comment", "xmp"} & set(image.info)


def test_what_shines_through_stands_on_white() -> None:
    clear = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    assert is_near(opened(square_jpeg(file_of(clear, "PNG"))).getpixel((128, 128)), (255, 255, 255))


def refusal(file: io.BytesIO) -> str:
    with pytest.raises(Refused) as refused:
        square_jpeg(file)
    return str(refused.value.message)


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7"]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    assert refusal(io.BytesIO(content)).startswith("This file is no JPEG, PNG or WebP picture.")


def test_a_kind_that_is_not_taken_is_refused() -> None:
    assert refusal(file_of(halves(), "GIF")).startswith("This file is no JPEG, PNG or WebP picture.")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_was_cut_off_is_refused(kind: str) -> None:
    whole = file_of(Image.effect_noise((400, 400), 90).convert("RGB"), kind).getvalue()
    assert "picture" in refusal(io.BytesIO(whole[: len(whole) // 2]))


@pytest.mark.parametrize("side", [5_000, 30_000])
def test_a_picture_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(side: int) -> None:
    bomb = file_of(Image.new("1", (side, side)), "PNG")
    assert len(bomb.getvalue()) < 200_000
    assert refusal(bomb).startswith("This picture has more than 24 million pixels.")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_picture_that_moves_is_refused(kind: str) -> None:
    moving = file_of(halves(), kind, save_all=True, append_images=[Image.new("RGB", (600, 300), "green")])
    assert refusal(moving) == "This picture moves. Choose a still one."
