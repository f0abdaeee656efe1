"""Avatars: what is taken, what becomes of it, what is refused, and how it is served."""

import os
import random
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from accounts.constants import AVATAR_MAX_BYTES
from accounts.models import User
from accounts.services import user_suspend
from accounts.services.avatars import orphans_sweep
from ogc.actors import SYSTEM
from tests.accounts.pictures import form, picture, png_claiming, png_with_text_bomb
from tests.api_client import error_code
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def client(api, user):
    return api.as_user(user)


def upload(client, data, **fields):
    body, content_type = form(avatar=data, **fields)
    return client.call("PATCH", "users/me", body, content_type=content_type)


def stored(media: Path) -> list[str]:
    return sorted(path.name for path in (media / "avatars").glob("*")) if (media / "avatars").exists() else []


def served(api, user):
    response = api.get(f"users/{user.public_id}/avatar")
    assert response.status_code == 200
    return Image.open(BytesIO(b"".join(response.streaming_content)))


def exif(orientation: int = 6) -> bytes:
    tags = Image.Exif()
    tags[0x0112], tags[0x010E] = orientation, "Home address"
    tags.get_ifd(0x8825)[1] = "N"
    return tags.tobytes()


GOOD = {
    "jpeg": picture("JPEG"),
    "png": picture("PNG"),
    "webp": picture("WEBP"),
    "gif": picture("GIF", mode="P"),
    "cmyk": picture("JPEG", mode="CMYK"),
    "grey": picture("PNG", mode="L"),
    "grey of 16 bits": picture("PNG", mode="I;16", color=40_000),
    "palette that can be seen through": picture("PNG", mode="P", transparency=0),
    "one bit": picture("PNG", mode="1"),
    "grey with alpha": picture("PNG", mode="LA"),
    "a line": picture("PNG", size=(1, 50_000)),
    "large": picture("JPEG", size=(4000, 3000)),
}


SEEN_THROUGH = {"palette that can be seen through", "grey with alpha"}


@pytest.mark.parametrize("name", GOOD)
def test_pictures_become_small_webp(api, client, user, name):
    response = upload(client, GOOD[name])
    assert response.status_code == 200, response.content
    image = served(api, user)
    assert image.format == "WEBP"
    assert max(image.size) <= 512
    assert image.mode == ("RGBA" if name in SEEN_THROUGH else "RGB")


def test_grey_of_16_bits_keeps_its_brightness(api, client, user):
    upload(client, GOOD["grey of 16 bits"])
    assert abs(served(api, user).getpixel((5, 5))[0] - 40_000 // 256) <= 3


def test_only_the_first_frame_of_an_animation(api, client, user):
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "blue", "green")]
    for kind in ("GIF", "WEBP"):
        out = BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:])
        assert upload(client, out.getvalue()).status_code == 200
        image = served(api, user)
        assert getattr(image, "n_frames", 1) == 1
        red, green, blue = image.convert("RGB").getpixel((5, 5))
        assert (red > 200, green < 60, blue < 60) == (True, True, True)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_stand_upright_and_say_nothing_of_where_they_were_taken(api, client, user, kind):
    assert upload(client, picture(kind, size=(60, 20), exif=exif(6))).status_code == 200
    image = served(api, user)
    assert image.size == (20, 60)
    assert dict(image.getexif()) == {}
    assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()
    body = b"".join(api.get(f"users/{user.public_id}/avatar").streaming_content)
    assert b"Home address" not in body


BAD = {
    "empty": b"",
    "text": b"hello",
    "html": b"<script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html behind a header": b"GIF89a<script>alert(1)</script>",
    "html behind a jpeg header": b"\xff\xd8\xff\xe0<html><script>alert(1)</script>",
    "tiff": picture("TIFF"),
    "bmp": picture("BMP"),
    "ico": picture("ICO"),
    "half a png": picture("PNG", size=(300, 300))[:150],
    "half a jpeg": GOOD["large"][: len(GOOD["large"]) // 2],
    "pdf": b"%PDF-1.7\n1 0 obj",
    "bomb by its header": png_claiming(60_000, 60_000),
    "bomb just above the limit": png_claiming(32_001, 1_000),
    "bomb of text": png_with_text_bomb(),
    "no pixels": png_claiming(100, 100),
    "zero wide": png_claiming(0, 100),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_whole_picture_is_refused_and_nothing_kept(client, user, media, name):
    response = upload(client, BAD[name], bio="changed")
    assert (response.status_code, error_code(response)) == (400, "UNSUPPORTED_FILE_TYPE")
    user.refresh_from_db()
    assert (user.avatar.name, user.bio) == ("", "")
    assert stored(media) == []


def test_what_rides_behind_a_picture_does_not_get_through(api, client, user):
    payload = b"<script>alert(document.domain)</script>"
    assert upload(client, picture("GIF", mode="P") + payload).status_code == 200
    assert payload not in b"".join(api.get(f"users/{user.public_id}/avatar").streaming_content)


def test_mutated_files_are_taken_or_refused_and_never_break_us(client, user):
    dice = random.Random(20260131)
    seen = set()
    for round_ in range(240):
        data = bytearray(GOOD[dice.choice(["jpeg", "png", "webp", "gif", "cmyk"])])
        for _ in range(dice.randint(1, 12)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        if round_ % 3 == 0:
            del data[dice.randrange(len(data)) :]
        seen.add(upload(client, bytes(data)).status_code)
    assert seen == {200, 400}


@pytest.mark.parametrize("extra", [1, 100_000])
def test_files_above_10_mib_are_refused(client, user, media, extra):
    response = upload(client, GOOD["jpeg"] + b"\x00" * (AVATAR_MAX_BYTES + extra - len(GOOD["jpeg"])))
    assert (response.status_code, error_code(response)) == (413, "FILE_TOO_LARGE")
    assert response.json()["error"]["details"] == {"limit_bytes": AVATAR_MAX_BYTES}
    assert stored(media) == []


def test_the_form_takes_the_other_fields_too(client, user):
    response = upload(client, GOOD["png"], birth_year="1990", bio="Numbers.", locale="de")
    assert response.status_code == 200
    assert (response.json()["birth_year"], response.json()["bio"]) == (1990, "Numbers.")
    response = upload(client, GOOD["png"], birth_year="1990.0", role="admin")
    assert (response.status_code, set(response.json()["error"]["details"])) == (400, {"role"})
    for fields in ({"avatar": "a text"}, {"birth_year": "0x7c6"}, {"track": "robots"}):
        body, content_type = form(**fields)
        response = client.call("PATCH", "users/me", body, content_type=content_type)
        assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")


def part(name, data, filename="a.png"):
    named = f'; filename="{filename}"' if filename else ""
    return f'--BB\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + data + b"\r\n"


WHOLE = part("avatar", GOOD["png"]) + b"--BB--\r\n"
NO_FORMS = {
    "no form": b"no form",
    "another boundary": WHOLE.replace(b"--BB", b"--XX"),
    "cut off in the file": WHOLE[:120],
    "cut off before its end": part("avatar", GOOD["png"]),
    "cut off in the last boundary": WHOLE[:-4],
    "two files": part("avatar", GOOD["png"]) + WHOLE,
    "text and file": part("avatar", b"x", "") + WHOLE,
    "a field twice": part("bio", b"x", "") + part("bio", b"y", "") + WHOLE,
    "a file too many": part("other", GOOD["png"]) + WHOLE,
}


@pytest.mark.parametrize("name", NO_FORMS)
def test_forms_that_are_not_whole_or_say_two_things_are_refused(client, user, media, name):
    content_type = "multipart/form-data; boundary=BB"
    response = client.call("PATCH", "users/me", NO_FORMS[name], content_type=content_type)
    assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")
    user.refresh_from_db()
    assert (user.avatar.name, user.bio, stored(media)) == ("", "", [])


def test_bodies_without_boundary_type_or_length_are_refused(client):
    for content_type in ("multipart/form-data", "multipart/form-data; boundary="):
        assert client.call("PATCH", "users/me", WHOLE, content_type=content_type).status_code == 400
    assert client.call("PATCH", "users/me", b"x=1", content_type="text/plain").status_code == 415
    for content_type in ("multipart/form-data; boundary=BB", "application/json"):
        response = client.call(
            "PATCH",
            "users/me",
            b"",
            content_type=content_type,
            headers={"transfer-encoding": "chunked", "content-length": ""},
        )
        assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")


def test_a_new_picture_replaces_the_old_file(api, client, user, media):
    first = upload(client, GOOD["png"]).json()["avatar"]
    second = upload(client, GOOD["jpeg"]).json()["avatar"]
    assert first != second
    assert len(stored(media)) == 1
    assert client.patch("users/me", {"avatar": None}).json()["avatar"] is None
    assert stored(media) == []
    assert error_code(api.get(f"users/{user.public_id}/avatar")) == "NOT_FOUND"


def test_it_is_served_as_an_attachment_that_browsers_do_not_sniff(api, client, user):
    url = upload(client, GOOD["png"]).json()["avatar"]
    assert f"/api/v1/users/{user.public_id}/avatar?v=" in url
    response = api.get(url[url.index("/api/") :])
    assert response["Content-Type"] == "image/webp"
    assert response["Content-Disposition"] == 'attachment; filename="avatar.webp"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    assert response["Cache-Control"] == "public, max-age=300"
    again = api.get(f"users/{user.public_id}/avatar", headers={"if-none-match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    upload(client, GOOD["jpeg"])
    changed = api.get(f"users/{user.public_id}/avatar", headers={"if-none-match": response["ETag"]})
    assert changed.status_code == 200


def test_a_picture_that_the_storage_lost_is_not_found(api, client, user, media):
    upload(client, GOOD["png"])
    default_storage.delete(User.objects.get(pk=user.pk).avatar.name)
    assert error_code(api.get(f"users/{user.public_id}/avatar")) == "NOT_FOUND"
    assert upload(client, GOOD["jpeg"]).status_code == 200


def test_pictures_of_the_suspended_are_not_shown(api, client, user):
    upload(client, GOOD["png"])
    user_suspend(actor=SYSTEM, user_id=user.public_id, reason="spam")
    assert error_code(api.get(f"users/{user.public_id}/avatar")) == "NOT_FOUND"


def test_files_that_no_row_names_are_swept(client, user, media):
    upload(client, GOOD["png"])
    (kept,) = stored(media)
    for name in ("old.webp", "new.webp"):
        (media / "avatars" / name).write_bytes(b"x")
    for name in ("old.webp", kept):
        os.utime(media / "avatars" / name, (0, 0))
    assert orphans_sweep() == 1
    assert stored(media) == sorted([kept, "new.webp"])
