"""Every route, for every role: the answer is the one the table says, and nothing of the other clinic is in it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone

from clinic.models import Clinic
from patients.models import Allowance, GateRecord, PainFlag, Program, ProgramItem, Proposal
from reminders import delivery, outbox
from tests.architecture import swaps, swaps_table
from tests.architecture.access_table import TABLE
from tests.architecture.routes import EVERYBODY, METHODS, Line, read, spread, walk
from tests.architecture.world import BESIDE, Answer, World, a_world, forget_everything
from tests.conftest import CANARY

pytestmark = pytest.mark.once

WRITTEN = read(TABLE)
LINES = spread(WRITTEN, walk())
CLOSED = [line for line in LINES if line.expected["anonymous"] in {302, 401, 403}]
NAMES_A_ROW = [line for line in CLOSED if any(value[0] not in "'/" for _key, value in line.path)]
NAMES_TWO = [line for line in NAMES_A_ROW if line.route.startswith("workspace:") and len(line.path) > 1]
QUERIES, BODIES = list(swaps.read(swaps_table.QUERIES)), list(swaps.read(swaps_table.BODIES))
SWAPPED = {field for swap in (*QUERIES, *BODIES) for field in swap.fields}
OF_A_PATIENT = {"Patient", "PainFlag", "Proposal", "TrialRequest"}
THERE = {"olga", "both_there"}
OUTSIDE = THERE | {"anonymous", "disabled", "nobody", "was_carer"}
OF_THE_CLINIC = [role for role in EVERYBODY if role not in OUTSIDE]
PATIENTS = ["ana", "other", "carer"]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), a_world() as world:
        yield world


def test_every_route_is_in_the_table():
    missing = sorted(set(walk()) - {line.route for line in LINES})
    assert missing == [], "Say in tests/architecture/access_table.py who gets which answer from these routes."


def test_the_table_speaks_of_no_route_that_is_gone():
    """Lines for a whole door may be written before the door is there."""
    doors = {name.split(":")[0] for name in walk()}
    written = [line for line in WRITTEN if line.route.split(":")[0] in doors]
    assert [line.route for line in written if not spread([line], walk())] == []


@pytest.mark.django_db
@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_role_gets_its_answer(line, world, counted):
    answers = {}
    for role in EVERYBODY:
        forget_everything()
        answers[role] = world.ask(line, role, world.ours)
    counted("tries", len(answers))
    statuses = {role: answer.status for role, answer in answers.items()}
    assert statuses == line.expected, f"{line} answered {' '.join(map(str, statuses.values()))}"
    holds_nothing_foreign(answers)
    changed = {role: answer.changed for role, answer in answers.items() if answer.is_refusal and answer.changed}
    assert changed == {}, "A refused request left these tables changed."
    counted("refused", sum(answer.is_refusal for answer in answers.values()))
    if line.method == "GET":
        after_everybody(line, world, answers, counted)
        pages = [answers[role] for role in ("ana", "dana", "theo", "owner") if answers[role].is_page]
        sent = {field for page in pages for field in swaps.fields_with_ids(page, world.models)}
        assert sorted(sent - SWAPPED) == [], (
            "Say in tests/architecture/swaps_table.py what becomes of a foreign id here."
        )


def after_everybody(line: Line, world: World, cold: dict[str, Answer], counted) -> None:
    """Whatever the others have just fetched, who was refused still is, and another patient reads their own page."""
    again = [role for role, answer in cold.items() if answer.is_refusal or role == "other"]
    warm = {role: world.ask(line, role, world.ours) for role in again}
    counted("warm", len(warm))
    assert {role: answer.status for role, answer in warm.items()} == {role: cold[role].status for role in again}
    holds_nothing_foreign(warm)


def holds_nothing_foreign(answers: dict[str, Answer]) -> None:
    """No word of the other clinic for who works or is treated in this one, none of another patient for a patient."""
    told = {role: without_own_clinics(role, answer.text) for role, answer in answers.items()}
    assert [role for role in told if role in OF_THE_CLINIC and CANARY in told[role]] == []
    assert [role for role in told if (role in PATIENTS or role in OUTSIDE) and BESIDE in told[role]] == []
    assert [role for role in told if role == "other" and "Ana Silva" in told[role]] == []


def without_own_clinics(role: str, text: str) -> str:
    """Who works in both clinics reads both names where they choose between them."""
    return text.replace(f"{CANARY} Hill Physio", "") if role == "both" else text


@pytest.mark.django_db
@pytest.mark.parametrize("route", sorted({line.route for line in LINES}))
def test_a_method_that_is_not_in_the_table_does_nothing(route, world, counted):
    """405, or a page that ignores the method. Asked by somebody who may use the route: nobody else has more."""
    mine = [line for line in LINES if line.route == route]
    role = next(role for role in ("dana", "ana", "owner", "theo", "anonymous") if may(mine, role))
    for method in set(METHODS) - {line.method for line in mine}:
        answer = world.ask(replace(mine[0], method=method), role, world.ours)
        counted("tries", 1)
        assert (method, answer.changed, answer.status < 500) == (method, [], True)


def may(lines: list[Line], role: str) -> bool:
    return any(line.expected[role] not in {401, 403, 404} for line in lines) or role == "anonymous"


@pytest.mark.django_db
@pytest.mark.parametrize("line", NAMES_A_ROW, ids=str)
def test_an_id_of_the_other_clinic_opens_nothing(line, world, counted):
    """The same routes with the ids swapped, asked by who may use them: not there; nothing of it in the answer."""
    for fetched_before in (False, True) if line.method == "GET" else (False,):
        if fetched_before:
            for role in THERE:  # whose pages they are
                world.ask(line, role, world.theirs)
        roles = [role for role in OF_THE_CLINIC if may([line], role)]
        if line.expected["both_there"] == 200:
            roles.remove("both")  # whichever clinic they chose
        answers = {role: world.ask(line, role, world.theirs) for role in roles}
        counted("paths", len(answers))
        assert {role: answer.status for role, answer in answers.items() if not says_nothing(answer)} == {}
        assert [role for role, answer in answers.items() if answer.changed] == []
        assert [role for role, answer in answers.items() if CANARY in without_own_clinics(role, answer.text)] == []


@pytest.mark.django_db
@pytest.mark.parametrize("line", NAMES_TWO, ids=str)
def test_what_is_another_patients_is_not_below_this_one(line, world, counted):
    """Ana's address with one other id in it: of the other clinic, and of another patient of her own."""
    role = next(role for role in ("dana", "owner") if may([line], role))
    for key, model in line.path[1:]:
        # Both patients' clinic has one list of gates, and who merges two records names another patient on purpose.
        for rows in (world.theirs,) if model in {"Gate", "Patient"} else (world.theirs, world.beside):
            swapped = {kind: rows[kind] if kind.__name__ == model else row for kind, row in world.ours.items()}
            answer = world.ask(line, role, swapped)
            counted("paths", 1)
            assert (key, answer.status, answer.changed) == (key, 404, [])


@pytest.mark.django_db
def test_no_mail_to_one_clinic_holds_a_word_of_the_other(world, mailoutbox):
    """Alerts, notices and a day's reminders of both, sent in one round."""
    with transaction.atomic():
        now = timezone.now()
        outbox.plan_reminders(now=now)
        for hours in (0, 12, 24):
            outbox.plan_messages(now=now + timedelta(hours=hours))
            delivery.send_urgent(now=now + timedelta(hours=hours))
            delivery.send_messages(now=now + timedelta(hours=hours))
        transaction.set_rollback(True)
    there = [one for one in mailoutbox if CANARY.lower() in one.to[0]]
    here = [one for one in mailoutbox if one not in there]
    assert there and here
    assert [one.subject for one in here if CANARY.lower() in whole(one).lower()] == []
    assert [one.subject for one in there if "Riverside" in whole(one)] == []


def whole(one: EmailMultiAlternatives) -> str:
    heads = " ".join(f"{name}: {value}" for name, value in one.message().items())
    return " ".join([heads, str(one.body), *(str(content) for content, _kind in one.alternatives)])


def nothing_is_overdue() -> None:
    """An overdue decision would show its record to who is on duty."""
    ahead = timezone.now().date() + timedelta(days=30)
    Proposal.objects.update(due_on=ahead)
    Program.objects.update(review_due=ahead, paused_until=None)
    ProgramItem.objects.filter(override_review_on__isnull=False).update(override_review_on=ahead)
    Allowance.objects.update(review_on=ahead)
    GateRecord.objects.filter(review_on__isnull=False).update(review_on=ahead)


@pytest.mark.django_db
def test_in_a_narrowed_clinic_a_colleagues_patient_is_not_there(world):
    """Where therapists see only their own patients, the others are answered like those of another clinic."""
    lines = [line for line in LINES if line.path and line.path[0][1] in OF_A_PATIENT]
    with transaction.atomic():
        Clinic.objects.update(caseload_only=True)
        PainFlag.objects.update(state=PainFlag.State.RESOLVED, resolved_at=timezone.now())  # urgent ones would show
        nothing_is_overdue()
        answers = {str(line): world.ask(line, "colleague", world.ours).status for line in lines}
        transaction.set_rollback(True)
    assert answers == {str(line): line.expected["olga"] for line in lines}
    assert len(answers) > 100


def says_nothing(answer: Answer) -> bool:
    """Not there, not allowed, or the stock admin's way of saying "not there": back to its first page."""
    location = answer.response.headers.get("Location")
    return answer.status in {403, 404} or (answer.status, location) == (302, "/admin/")


@pytest.mark.django_db
@pytest.mark.parametrize("swap", [*QUERIES, *BODIES], ids=str)
def test_an_id_of_the_other_clinic_is_refused_wherever_it_stands(swap, world, counted):
    answer = swap.ask(world)
    counted("queries" if swap in QUERIES else "bodies", 1)
    assert CANARY not in answer.text
    assert world.theirs_in(answer.written) == []
    assert answer.changed == (["patients_programdraft"] if swap.becomes == "draft" else [])
    if swap.becomes == "error":
        assert answer.status in {200, 400, 422} and [name for name in swap.names if swaps.names_field(answer, name)]
    elif swap.becomes == "ignored":
        plain = swap.ask(world, without=True)
        assert (answer.status, where(answer)) == (plain.status, where(plain))
    else:
        assert str(answer.status) in {"draft": {"200", "302"}}.get(swap.becomes, {swap.becomes})


def where(answer: Answer) -> str:
    return answer.response.headers.get("Location", "")


def test_every_query_parameter_is_in_a_list():
    """What the doors read from an address names a row, and stands in swaps_table.py, or is one of its words."""
    known = swaps_table.WORDS | {name for swap in QUERIES for name in swap.names}
    assert sorted(swaps.parameters_read() - known) == []


def test_every_id_the_api_reads_is_in_a_list():
    assert sorted(swaps.ids_read_by_the_api()) == sorted(swaps_table.API_IDS)
