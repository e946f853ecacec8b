"""The ledger as people read it: one line a day and exercise, and facts in words."""

from patients.fact_words import NAMES, facts_in_words
from patients.ledger_lines import ledger_lines
from patients.models import Decision
from programs.rules import Facts
from programs.rules.facts import SHAPES, OneOf, SomeOf
from tests.factories.programs import a_program, a_session, as_planned, item_of


def decided(item, *, sequence, now, trigger="log", **given):
    given.setdefault("local_date", now.date())
    return Decision.objects.create(
        item=item,
        sequence=sequence,
        trigger=trigger,
        outcome="hold",
        rule_id=f"R-{sequence}",
        ruleset="r",
        reason_key="Saved.",
        reason="Saved.",
        facts={},
        digest=str(sequence),
        decided_at=now,
        **given,
    )


def rows(program):
    return list(Decision.objects.filter(item__program=program).order_by("-decided_at", "-sequence"))


def test_the_last_word_on_a_day_folds_those_before_it(ana, library, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    item = item_of(program, "BRG")
    for sequence in (101, 102, 103):
        decided(item, sequence=sequence, now=now)
    (line,) = ledger_lines(rows(program))
    assert line.decision.sequence == 103
    assert [one.decision.sequence for one in line.earlier] == [102, 101]


def test_what_a_person_decided_is_never_folded(ana, library, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    item = item_of(program, "BRG")
    decided(item, sequence=101, now=now, trigger="person")
    decided(item, sequence=102, now=now)
    decided(item, sequence=103, now=now, trigger="person")
    assert [line.decision.sequence for line in ledger_lines(rows(program))] == [103, 102, 101]


def test_a_page_of_last_words_brings_the_earlier_ones_along(ana, library, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    item = item_of(program, "BRG")
    for sequence in (101, 102):
        decided(item, sequence=sequence, now=now)
    decided(item, sequence=103, now=now, trigger="person")
    found = Decision.objects.filter(item__program=program)
    page = list(found.last_words().order_by("-sequence"))
    assert [row.sequence for row in page] == [103, 102]
    assert [row.sequence for row in found.of_the_days_of(page)] == [103, 102, 101]


def test_every_fact_of_the_rules_has_a_name_in_words():
    assert set(NAMES) == set(SHAPES)


def test_no_choice_of_a_fact_is_shown_as_the_rules_write_it():
    choices = {name: shape.choices for name, shape in SHAPES.items() if isinstance(shape, OneOf | SomeOf)}
    for name, values in choices.items():
        for value in values:
            shown = facts_in_words({name: [value] if isinstance(SHAPES[name], SomeOf) else value})
            assert [words for _name, words in shown if "_" in words] == []


def test_a_day_as_ever_says_pains_and_form_and_what_differs():
    shown = dict(facts_in_words(Facts(strength_loss=True, red_flags=("foot_drop",)).to_mapping()))
    assert shown["Worst pain during"] == "1"
    assert shown["Strength was lost"] == "yes"
    assert shown["Warning signs"] == "A foot drags or slaps"
    assert "Cramp" not in shown
    assert shown["Done of the dose"] == "100 %"


def test_a_real_session_reads_without_a_name_of_the_rules(ana, library, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    (line,) = ledger_lines(rows(program))
    assert [words for pair in line.facts for words in pair if "_" in words] == []
