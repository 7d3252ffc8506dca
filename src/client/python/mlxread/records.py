"""The flat YAML records that mlx writes, such as job.yaml and attempts/3.yaml."""

import json
import re


def record_of(path):
    """Returns the fields of a record as texts, without those that are null.

    Returns None if the record is missing or not whole.
    """
    records = records_of(path)
    return records[0] if records else None


def records_of(path):
    """Returns the records of a file, which `---` separates, each as in record_of()."""
    try:
        with open(path, encoding="utf-8", errors="replace", newline="") as file:
            text = file.read()
    except OSError:
        return []
    return [_fields(part) for part in re.split(r"^---\n", text, flags=re.M)]


def _fields(text):
    if not text.endswith("\n...\n"):
        return None
    fields = {}
    for line in text[:-5].split("\n"):
        key, colon, value = line.partition(": ")
        if not colon or not key:
            return None
        if value.startswith('"'):
            try:
                value = str(json.loads(value))
            except ValueError:
                return None
        if value != "null":
            fields[key] = value
    return fields


def integer_of(fields, name):
    """Returns a field as an integer; None if it is missing or not one. `fields` may be None."""
    value = (fields or {}).get(name)
    return int(value) if value is not None and re.match(r"^-?\d+$", value) else None


def seconds_of(fields, name):
    """Returns a field as seconds; None if it is missing or not a number. `fields` may be None."""
    try:
        return float((fields or {})[name])
    except (KeyError, ValueError):
        return None
