"""The scalars of YAML: what a word, a tag, an escape and a folded line mean. They get OmegaConf's types."""

import os
import re

BOOL = re.compile(r"^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$")
_INT = re.compile(r"^[-+]?(?:0|[1-9][0-9_]*|0[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+)$")
_FLOAT = re.compile(r"^(?:[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?"
                    r"|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$")
#: What a letter after a backslash stands for, in double quotes.
ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r",
           "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028",
           "P": "\u2029", "\t": "\t"}


def scalar(text):
    """Returns the value of a plain scalar."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if BOOL.match(text):
        return text[0] in "yYtT" or text.lower() == "on"
    if _INT.match(text):
        digits = text.replace("_", "")
        return int(digits, 8) if re.match(r"^[-+]?0[0-7]+$", digits) else int(digits, 0)
    if _FLOAT.match(text):
        # float() reads inf and nan without the dot, in any case.
        return float(re.sub(r"\.(?=[inIN])", "", text.replace("_", "")))
    return text


def tagged(tag, value, raw):
    """Returns a value as its tag wants it. `raw` is its text if it is a plain scalar, else None.

    Python's tuples, sets, names and paths become what JSON has for them. Other tags are ignored.
    """
    kind = tag.replace("tag:yaml.org,2002:", "!!").strip("<>").lstrip("!")
    if raw is not None and (kind in ("", "str", "binary", "timestamp", "python/str", "python/unicode")):
        return raw
    if kind in ("int", "float", "bool", "null", "python/float", "python/int") and isinstance(value, str):
        value = scalar(value.strip())
    if kind in ("float", "python/float") and isinstance(value, int):
        return float(value)
    if kind in ("set", "python/set") and isinstance(value, dict):
        return list(value)
    if kind.startswith(("python/name:", "python/module:")) and not value:
        return kind.partition(":")[2]
    if kind.startswith("python/object/apply:pathlib.") and isinstance(value, list):
        return os.path.join(*map(str, value)) if value else "."
    return value


def line_break(match):
    """Returns what a line break inside a scalar stands for: a blank, or the empty lines that follow it."""
    return "\n" * (match.group().count("\n") - 1) or " "


def folded(lines):
    """Returns the text of a folded block (`>`). Lines that are indented further keep their line breaks."""
    text, before, empty = "", None, 0
    for line in lines:
        if line == "":
            empty += 1
            continue
        if before is None:
            text = "\n" * empty + line
        elif line[0] in " \t" or before[0] in " \t":
            text += "\n" * (empty + 1) + line
        else:
            text += ("\n" * empty or " ") + line
        before, empty = line, 0
    return text
