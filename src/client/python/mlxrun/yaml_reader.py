"""A YAML reader without packages, for what configs usually hold.

It reads what mlx, MLXP, OmegaConf and PyYAML write: block and flow collections, scalars over several lines,
anchors, merge keys and tags. Anything else is an error.
"""

import re

from .config import Config
from .yaml_scalars import ESCAPES, folded, line_break, scalar, tagged

_KEY = re.compile(r"(?:[^-?:#\[\]{},&*!|>%@`\"' \t\n]|[-?:](?=[^ \t\n]))"
                  r"(?:[^:#\n]|:(?=[^ \t\n])|(?<=[^ \t\n])#)*?(?=[ \t]*:(?:[ \t\n]|$))")
_PLAIN = re.compile(r"(?:[^#:\n]|(?<=[^ \t\n])#|:(?=[^ \t\n]))+")
_PLAIN_IN_FLOW = re.compile(r"(?:[^#:\n,\[\]{}]|(?<=[^ \t\n])#|:(?=[^ \t\n,\[\]{}]))+")
_QUOTED = {'"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.S), "'": re.compile(r"'((?:[^']|'')*)'")}
_BREAK = r"[ \t]*\n(?:[ \t]*\n)*[ \t]*"
# These are compiled when they are used, so that the import is quick.
_COLON = r"[ \t]*(:)(?=[ \t\n]|$)"
_BLOCK_HEADER = r"([|>])([-+]?)([1-9]?)([-+]?)[ \t]*(?:(?<=[ \t])#[^\n]*)?(?:\n|$)"
_TAG = r"[^ \t\n]+"
_ANCHOR = r"[^ \t\n,\[\]{}]+"
_ALIAS = r"\*([^ \t\n,\[\]{}]*)"


def load_yaml(path):
    """Reads a YAML file. Returns a Config, a list or a scalar; an empty Config if the file holds nothing.

    Raises OSError, and ValueError with the file and line if it can't read the text.
    """
    with open(path, encoding="utf-8-sig") as file:
        return _Reader(file.read(), path).document()


def yaml_value(text, source):
    """Returns the value that a text has within brackets. Raises ValueError, which names the `source`."""
    reader = _Reader(text, source)
    return reader.within_limits(lambda: reader.flow_value(whole=True))


class _Reader:
    """A position in a YAML text. The methods read what stands there, and move behind it."""

    def __init__(self, text, source):
        self.text, self.at, self.source = text, 0, source
        self.anchors, self.brackets = {}, 0

    def document(self):
        """Returns the value of the whole text."""
        directives = re.match(r"(?:[ \t]*(?:#[^\n]*|%[^\n]*)?\n)*---(?=[ \t\n]|$)", self.text)
        if directives:
            self.text = re.sub(r"[^\n]", " ", directives.group()) + self.text[directives.end():]
        end = re.search(r"^(?:\.\.\.|---)(?=[ \t\n]|$)", self.text, re.M)
        if end:
            if re.search(r"^(?!\.\.\.[ \t]*$|[ \t]*(?:#.*)?$)", self.text[end.start():], re.M):
                self.at = end.start()
                self.fail("a second document")
            self.text = self.text[:end.start()]
        value = self.within_limits(lambda: self.node(-1, True, True))
        self.skip()
        if self.at < len(self.text):
            self.fail("this line" if self.column() else "this line after what stands above it")
        return Config() if value is None else value

    def within_limits(self, read):
        """Calls a method that reads. Fails where collections are nested more deeply than Python can follow."""
        try:
            return read()
        except RecursionError:
            # Too deep for the traceback of the other error, too.
            pass
        return self.fail("what is nested so deeply")

    def fail(self, what):
        line = self.text.count("\n", 0, self.at) + 1
        shown = self.text[self.text.rfind("\n", 0, self.at) + 1:].partition("\n")[0].strip()
        shown = shown[:77] + "..." if len(shown) > 80 else shown
        raise ValueError("can't read %s in %s, line %d: %s" % (what, self.source, line, shown))

    # --- Where it is

    def match(self, pattern):
        return re.compile(pattern).match(self.text, self.at)

    def ahead(self, length=1):
        return self.text[self.at:self.at + length]

    def column(self):
        return self.at - self.text.rfind("\n", 0, self.at) - 1

    def blanks(self):
        while self.ahead() in (" ", "\t"):
            self.at += 1

    def skip(self):
        """Moves over blanks, comments and line ends. Returns True if it is then on another line."""
        start = self.at
        while True:
            self.blanks()
            if self.ahead() == "#" and (self.at == 0 or self.text[self.at - 1] in " \t\n"):
                self.at = self.line_end()
            if self.ahead() != "\n":
                break
            self.at += 1
        crossed = "\n" in self.text[start:self.at]
        if crossed and not self.brackets and self.at < len(self.text):
            if "\t" in self.text[self.text.rfind("\n", 0, self.at):self.at]:
                self.fail("a tab as indentation")
        return crossed

    def line_end(self):
        return (self.text.find("\n", self.at) + 1 or len(self.text) + 1) - 1

    def end_of_line(self):
        self.blanks()
        if self.ahead() not in ("", "\n") and not (self.ahead() == "#" and self.text[self.at - 1] in " \t"):
            self.fail("%r" % self.text[self.at:].partition("\n")[0])

    def is_item(self):
        return self.ahead() == "-" and self.text[self.at + 1:self.at + 2] in ("", " ", "\t", "\n")

    # --- Blocks

    def node(self, parent, may_be_block, list_at_parent=False):
        """Returns the value that stands here, indented further than column `parent`; None if there is none.

        With `list_at_parent` a list may also stand in that column, as the list of a key may.
        """
        tag = anchor = None
        while True:
            crossed = self.skip()
            may_be_block = may_be_block or crossed
            at_parent = list_at_parent and self.column() == parent and self.is_item()
            if self.at >= len(self.text) or (crossed and self.column() <= parent and not at_parent):
                return self.finished(None, "", tag, anchor)
            if self.ahead() not in ("&", "!"):
                value, raw = self.content(parent, may_be_block)
                return self.finished(value, raw, tag, anchor)
            tag, anchor = self.tag_or_anchor(_TAG, tag, anchor)

    def tag_or_anchor(self, tag_pattern, tag, anchor):
        """Reads `!tag` or `&anchor`. Returns both, the one that was not read as it is given."""
        is_anchor = self.ahead() == "&"
        word = self.match(_ANCHOR if is_anchor else tag_pattern).group()
        self.at += len(word)
        return (tag, word[1:]) if is_anchor else (word, anchor)

    def finished(self, value, raw, tag, anchor):
        """Applies the tag to a value, and keeps it for aliases of the anchor."""
        value = tagged(tag, value, raw) if tag else value
        if anchor:
            self.anchors[anchor] = value
        return value

    def content(self, parent, may_be_block):
        """Returns a value, and its text if it is a plain scalar, else None."""
        if may_be_block:
            if self.is_item():
                return self.block_list(self.column()), None
            if self.is_explicit_key() or self.key() is not None:
                return self.block_mapping(self.column()), None
        elif self.is_item():
            self.fail("a list at this place")
        if self.ahead() in ("|", ">"):
            return self.block_scalar(parent), None
        value, raw = self.inline(_PLAIN, parent)
        if raw is not None and self.ahead() == ":":
            self.fail("a mapping at this place")
        self.end_of_line()
        return value, raw

    def inline(self, plain_pattern, parent):
        """Reads a value that is no block. Returns it, and its text if it is a plain scalar, else None."""
        first = self.ahead()
        if first == "*":
            return self.alias(), None
        if first in ("[", "{"):
            return self.flow(), None
        if first in ('"', "'"):
            return self.quoted(), None
        if first and first in "|>%@`":
            self.fail("%r at this place" % first)
        raw = self.plain(plain_pattern, parent)
        return scalar(raw), raw

    def block_list(self, column):
        items = []
        while self.at < len(self.text) and self.column() == column and self.is_item():
            self.at += 1
            items.append(self.node(column, True))
            self.skip()
        return items

    def block_mapping(self, column):
        mapping, merged = Config(), []
        while self.at < len(self.text) and self.column() == column and not self.is_item():
            start, explicit = self.at, self.is_explicit_key()
            key, has_value = self.explicit_key(column) if explicit else (self.plain_key(), True)
            if key in mapping:
                self.at = start
                self.fail("the key %r a second time" % key)
            if has_value:
                self.at += 1
            value = self.node(column, explicit, True) if has_value else None
            # The merge key is not quoted.
            is_merge = key == "<<" and self.text.startswith("<<", start)
            if is_merge and all(isinstance(one, dict) for one in _listed(value)):
                merged += _listed(value)
            else:
                mapping[key] = value
            self.skip()
        for one in merged:
            for key, value in one.items():
                mapping.setdefault(key, value)
        return mapping

    def is_explicit_key(self):
        return self.ahead(2) in ("? ", "?\n")

    def explicit_key(self, column):
        """Reads `? key`. Returns the key, and whether a colon with its value follows."""
        self.at += 1
        key = self.node(column, True)
        self.skip()
        has_value = self.column() == column and self.ahead(2) in (": ", ":\n", ":")
        if isinstance(key, dict):
            self.fail("a mapping as a key")
        return str(tuple(key)) if isinstance(key, list) else key, has_value

    def plain_key(self):
        """Reads `key`, up to its colon. Returns the key."""
        end = self.key()
        if end is None:
            self.fail("this line")
        key = self.quoted() if self.ahead() in ('"', "'") else scalar(self.text[self.at:end[0]])
        self.at = end[1]
        return key

    def key(self):
        """Returns where the key that stands here ends, and where its colon is; None if there is no key."""
        if self.ahead() in ('"', "'"):
            match = _QUOTED[self.ahead()].match(self.text, self.at)
            if not match or "\n" in match.group():
                return None
        else:
            match = _KEY.match(self.text, self.at)
        colon = match and re.compile(_COLON).match(self.text, match.end())
        return colon and (match.end(), colon.start(1))

    def block_scalar(self, parent):
        header = self.match(_BLOCK_HEADER)
        if not header:
            self.fail("the head of a block of text")
        style, chomp, indent = header.group(1), header.group(2) or header.group(4), header.group(3)
        self.at = header.end()
        indent = max(parent, 0) + int(indent) if indent else None
        lines = []
        while self.at < len(self.text):
            line = self.text[self.at:self.line_end()]
            own = len(line) - len(line.lstrip(" "))
            if line.strip(" "):
                indent = max(own, parent + 1) if indent is None else indent
                if own < indent:
                    break
            lines.append("" if indent is None else line[indent:])
            self.at = min(self.at + len(line) + 1, len(self.text))
        kept = len(lines)
        while kept and lines[kept - 1] == "":
            kept -= 1
        text = "\n".join(lines[:kept]) if style == "|" else folded(lines[:kept])
        if chomp == "-" or not kept:
            return text + ("\n" * len(lines) if chomp == "+" else "")
        return text + "\n" * (1 + len(lines) - kept if chomp == "+" else 1)

    # --- Scalars and flow collections

    def plain(self, pattern, parent):
        """Returns the text of a plain scalar. It continues in the lines below that are indented further."""
        parts = []
        while True:
            match = pattern.match(self.text, self.at)
            if not match:
                break
            parts.append(match.group().rstrip(" \t"))
            self.at = match.end()
            start = self.at
            gap = self.match(_BREAK)
            if not gap:
                break
            self.at = gap.end()
            if self.column() <= parent or self.ahead() in ("", "#"):
                self.at = start
                break
            parts.append(line_break(gap))
        return "".join(parts).rstrip(" \n").lstrip(" \t")

    def quoted(self):
        quote = self.ahead()
        match = _QUOTED[quote].match(self.text, self.at)
        if not match:
            self.fail("a quote that is not closed")
        if quote == "'":
            text = re.sub("''|" + _BREAK, _quote_or_break, match.group(1))
        else:
            text = re.sub(r"\\(x..|u....|U........|\n[ \t]*|.)|" + _BREAK, self.escape, match.group(1))
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        self.at = match.end()
        return text

    def escape(self, match):
        code = match.group(1)
        if code is None:
            return line_break(match)
        if code[0] == "\n":
            return ""
        if len(code) > 1:
            try:
                return chr(int(code[1:], 16))
            except (ValueError, OverflowError):
                self.fail("the escape \\%s" % code)
        if code not in ESCAPES:
            self.fail("the escape \\%s" % code)
        return ESCAPES[code]

    def alias(self):
        name = self.match(_ALIAS).group(1)
        if name not in self.anchors:
            self.fail("*%s, which nothing above is named" % name)
        self.at += 1 + len(name)
        return self.anchors[name]

    def flow_value(self, whole=False):
        """Returns a value within brackets. With `whole` it must be all of the text."""
        tag = anchor = None
        self.skip()
        while self.ahead() in ("&", "!"):
            tag, anchor = self.tag_or_anchor(_ANCHOR, tag, anchor)
            self.skip()
        value, raw = self.inline(_PLAIN if whole else _PLAIN_IN_FLOW, -1)
        self.skip()
        if whole and self.at < len(self.text):
            self.fail("a mapping at this place" if self.ahead() == ":" else "%r" % self.text[self.at:])
        return self.finished(value, raw, tag, anchor)

    def flow(self):
        is_list = self.ahead() == "["
        end, into = ("]", []) if is_list else ("}", Config())
        start = self.at
        self.brackets += 1
        self.at += 1
        self.skip()
        while self.ahead() != end:
            if self.at >= len(self.text):
                self.at = start
                self.fail("a bracket that is not closed")
            before = self.at
            if self.is_explicit_key():
                self.at += 1
            value = self.flow_value()
            if self.ahead() == ":":
                self.at += 1
                if isinstance(value, (list, dict)):
                    self.fail("a list or mapping as a key")
                entry = Config([(value, self.flow_value())])
                if is_list:
                    into.append(entry)
                else:
                    into.update(entry)
            elif is_list:
                into.append(value)
            else:
                into[value] = None
            if self.ahead() == ",":
                self.at += 1
                self.skip()
            elif self.ahead() != end or self.at == before:
                if self.at < len(self.text):
                    self.fail("%r within brackets" % self.ahead())
        self.brackets -= 1
        self.at += 1
        return into


def _quote_or_break(match):
    return "'" if match.group() == "''" else line_break(match)


def _listed(value):
    return value if isinstance(value, list) else [value]
