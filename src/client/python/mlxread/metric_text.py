"""The text of a metrics file: JSON lines, or JSON documents.

mlx itself has the same rules in metric-text.ts, and docs/reading.md explains them.
"""

import json
import re

_BLANK = bytes(range(33))
_SPACE = b" \t\r\n"
_JSON_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}"]|[^ \t\r\n"\[\]{}]+', re.S)


class MetricText:
    """The lines of a metrics file.

    `lines` are the records, and `places` the bytes at which each begins and ends. `broken` are the numbers of
    lines that are not JSON, `torn` is True if the last line is not whole, and `last` is its number.
    """

    def __init__(self):
        self.lines, self.places, self.broken, self.torn, self.last = [], [], [], False, 1


def parse_metrics(data, cuts=()):
    """Returns the MetricText of a file's bytes: JSON lines or JSON documents.

    A document is an array of objects, an object with arrays of one length, or any other object. `cuts` are
    the file's lengths when attempts began, where a line may end without a line end.
    """
    begin = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    at = begin
    while at < len(data) and data[at:at + 1] in (b" ", b"\t", b"\r", b"\n"):
        at += 1
    if at == len(data):
        return MetricText()
    end = data.find(b"\n", at)
    opening = data[at:len(data) if end == -1 else end].rstrip(b" \t\r")
    if data[at:at + 1] == b"[" or opening == b"{":
        return _documents(data, at)
    text = _lines(data, begin, cuts)
    if text.torn or text.broken:
        if data[at:at + 1] == b"{" and (text.places[0][0] if text.places else len(data)) > at:
            documents = _documents(data, at)
            if not documents.torn and not documents.broken:
                return documents
        return text
    return _columns_apart(text) if len(text.lines) == 1 else text


def _lines(data, begin, cuts):
    text = MetricText()

    def take(start, end):
        part = data[start:end].strip(_SPACE)
        line = _value(part) if part.startswith(b"{") else None
        if not isinstance(line, dict):
            return False
        text.lines.append(flat(line))
        text.places.append((start, end))
        return True

    at, number = begin, 0
    while at < len(data):
        next_end = data.find(b"\n", at)
        start, end = at, len(data) if next_end == -1 else next_end
        number, at = number + 1, end + 1
        if not data[start:end].strip(_BLANK) or take(start, end):
            continue
        # An attempt was killed while it wrote this line, and the next one continued behind it.
        bounds = [start] + sorted(set(cut for cut in cuts if start < cut < end)) + [end]
        if all([take(bounds[i], bounds[i + 1]) for i in range(len(bounds) - 1)]):
            continue
        if next_end == -1:
            text.torn, text.last = True, number
        else:
            text.broken.append(number)
    return text


def _documents(data, begin):
    text = MetricText()
    depth, start, values = 0, begin, 0

    def broken():
        number = 1 + data.count(b"\n", 0, start)
        if number not in text.broken[-1:]:
            text.broken.append(number)

    for match in _JSON_TOKEN.finditer(data, begin):
        sign = match.group()
        if depth == 0:
            start = match.start()
        if sign in (b"[", b"{"):
            depth += 1
        elif depth == 0:
            broken()
        elif sign in (b"]", b"}"):
            depth -= 1
        else:
            continue
        if depth > 0 or sign not in (b"]", b"}"):
            continue
        values += 1
        value = _value(data[start:match.end()])
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                text.lines.append(flat(one))
                text.places.append((start, match.end()))
            else:
                broken()
    text.torn, text.last = depth > 0, 1 + data.count(b"\n")
    alone = values == 1 and len(text.lines) == 1 and data[text.places[0][0]:text.places[0][0] + 1] == b"{"
    return _columns_apart(text) if alone and not text.torn and not text.broken else text


def _value(part):
    try:
        return json.loads(part.decode("utf-8", "replace"), parse_int=_json_integer)
    except (ValueError, RecursionError):
        return None


def _json_integer(digits):
    # JSON's numbers are doubles elsewhere. That differs beyond 2^53, and for -0.
    if len(digits) > 15 and (len(digits) > 17 or abs(int(digits)) > 2 ** 53) or digits == "-0":
        return float(digits)
    return int(digits)


def flat(record):
    """Returns a record without nested mappings: {"val": {"loss": 1}} has the key val.loss."""
    if not any(isinstance(value, dict) for value in record.values()):
        return record
    found = {}
    _flatten(record, "", found)
    return found


def _flatten(record, prefix, into):
    for key, value in record.items():
        if isinstance(value, dict):
            _flatten(value, prefix + key + ".", into)
        else:
            into[prefix + key] = value


def _columns_apart(text):
    """Turns the single line {"loss": [3, 2], "acc": [0.1, 0.2]} into two lines."""
    line = text.lines[0]
    columns = [(key, values) for key, values in line.items() if key != "_attempt"]
    length = len(columns[0][1]) if columns and isinstance(columns[0][1], list) else 0
    if not length or not all(isinstance(values, list) and len(values) == length for _, values in columns):
        return text
    own = [("_attempt", line["_attempt"])] if "_attempt" in line else []
    text.lines = [flat(dict([(key, values[i]) for key, values in columns] + own)) for i in range(length)]
    text.places = text.places * length
    return text
