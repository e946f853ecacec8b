import pytest

from programs.rules import watch_words

URGENT, OTHER = "FL-FREETEXT-URGENT", "FL-FREETEXT"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("All good today", []),
        ("", []),
        ("I cannot pee since Monday", [URGENT]),
        ("can’t  PEE", [URGENT]),
        ("cant\npee", [URGENT]),
        ("wet myself", [URGENT]),
        ("strange feeling between the legs", [URGENT]),
        ("tight chest", [URGENT]),
        ("chest hurts and my foot is numb", [URGENT, OTHER]),
        ("a sharp pain", [OTHER]),
        ("no numbness", [OTHER]),
        ("tingling toes", [OTHER]),
        ("heard it popping", [OTHER]),
        ("the knee gave-way", [OTHER]),
        ("feverish", [OTHER]),
        ("I fell", [OTHER]),
        ("popular song, a nice fellow, twice a week, a number of reps", []),
    ],
)
def test_watch_words_ask_for_a_human_look(text, codes, rules):
    assert [finding.code for finding in watch_words(text, rules)] == codes


def test_words_never_stop_or_classify(rules):
    urgent, other = watch_words("chest, numb", rules)
    assert (urgent.severity, urgent.group, urgent.stop) == (2, "review", None)
    assert (other.severity, other.group, other.stop) == (4, "review", None)


def test_only_the_urgent_words_ask_a_question_at_once(rules):
    assert [bool(rule.ask) for rule in rules.text_rules] == [True, False]


@pytest.mark.parametrize(
    "word", ["sharp", "pop", "snap", "tear", "numb", "tingle", "weak", "give way", "fever", "fell"]
)
def test_every_watch_word_of_the_handbook_is_read(word, rules):
    assert [finding.code for finding in watch_words(f"it was {word}", rules)] == [OTHER]
