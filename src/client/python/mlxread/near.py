"""Names that may have been meant by one that does not exist."""

import re

_PLAIN_NAME = re.compile(r"^[A-Za-z_0-9]+(?:\.[A-Za-z_0-9-]+)*$")


def written(name):
    """Returns a name as an expression has it: in backticks if it has other characters than a word."""
    return name if _PLAIN_NAME.match(name) else "`%s`" % name


def ranked(word, candidates):
    """Returns at most five of the candidates, the nearest to a word first."""
    word = word.lower()
    scores = []
    for place, name in enumerate(candidates):
        score = _distance_of(word, name.lower())
        if score is not None:
            scores.append((score, len(name), place, name))
    return [name for _, _, _, name in sorted(scores)[:5]]


def _distance_of(word, name):
    """Returns how far a name is from a word, both in lower case; None if it can't be meant."""
    if name == word:
        return 0
    if name.endswith("." + word) or name.startswith(word + "."):
        return 1
    if len(word) > 1 and word in name:
        return 2
    (group, _, last), (place, _, tail) = word.rpartition("."), name.rpartition(".")
    if group and group == place:
        word, name = last, tail
    edits = min(_edits(word, name), _edits(word, tail) + 1 if len(tail) > 3 else 99)
    if edits <= (max(2, len(word) // 3) if len(word) > 4 else 1):
        return 2 + edits
    return 9 if group and last == tail else None


def _edits(a, b):
    """Returns how many letters differ; two that are swapped count as one.

    If the lengths are very different, it returns their difference.
    """
    if abs(len(a) - len(b)) > len(a) // 2 + 1:
        return abs(len(a) - len(b))
    before, last, row = None, [], list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        before, last, row = last if i > 1 else None, row, [i]
        for j, other in enumerate(b, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (one != other))
            if before and j > 1 and one == b[j - 2] and a[i - 2] == other:
                best = min(best, before[j - 2] + 1)
            row.append(best)
    return row[-1]
