"""Pictures that trainers bring: what is taken, what is kept of it, who sees it, and what a running program shows."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from django.urls import reverse
from PIL import Image

from clinic.models import AuditEntry
from clinic.refusals import Refused
from programs import pictures
from programs.differences import differences
from programs.library_export import library_text
from programs.library_file import read_text
from programs.lint import lint
from programs.loading import Fate, bring_in, compare
from programs.models import Ladder, Level, Picture
from programs.pictures import remove_picture, set_picture
from programs.publishing import draft_from, publish_version
from programs.templatetags.picture import picture
from tests.factories import people
from tests.factories.library import published_library
from tests.factories.pictures import a_file, a_photo
from tests.factories.programs import a_program, item_of
from tests.programs.admin_pages import filled_in, page

WORDS = "Feet on the ball, hips up"


@pytest.fixture
def ball(clinic, now):
    return published_library(clinic, now)["BALL_PROGRESSION"]


@pytest.fixture
def bridge(clinic) -> Level:
    """A level of the shipped library where a test asks for that, else one of its own."""
    if shipped := Level.objects.select_related("ladder").filter(code="BRG-1").first():
        return shipped
    ladder = Ladder.objects.create(clinic=clinic, code="BRG", title="Bridge", kind="strength")
    return Level.objects.create(ladder=ladder, code="BRG-1", position=1, name="floor bridge", reps_low=8, reps_high=9)


def bring(level: Level, theo, now, content: bytes | None = None, text: str = WORDS) -> Image.Image:
    """The picture as it is kept."""
    set_picture(level, file=io.BytesIO(a_photo() if content is None else content), text=text, actor=theo, now=now)
    kept = Image.open(path_of(level))
    kept.load()
    return kept


def path_of(level: Level) -> Path:
    return Path(Picture.objects.get(pk=level.details["picture"]["id"]).file.path)


def why_not(level: Level, theo, now, content: bytes, text: str = WORDS) -> dict[str, str]:
    with pytest.raises(Refused) as refusal:
        bring(level, theo, now, content, text)
    return refusal.value.errors


def page_of(level: Level) -> str:
    return reverse("admin:programs_level_picture", args=[level.pk])


# What is kept


@pytest.mark.parametrize(
    ("kind", "mode", "colour"),
    [
        ("JPEG", "RGB", "teal"),
        ("JPEG", "CMYK", (255, 0, 0, 0)),
        ("PNG", "RGBA", "teal"),
        ("PNG", "P", 3),
        ("PNG", "1", 1),
        ("PNG", "L", 90),
        ("WEBP", "RGB", "teal"),
    ],
)
def test_every_kind_of_picture_becomes_a_webp(kind, mode, colour, bridge, theo, now):
    kept = bring(bridge, theo, now, a_photo(kind, mode=mode, colour=colour))

    assert (kept.format, kept.mode, kept.size) == ("WEBP", "RGB", (60, 40))


def test_a_large_picture_is_made_small_and_keeps_its_shape(bridge, theo, now):
    assert bring(bridge, theo, now, a_photo(size=(4000, 3000))).size == (1200, 900)


def test_nothing_of_the_camera_is_kept(bridge, theo, now):
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    exif[0x8825] = {1: "N", 2: (51.0, 30.0, 0.0)}
    kept = bring(bridge, theo, now, a_photo(exif=exif, comment=b"my garden", icc_profile=b"profile"))

    data = path_of(bridge).read_bytes()
    assert kept.getexif() == {}
    assert [word for word in (b"EXIF", b"Secret", b"garden", b"ICCP", b"XMP") if word in data] == []


def test_a_phone_held_upright_gives_an_upright_picture(bridge, theo, now):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    assert bring(bridge, theo, now, a_photo(exif=exif)).size == (40, 60)


def test_what_can_be_seen_through_stands_on_white(bridge, theo, now):
    kept = bring(bridge, theo, now, a_photo("PNG", mode="RGBA", colour=(0, 0, 0, 0)))

    assert kept.getpixel((5, 5)) == (255, 255, 255)


def test_the_file_has_a_name_of_its_own(bridge, theo, now):
    bring(bridge, theo, now)
    name = Path(Picture.objects.get().file.name)

    assert (name.parent.name, len(name.stem), name.suffix) == ("pictures", 32, ".webp")


# What is refused


def a_png_of(width: int, height: int) -> bytes:
    """A head that promises many pixels, and hardly a byte behind it: a bomb."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0" * 9))]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    ("size", "why"),
    [
        ((5001, 5000), "It has 5001 × 5000 pixels: 25 million in all are the most."),
        ((10_000, 10_000), "It has far more pixels: 25 million in all are the most."),
        ((60_000, 60_000), "It has far more pixels: 25 million in all are the most."),
    ],
)
def test_a_bomb_is_refused_by_its_head(size, why, bridge, theo, now):
    assert why_not(bridge, theo, now, a_png_of(*size)) == {"file": why}


def test_the_most_pixels_are_taken():
    pictures._check(5000, 5000, frames=1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\0" * 40,
        b"%PDF-1.7",
        b"PK\x03\x04" + b"\0" * 40,
        a_photo(size=(400, 400))[:-600],
        a_photo("PNG")[:-30],
        b"<html>" + a_photo(),
        a_photo("TIFF"),
        a_photo("BMP"),
        a_png_of(50, 50),
    ],
    ids=["nothing", "svg", "gif", "pdf", "zip", "half a jpeg", "half a png", "html before", "tiff", "bmp", "no pixels"],
)
def test_what_is_no_picture_is_refused_whatever_its_name(content, bridge, theo, now):
    why = "It is no JPEG, PNG or WebP that can be read to its end, whatever its name says."

    assert why_not(bridge, theo, now, content) == {"file": why}
    assert (Picture.objects.count(), "picture" in bridge.details) == (0, False)


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_a_moving_picture_is_refused(kind, bridge, theo, now):
    more = [Image.new("RGB", (60, 40), colour) for colour in ("red", "blue")]
    content = a_photo(kind, save_all=True, append_images=more)

    why = "It moves: 3 pictures in one file. Bring one that stands still."
    assert why_not(bridge, theo, now, content) == {"file": why}


def test_a_file_of_too_many_bytes_is_refused(bridge, theo, now):
    content = a_photo() + b"\0" * pictures.MOST_BYTES

    assert why_not(bridge, theo, now, content) == {"file": "It has more than 8 MB, which is the most."}


@pytest.mark.parametrize(("text", "count"), [("", 0), ("   ", 0), ("a" * 241, 241)])
def test_words_are_needed(text, count, bridge, theo, now):
    why = f"Say what it shows in 1 to 240 characters: these are {count}."

    assert why_not(bridge, theo, now, a_photo(), text) == {"text": why}


# On the pages


def test_a_trainer_brings_a_picture_and_sees_it_at_its_level(client_of, theo, bridge):
    answer = client_of(theo).post(page_of(bridge), {"file": a_file(), "text": WORDS}, follow=True)
    text = answer.content.decode()

    assert answer.redirect_chain == [(f"/admin/programs/ladder/{bridge.ladder_id}/change/#{bridge.pk}", 302)]
    assert (f'alt="{WORDS}" width="60" height="40"' in text, "from the next version on" in text) == (True, True)
    assert AuditEntry.objects.filter(verb="set_picture", object_id=bridge.pk, actor=theo).count() == 1


def test_a_refused_file_says_why_and_keeps_the_words(client_of, theo, bridge):
    file = a_file(b"no picture", "bridge.jpg")
    text = client_of(theo).post(page_of(bridge), {"file": file, "text": WORDS}).content.decode()

    assert ("It is no JPEG, PNG or WebP" in text, f'value="{WORDS}"' in text) == (True, True)


def test_a_picture_is_taken_away_once(client_of, theo, bridge, now):
    bring(bridge, theo, now)
    for _twice in range(2):
        client_of(theo).post(page_of(bridge), {"_remove": "1"})
    bridge.refresh_from_db()

    assert "picture" not in bridge.details
    assert AuditEntry.objects.filter(verb="remove_picture").count() == 1


def test_what_another_trainer_changed_meanwhile_stays(bridge, theo, now):
    Level.objects.filter(pk=bridge.pk).update(details={"notes": ["look at the feet"]})
    bring(bridge, theo, now)
    bridge.refresh_from_db()

    assert bridge.details["notes"] == ["look at the feet"]


def test_the_form_of_the_ladder_leaves_the_picture_alone(client_of, theo, bridge, now):
    bring(bridge, theo, now)
    own = bridge.details["picture"]
    theos = client_of(theo)
    theos.post(page(bridge.ladder), filled_in(theos.get(page(bridge.ladder))) | {"levels-0-notes": "look at the feet"})
    bridge.refresh_from_db()

    assert (bridge.details["picture"], bridge.details["notes"]) == (own, ["look at the feet"])


def test_a_level_of_another_clinic_has_no_page_here(client_of, theo, other_clinic, now):
    published_library(other_clinic, now)
    theirs = Level.objects.filter(ladder__clinic=other_clinic).earliest("pk")

    assert client_of(theo).post(page_of(theirs), {"file": a_file(), "text": WORDS}).status_code == 404


# Who sees it


@pytest.fixture
def address(bridge, theo, now) -> str:
    bring(bridge, theo, now)
    return reverse("programs:picture", args=[bridge.details["picture"]["id"]])


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("ana", 200),
        ("other_patient", 200),
        ("dana", 200),
        ("theo", 200),
        ("ravi", 200),
        ("olga", 404),
        ("canary_patient", 404),
    ],
)
def test_the_people_of_the_clinic_see_it(who, status, address, client_of, request):
    assert client_of(request.getfixturevalue(who)).get(address).status_code == status


def test_a_stranger_is_asked_to_sign_in(address, client):
    assert client.get(address).headers["Location"].startswith("/sign-in/")


def test_who_looks_after_a_patient_sees_it_as_long_as_they_do(address, ana, client_of, now):
    carer = people.make_user("Carer")
    proxy = people.make_proxy(ana, carer)
    seen = client_of(carer).get(address).status_code
    proxy.revoked_at = now
    proxy.save()

    assert (seen, client_of(carer).get(address).status_code) == (200, 404)


def test_who_left_the_clinic_sees_it_no_longer(address, ana, client_of, now):
    ana.closed_at = now
    ana.save()

    assert client_of(ana).get(address).status_code == 404


def test_it_is_given_out_as_a_picture_and_nothing_else(address, client_of, ana):
    answer = client_of(ana).get(address)
    body = answer.content

    assert body[:4] + body[8:12] == b"RIFFWEBP"
    assert {name: answer.headers[name] for name in ("Content-Type", "X-Content-Type-Options")} == {
        "Content-Type": "image/webp",
        "X-Content-Type-Options": "nosniff",
    }
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["Content-Disposition"] == 'inline; filename="picture.webp"'
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_file_that_is_lost_is_not_there(address, client_of, ana):
    Path(Picture.objects.get().file.path).unlink()

    assert client_of(ana).get(address).status_code == 404


# Published is frozen


def test_a_running_program_keeps_what_it_shows(client_of, ana, theo, ball, bridge, now):
    bring(bridge, theo, now)
    newer = publish_version(draft_from(ball, actor=theo, now=now), change_note="A picture.", actor=theo, now=now)
    program = a_program(ana, newer, now=now)
    shown = picture(item_of(program, "BRG").level)
    bring(bridge, theo, now, a_photo(colour="red"), "Another one")
    remove_picture(bridge, actor=theo, now=now)

    assert (picture(item_of(program, "BRG").level), WORDS in shown) == (shown, True)
    assert shown in client_of(ana).get("/session/").content.decode()
    assert shown in client_of(ana).get("/program/").content.decode()


def test_an_earlier_program_does_not_get_it(ana, theo, ball, bridge, now):
    program = a_program(ana, ball, now=now)
    bring(bridge, theo, now)

    assert "<svg" in picture(item_of(program, "BRG").level)


def test_the_preview_of_a_draft_shows_it(client_of, theo, ball, bridge, now):
    draft = draft_from(ball, actor=theo, now=now)
    bring(bridge, theo, now)
    address = reverse("admin:programs_programversion_preview", args=[draft.pk])

    assert f'alt="{WORDS}"' in client_of(theo).get(address).content.decode()


def test_two_pictures_of_the_same_words_differ_side_by_side(theo, ball, bridge, now):
    bring(bridge, theo, now)
    newer = publish_version(draft_from(ball, actor=theo, now=now), change_note="A picture.", actor=theo, now=now)
    bring(bridge, theo, now)
    parts = [part for part in differences(newer, draft_from(ball, actor=theo, now=now)) if part.differs]

    [row] = [row for row in parts[0].rows if row.differs]
    said = f"{WORDS} (brought 2 Mar 2026, "
    assert (len(parts), row.label, row.before[0].startswith(said)) == (1, "Own picture", True)


def test_it_stands_in_place_of_a_drawing_without_words(theo, ball, bridge, now):
    bridge.details = {"drawing": "brg-4"}
    bridge.save()
    draft = draft_from(ball, actor=theo, now=now)
    before = [one for one in lint(draft) if one.rule == "picture"]
    bring(bridge, theo, now)

    assert (len(before), [one for one in lint(draft) if one.rule == "picture"]) == (1, [])


# In and out of files


def test_pictures_stay_at_home(clinic, theo, bridge, now):
    before = library_text(clinic)
    bring(bridge, theo, now)

    assert library_text(clinic) == before


def test_a_file_takes_no_picture_away(clinic, theo, bridge, now):
    file = read_text(library_text(clinic), name="mine.yaml")
    bring(bridge, theo, now)
    fates = {one.key: one.fate for one in compare(clinic, file)}
    Ladder.objects.filter(code="BRG").update(title="Mine")
    bring_in(clinic, file, replace=["ladder BRG"], actor=theo, now=now)
    bridge.refresh_from_db()

    assert (fates["ladder BRG"], Ladder.objects.get(code="BRG").title != "Mine") == (Fate.SAME, True)
    assert bridge.details["picture"]["text"] == WORDS
