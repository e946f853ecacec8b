"""Findings within one ladder and its levels."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from programs.bounds import level_faults
from programs.drawings import NAMES, NO_DRAWING
from programs.lint.book import Book
from programs.lint.findings import Finding, Rule, error, warning
from programs.lint.reading import MOST_AGE, reading_age
from programs.models import Ladder, Level
from programs.models.exercise import Sides
from programs.pictures import PICTURE


def lint_ladder(ladder: Ladder, book: Book) -> Iterator[Finding]:
    levels = book.levels[ladder.code]
    codes = [level.code for level in levels]
    if not ladder.details.get("stop"):
        yield error(Rule.STOP_RULE, ladder.code, _("Nothing says when to stop: it needs a stop rule."))
    if not ladder.how:
        yield warning(Rule.EMPTY, ladder.code, _("It does not say how it is done."))
    for code in _dangling(ladder, codes):
        yield warning(
            Rule.NOT_THERE, ladder.code, _("It has words for %(level)s, which is not there.") % {"level": code}
        )
    yield from _lint_requires(ladder, book)
    yield from _lint_words(ladder)
    for level in levels:
        for why in level_faults(vars(level)).values():
            yield error(Rule.NUMBERS, level.code, why)
        yield from _lint_picture(level)
        if ladder.details.get("independent_sides") and level.sides != Sides.EACH:
            text = _("Its sides are “%(sides)s”: only levels of each side let left and right go their own way.")
            yield error(Rule.SIDES, level.code, text % {"sides": level.get_sides_display()})
        for code in [*level.requires_gates, level.sets_gate]:
            if code and code not in book.gates:
                yield error(Rule.NOT_THERE, level.code, _("Gate “%(gate)s” is not there.") % {"gate": code})
    for number, level in enumerate(levels[:-1]):
        if level.terminal:
            text = _("It is marked as the top, so nobody gets to %(level)s.")
            yield error(Rule.UNREACHABLE, level.code, text % {"level": levels[number + 1].code})


def _lint_picture(level: Level) -> Iterator[Finding]:
    if PICTURE in level.details:
        return  # it came with its words, and stands in place of every drawing
    chosen = level.details.get("drawing", NO_DRAWING)
    if chosen not in (NO_DRAWING, *NAMES):
        yield error(Rule.NOT_THERE, level.code, _("Drawing “%(name)s” is not there.") % {"name": chosen})
    elif chosen != NO_DRAWING and not level.details.get("picture_text"):
        yield error(Rule.PICTURE, level.code, _("Its picture has no words for those who cannot see it."))


def _dangling(ladder: Ladder, codes: Iterable[str]) -> list[str]:
    named = [code for key in ("contraindications_at", "mistakes_from") for code in ladder.details.get(key, {})]
    return sorted(set(named) - set(codes))


def _lint_requires(ladder: Ladder, book: Book) -> Iterator[Finding]:
    for part in [ladder.requires, *ladder.requires.get("any_of", [])]:
        for code in [*part.get("gates", []), part.get("gate", "")]:
            if code and code not in book.gates:
                yield error(Rule.NOT_THERE, ladder.code, _("Gate “%(gate)s” is not there.") % {"gate": code})
        code = part.get("ladder_level", "")
        if code and code not in book.level_codes:
            text = _("It waits for level %(level)s, which is not there.")
            yield error(Rule.NOT_THERE, ladder.code, text % {"level": code})


def _lint_words(ladder: Ladder) -> Iterator[Finding]:
    since = [text for texts in ladder.details.get("mistakes_from", {}).values() for text in texts]
    age = reading_age([ladder.setup, ladder.movement, *ladder.how, *ladder.cues, *ladder.mistakes, *since])
    if age is not None and age > MOST_AGE:
        text = _("Its words are for readers of about %(age)s years. Shorter sentences and words: %(most)s at most.")
        yield warning(Rule.READING_AGE, ladder.code, text % {"age": age, "most": MOST_AGE})
