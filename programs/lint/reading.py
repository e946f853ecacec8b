"""How old a reader must be for what a trainer wrote: the Automated Readability Index, from letters, words, sentences.

Formula: E. A. Smith, R. J. Senter, Automated Readability Index, AMRL-TR-66-220, 1967. Its school grade plus five is
the reader's age. It was made for English prose; on a few words it says nothing, so short texts are left alone.
"""

import math
import re
from collections.abc import Iterable

# Weiss, Health literacy: a manual for clinicians, American Medical Association 2007: write for grade six, age 11 to 12.
MOST_AGE = 12
FEWEST_WORDS = 30

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
SENTENCE_END = re.compile(r"[.!?:;]+(?:\s+|$)")


def reading_age(texts: Iterable[str]) -> int | None:
    """Years of age at which `texts` can be read, each at least one sentence; None if they are too short to say."""
    sentences = [part for text in texts for part in SENTENCE_END.split(text) if WORD.search(part)]
    words = [word for sentence in sentences for word in WORD.findall(sentence)]
    if len(words) < FEWEST_WORDS:
        return None
    letters = sum(len(word.replace("-", "").replace("'", "").replace("’", "")) for word in words)
    grade = 4.71 * letters / len(words) + 0.5 * len(words) / len(sentences) - 21.43
    return max(5, math.ceil(grade) + 5)
