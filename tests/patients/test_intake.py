"""From a stranger's request to the outcome of a trial."""

from datetime import date, timedelta

import pytest

from clinic.models import AuditEntry
from clinic.refusals import Refused
from patients import admissions, intake, ticks, trials
from patients.adjustments import hold, release
from patients.audit_checks import Finding
from patients.contraindications import Contraindicated
from patients.models import Consent, Episode, GateRecord, Patient, Program, Trial, TrialEvent, TrialRequest
from patients.person_keys import email_keys, normal_email, phone_keys
from tests.factories.programs import a_session, as_planned, item_of
from tests.factories.trials import a_request, a_running_trial, a_trial, an_audit, ask


def kinds(request):
    return list(TrialEvent.objects.filter(request=request).order_by("pk").values_list("kind", flat=True))


# Asking


def test_a_request_waits_for_its_mail_to_be_confirmed(clinic, now):
    asked = ask(clinic, now=now)

    assert (asked.request.state, asked.screening, asked.safety) == ("submitted", "eligible", None)
    assert not Patient.objects.exists()


def test_a_request_names_every_field_that_is_missing(clinic, now):
    with pytest.raises(Refused) as refused:
        ask(clinic, now=now, name=" ", email="ana", postcode="", complaint="", birth_date=None, consents=[])

    assert set(refused.value.errors) == {
        "name", "email", "postcode", "complaint", "birth_date", "consent_trial_terms", "consent_treatment",
        "consent_health_data", "consent_privacy", "consent_email",
    }  # fmt: skip
    assert not TrialRequest.objects.exists()


def test_consents_are_kept_with_the_version_that_was_shown(clinic, now):
    request = ask(clinic, now=now).request

    assert {(one["kind"], one["version"]) for one in request.consents} == {
        (kind, "1") for kind in ("email", "health_data", "privacy", "treatment", "trial_terms")
    }


def test_a_seventeen_year_old_needs_a_guardian(clinic, now):
    assert ask(clinic, now=now, birth_date=date(2009, 3, 2)).screening == "guardian_required"


def test_the_postcode_must_lie_in_the_service_area(clinic, now):
    clinic.service_area = ["M1", "M2"]
    assert ask(clinic, now=now, postcode="E1 6AN").screening == "out_of_area"


# Warning signs


def test_an_emergency_sign_is_answered_at_once_and_gives_no_trial(clinic, now):
    asked = ask(clinic, now=now, red_flags=["saddle_numbness"])

    assert (asked.safety.kind, asked.safety.severity, asked.safety.call) == ("emergency", 1, "999")
    assert asked.request.screening == "referred_out"


def test_an_urgent_sign_sends_to_a_doctor_today(clinic, now):
    asked = ask(clinic, now=now, red_flags=["fever_unwell"])

    assert (asked.safety.severity, asked.screening) == (2, "needs_clinician")
    assert "today" in asked.safety.urgent


def test_a_sign_of_severity_three_alarms_nobody(clinic, now):
    asked = ask(clinic, now=now, red_flags=["weight_loss"])

    assert (asked.safety, asked.screening) == (None, "needs_clinician")


def test_a_warning_sign_beats_missing_fields(clinic, now):
    asked = ask(clinic, now=now, red_flags=["bladder_change"], name="", email="", consents=[], birth_date=None)

    assert asked.safety.severity == 1
    assert asked.request.phone == "020 7946 0200"


def test_a_warning_sign_without_any_contact_is_answered_and_not_kept(clinic, now):
    asked = ask(clinic, now=now, red_flags=["bladder_change"], email="nonsense", phone="")

    assert (asked.safety.severity, asked.request) == (1, None)


def test_a_warning_sign_beats_the_trap_for_machines(clinic, now):
    asked = ask(clinic, now=now, red_flags=["chest_pain"], doubt="honeypot")

    assert asked.safety.severity == 1
    assert asked.request.answers["doubt"] == "honeypot"


def test_a_warning_sign_beats_every_limit(clinic, now):
    asked = [
        ask(clinic, now=now, visitor="192.0.2.1", email=f"p{n}@people.example", red_flags=["chest_pain"])
        for n in range(25)
    ]

    assert {one.safety.severity for one in asked} == {1}
    assert sum(one.request is not None for one in asked) == 20


def test_a_warning_sent_again_with_more_filled_in_is_one_request(clinic, now):
    ask(clinic, now=now, red_flags=["fever_unwell"], consents=[])
    ask(clinic, now=now + timedelta(minutes=2), red_flags=["fever_unwell"])

    assert len(TrialRequest.objects.get().consents) == 5


# Machines and limits


def test_a_machine_is_told_the_same_and_nothing_is_kept(clinic, now):
    assert ask(clinic, now=now, doubt="honeypot") == intake.Requested(None, None, None)
    assert not TrialRequest.objects.exists()


def test_the_sixth_request_from_one_place_in_an_hour_is_too_many(clinic, now):
    for number in range(5):
        ask(clinic, now=now, visitor="192.0.2.1", email=f"p{number}@people.example")
    with pytest.raises(intake.TooMany):
        ask(clinic, now=now, visitor="192.0.2.1", email="another@people.example")


def test_the_fourth_request_for_one_address_in_a_day_is_dropped_in_silence(clinic, now):
    spellings = ["ana@gmail.com", "A.n.a@gmail.com", "ana+trial@googlemail.com", "ana@gmail.com"]
    asked = [ask(clinic, now=now, visitor=f"192.0.2.{n}", email=email) for n, email in enumerate(spellings)]

    assert [one.request is None for one in asked] == [False, False, False, True]


# Who it is


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        (" Ana@People.Example ", "ana@people.example"),
        ("ana+x@people.example", "ana@people.example"),
        ("a.n.a@people.example", "a.n.a@people.example"),
        ("a.n.a+x@GoogleMail.com", "ana@gmail.com"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("nonsense", ""),
    ],
)
def test_one_spelling_of_an_address(typed, normal):
    assert normal_email(typed) == normal


def test_the_digest_changes_with_the_secret_and_the_old_one_is_still_known(settings):
    (before,) = email_keys("ana@people.example")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another secret"

    assert email_keys("ana@people.example")[1:] == [before]


def test_a_phone_counts_only_with_the_birth_date():
    born = date(1985, 5, 17)
    assert phone_keys("+44 20 7946 0200", born) == phone_keys("020 7946 0200", born)
    assert phone_keys("020 7946 0200", None) == phone_keys("0200", born) == []


# Confirming


def test_confirming_puts_the_request_on_the_board_once(clinic, now):
    asked = ask(clinic, now=now).request
    for _time in range(2):
        found = intake.request_of(intake.confirm_token(asked), now=now + timedelta(hours=1))
        intake.confirm_request(found, now=now + timedelta(hours=1))

    asked.refresh_from_db()
    assert (asked.state, kinds(asked)) == ("confirmed", ["submit", "confirm"])


def test_a_link_is_over_after_two_days(clinic, now):
    asked = ask(clinic, now=now).request
    with pytest.raises(intake.LinkIsOver):
        intake.request_of(intake.confirm_token(asked), now=now + timedelta(hours=48))
    with pytest.raises(intake.LinkIsOver):
        intake.confirm_request(asked, now=now + timedelta(hours=48))


@pytest.mark.parametrize("token", ["", "x", "IjEi:1abc:def"])
def test_a_made_up_link_is_over(db, now, token):
    with pytest.raises(intake.LinkIsOver):
        intake.request_of(token, now=now)


def test_who_was_sent_to_emergency_care_cannot_confirm(clinic, now):
    asked = ask(clinic, now=now, red_flags=["chest_pain"]).request
    with pytest.raises(intake.LinkIsOver):
        intake.request_of(intake.confirm_token(asked), now=now)


def test_what_nobody_confirms_expires_and_is_forgotten_after_a_month(clinic, now):
    asked = ask(clinic, now=now).request
    ticks.tick(now=now + timedelta(days=2))
    asked.refresh_from_db()
    assert (asked.state, asked.name) == ("expired", "Ana Silva")

    assert ticks.tick(now=now + timedelta(days=30)) == 1
    asked.refresh_from_db()
    assert (asked.name, asked.email, asked.complaint, asked.person_key) == ("", "", "", "")
    assert ticks.tick(now=now + timedelta(days=30)) == 0


def test_a_warning_nobody_confirms_stays_until_somebody_has_dealt_with_it(clinic, now):
    asked = ask(clinic, now=now, red_flags=["fever_unwell"]).request
    ticks.tick(now=now + timedelta(days=5))
    asked.refresh_from_db()
    assert asked.state == "submitted"


# Deciding


def test_accepting_makes_a_patient_with_consents_and_an_episode(clinic, dana, now):
    trial = a_trial(clinic, dana, now=now)

    patient = trial.patient
    assert (patient.identity.name, patient.owner, patient.user.email) == ("Ana Silva", dana, "ana@people.example")
    assert Episode.objects.get() == trial.episode
    assert (trial.episode.side, trial.episode.usual_pain, trial.episode.leg_tingling) == ("left", 2, False)
    assert kinds(trial.request) == ["submit", "confirm", "accept"]


def test_consents_count_from_the_moment_they_were_given(clinic, dana, now):
    trial = a_trial(clinic, dana, now=now)

    consent = Consent.objects.get(patient=trial.patient, kind="trial_terms")
    words = "The trial costs nothing, needs no card, and ends by itself after two weeks."
    assert (consent.given_at, consent.text.text, consent.source) == (now, words, "trial form")
    assert consent.given_by == trial.patient.user


def test_only_a_licensed_therapist_accepts(clinic, ravi, owner, olga, now):
    asked = a_request(clinic, now=now)
    for person in (ravi, owner, olga):
        with pytest.raises(intake.NotAllowed):
            admissions.accept_request(asked, actor=person, now=now)


def test_an_unconfirmed_request_cannot_be_accepted(clinic, dana, now):
    with pytest.raises(intake.Moved):
        admissions.accept_request(ask(clinic, now=now).request, actor=dana, now=now)


def test_more_than_eligible_needs_a_reason(clinic, dana, now):
    asked = a_request(clinic, now=now, pain_now=9)
    with pytest.raises(Refused) as refused:
        admissions.accept_request(asked, actor=dana, now=now)
    assert set(refused.value.errors) == {"reason"}

    assert admissions.accept_request(asked, reason="Seen today, settled.", actor=dana, now=now).state == "accepted"


def test_a_patient_of_the_clinic_gets_no_trial(clinic, dana, now):
    a_trial(clinic, dana, now=now, email="ana@people.example")
    Trial.objects.all().delete()
    asked = a_request(clinic, now=now, phone="")

    with pytest.raises(Refused, match="patient of the clinic now"):
        admissions.accept_request(asked, reason="Why not", actor=dana, now=now)


def test_a_second_trial_for_one_person_is_an_exception_with_a_reason(clinic, dana, now):
    first = a_trial(clinic, dana, now=now)
    trials.end_trial(first, outcome="withdrawn", reason="other", actor=dana, now=now)
    later = now + timedelta(days=200)
    asked = a_request(clinic, now=later, email="ANA+again@people.example", phone="")
    assert asked.screening == "duplicate"

    again = admissions.accept_request(asked, reason="Was ill in the first week.", actor=dana, now=later)

    assert (again.request.overridden, Trial.objects.count()) == (True, 2)


def test_phone_and_birth_date_give_a_second_address_away(clinic, dana, now):
    trial = a_trial(clinic, dana, now=now)
    trials.end_trial(trial, outcome="withdrawn", reason="other", actor=dana, now=now)

    asked = ask(clinic, now=now, email="other@people.example", phone="+44 20 7946 0200")
    assert asked.screening == "duplicate"


def test_another_clinic_does_not_know_the_person(clinic, other_clinic, dana, now):
    a_trial(clinic, dana, now=now)
    assert ask(other_clinic, now=now).screening == "eligible"


def test_two_requests_of_one_person_give_one_trial(clinic, dana, colleague, now):
    one, two = a_request(clinic, now=now), a_request(clinic, now=now)
    admissions.accept_request(one, actor=dana, now=now)
    with pytest.raises(Refused):
        admissions.accept_request(two, actor=colleague, now=now)
    assert Trial.objects.count() == 1


def test_declining_needs_a_reason_and_closes_the_request(clinic, dana, now):
    asked = a_request(clinic, now=now)
    with pytest.raises(Refused):
        admissions.decline_request(asked, reason=" ", actor=dana, now=now)

    assert admissions.decline_request(asked, reason="Told by phone.", actor=dana, now=now).state == "declined"
    with pytest.raises(intake.Moved):
        admissions.accept_request(asked, actor=dana, now=now)


def test_an_emergency_is_closed_by_a_licensed_person_only(clinic, dana, ravi, now):
    asked = ask(clinic, now=now, red_flags=["chest_pain"]).request
    with pytest.raises(intake.NotAllowed):
        admissions.decline_request(asked, reason="Called.", actor=ravi, now=now)
    assert admissions.decline_request(asked, reason="Called: is in hospital.", actor=dana, now=now).state == "declined"


# The audit


def test_the_audit_is_booked_and_moved(clinic, dana, ravi, now):
    trial = a_trial(clinic, dana, now=now)
    for days in (1, 2):
        trial = trials.book_audit(trial, at=now + timedelta(days=days), actor=ravi, now=now)

    assert (trial.state, trial.audit_at) == ("audit_booked", now + timedelta(days=2))
    with pytest.raises(Refused):
        trials.book_audit(trial, at=now, actor=ravi, now=now)


def test_checks_that_are_met_set_their_gates_and_entry_levels(clinic, dana, library, now):
    trial = an_audit(a_trial(clinic, dana, now=now), dana, now=now)

    assert set(GateRecord.objects.values_list("code", flat=True)) == {"hinge_3_points", "slump_screen_done"}
    assert trial.entry_levels == {"BRG": "BRG-2", "HNG": "HNG-3"}
    trial.episode.refresh_from_db()
    assert trial.episode.slump == "unchanged"


def test_a_check_that_hurts_begins_lower(clinic, dana, library, now):
    findings = [Finding("HINGE_DOWEL", True, pain=6), Finding("BRIDGE", False, faults=("pushing from the toes",))]
    trial = an_audit(a_trial(clinic, dana, now=now), dana, now=now, findings=findings)

    assert trial.entry_levels == {"BRG": "BRG-1", "HNG": "HNG-1"}
    assert trial.findings.get(check_code="BRIDGE").faults == ["pushing from the toes"]


def test_the_later_of_two_audits_takes_a_gate_back(clinic, dana, library, now):
    trial = an_audit(a_trial(clinic, dana, now=now), dana, now=now)
    an_audit(trial, dana, now=now, findings=[Finding("HINGE_DOWEL", False)])

    assert not GateRecord.objects.filter(code="hinge_3_points", revoked_at=None).exists()


def test_absurd_findings_are_refused_by_field(clinic, dana, library, now):
    with pytest.raises(Refused) as refused:
        an_audit(
            a_trial(clinic, dana, now=now),
            dana,
            now=now,
            findings=[Finding("BRIDGE", True, pain=11), Finding("SLUMP", True, value="odd")],
            summary="",
        )
    assert set(refused.value.errors) == {"BRIDGE-pain", "SLUMP-value", "summary"}


# Running


def test_a_trial_starts_after_its_audit_only(clinic, dana, library, now):
    with pytest.raises(Refused, match="audit comes first"):
        trials.start_trial(a_trial(clinic, dana, now=now), path="muscle", actor=dana, now=now)


def test_the_starter_program_begins_at_the_levels_of_the_audit(clinic, dana, library, now):
    trial = a_running_trial(clinic, dana, now=now)

    program = Program.objects.get(patient=trial.patient)
    assert (program.version.template.code, program.path, program.pain_policy) == (trials.STARTER, "muscle", "strict")
    assert {code: item_of(program, code).level.code for code in ("BRG", "HNG")} == {"BRG": "BRG-2", "HNG": "HNG-3"}
    assert (trial.state, trial.started_on, trial.last_day) == ("active", date(2026, 3, 2), date(2026, 3, 15))


def test_the_nerve_path_waits_for_clearance(clinic, dana, library, now):
    slump = Finding("SLUMP", True, value="eases_looking_up")
    trial = an_audit(a_trial(clinic, dana, now=now), dana, now=now, findings=[slump], path="nerve")
    with pytest.raises(Contraindicated):
        trials.start_trial(trial, actor=dana, now=now)

    trial = an_audit(trial, dana, now=now, findings=[slump, Finding("NERVE_GLIDE", True)], path="nerve")
    assert trials.start_trial(trial, actor=dana, now=now).state == "active"


def test_a_first_session_can_be_logged(clinic, dana, library, now):
    trial = a_running_trial(clinic, dana, now=now)
    program = Program.objects.get(patient=trial.patient)

    assert a_session(program, as_planned(item_of(program, "BRG")), now=now).safety is None


def test_a_trial_is_extended_once(clinic, dana, library, now):
    trial = trials.extend_once(a_running_trial(clinic, dana, now=now), actor=dana, now=now)

    assert trial.last_day == date(2026, 3, 22)
    with pytest.raises(intake.Moved):
        trials.extend_once(trial, actor=dana, now=now)


def test_a_trial_ends_at_the_local_midnight_after_its_last_day(clinic, dana, library, now):
    trial = a_running_trial(clinic, dana, now=now)
    ticks.tick(now=now.replace(day=15, hour=23, minute=59))
    trial.refresh_from_db()
    assert trial.state == "active"

    ticks.tick(now=now.replace(day=16, hour=0, minute=0))
    trial.refresh_from_db()
    assert (trial.state, trial.outcome_reason) == ("not_converted", "")
    assert Program.objects.get(patient=trial.patient).ended_reason == "trial_over"
    assert trials.end_due_trials(now=now.replace(day=16, hour=0, minute=1)) == 0


def test_a_held_plan_stops_the_clock_and_the_days_come_back(clinic, dana, library, now):
    trial = a_running_trial(clinic, dana, now=now)
    program = Program.objects.get(patient=trial.patient)
    held = hold(program, scope="plan", reason="Fever", actor=dana, now=now + timedelta(days=3))
    release(held, effect="resume", actor=dana, now=now + timedelta(days=8))

    ticks.tick(now=now + timedelta(days=9))
    trial.refresh_from_db()
    assert (trial.paused_days, trial.last_day) == (5, date(2026, 3, 20))


def test_a_hold_of_one_exercise_does_not_stop_the_clock(clinic, dana, library, now):
    trial = a_running_trial(clinic, dana, now=now)
    program = Program.objects.get(patient=trial.patient)
    hold(program, scope="item", item=item_of(program, "BRG"), reason="Sore", actor=dana, now=now)

    ticks.tick(now=now + timedelta(days=9))
    trial.refresh_from_db()
    assert trial.last_day == date(2026, 3, 15)


def test_a_hold_adds_fourteen_days_at_most(clinic, dana, library, now):
    trial = a_running_trial(clinic, dana, now=now)
    hold(Program.objects.get(patient=trial.patient), scope="plan", reason="Fever", actor=dana, now=now)
    for day in range(1, 28):
        ticks.tick(now=now + timedelta(days=day))
    trial.refresh_from_db()
    assert (trial.state, trial.last_day) == ("active", date(2026, 3, 29))

    ticks.tick(now=now + timedelta(days=28))
    trial.refresh_from_db()
    assert trial.state == "not_converted"


def test_who_stays_keeps_program_and_history(clinic, dana, library, now):
    trial = trials.convert(a_running_trial(clinic, dana, now=now), note="Goes on.", actor=dana, now=now)

    assert trial.state == "converted"
    assert Program.objects.get(patient=trial.patient).ended_on is None
    assert not Consent.objects.filter(patient=trial.patient, kind="trial_terms", revoked_at=None).exists()


def test_an_outcome_needs_a_coded_reason(clinic, dana, library, now):
    trial = a_running_trial(clinic, dana, now=now)
    with pytest.raises(Refused) as refused:
        trials.end_trial(trial, outcome="not_converted", reason="", actor=dana, now=now)
    assert set(refused.value.errors) == {"reason"}

    ended = trials.end_trial(trial, outcome="not_converted", reason="distance", note="Moved.", actor=dana, now=now)
    assert (ended.state, ended.outcome_reason) == ("not_converted", "distance")
    with pytest.raises(intake.Moved):
        trials.end_trial(ended, outcome="withdrawn", reason="other", actor=dana, now=now)


def test_what_never_starts_ends_after_thirty_days(clinic, dana, now):
    trial = a_trial(clinic, dana, now=now)
    ticks.tick(now=now + timedelta(days=31))
    trial.refresh_from_db()
    assert (trial.state, trial.outcome_reason) == ("not_converted", "not_started")


def test_every_step_leaves_an_event_and_an_audit_row(clinic, dana, library, now):
    trial = trials.convert(a_running_trial(clinic, dana, now=now), actor=dana, now=now)

    steps = ["submit", "confirm", "accept", "record_audit", "start", "convert"]
    assert kinds(trial.request) == steps
    written = AuditEntry.objects.filter(object_id=trial.request_id).order_by("pk").values_list("verb", flat=True)
    assert list(written) == steps
