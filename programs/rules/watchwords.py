"""Reads what people write for words a human should see. It only ever adds a look; it never closes or lowers."""

import re
import unicodedata
from functools import cache

from .decision import Finding
from .ruleset import RuleSet


def watch_words(text: str, rules: RuleSet) -> tuple[Finding, ...]:
    """A finding per text rule with a word in `text`, the most severe first. "No numbness" counts too, on purpose.

    A rule with `ask` wants its yes/no question on the screen at once (`rules.text_rules`).
    """
    plain = _plain(text)
    found = [
        Finding(code=rule.code, severity=rule.severity, group=rule.group, stop=None)
        for rule in rules.text_rules
        if _pattern(rule.words).search(plain)
    ]
    return tuple(sorted(found, key=lambda finding: (finding.severity, finding.code)))


def _plain(text: str) -> str:
    """Lower case, apostrophes dropped (can't, can’t, cant), everything else that is no letter a single space."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", " ", re.sub(r"['’‘`´]", "", folded))


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_one(word) for word in words))


def _one(word: str) -> str:
    stem = re.escape(_plain(word.removesuffix("*")))
    return rf"\b{stem}\w*" if word.endswith("*") else rf"\b{stem}\b"
