"""Expressions about runs: MLXP's queries with arithmetic, as `mlx query` and `--where` read them.

parse() returns the tree of an expression, and names() the names in it. src/expression/ is the same language
for the shell, and test/fixtures/query-cases/ has cases for both.

From loosest to tightest: `|` or `or`; `&` or `and`; `~` or `not`; comparisons and `in`; sums; products;
signs; `**`.
"""

import re
import sys

from .status import STATUSES

_MAX_DEPTH = 200
_MAX_TOKENS = 5000
# JavaScript's blanks, which are not those of Python's \s.
_BLANKS = re.compile("[ \t\n\r\f\v\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*")
_TEXT = r"""(?P<text>"(?:[^"\\]|\\[^\n\r\u2028\u2029])*"|'(?:[^'\\]|\\[^\n\r\u2028\u2029])*')"""
_REDUCER = r"(?:@[A-Za-z]\w*(?:=[\w.+-]+)?)?"
_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))|" + _TEXT
    + r"|(?P<quoted>`[^`]+`" + _REDUCER + r")|(?P<word>[A-Za-z_0-9]+(?:\.[A-Za-z_0-9-]+)*" + _REDUCER
    + r")|(?P<sign>==|!=|<=|>=|\*\*|&&|\|\||[-+*/%<>&|~!()\[\],])", re.ASCII)
# Signs of other languages, and what to write instead.
_FOREIGN = (("<>", "!="), ("=>", ">="), ("=<", "<="), ("=", "=="))
_WORDS = {"true": True, "false": False, "null": None, "none": None}
_RESERVED = ("and", "or", "not", "in")
_LEVELS = (("or", {"|": "or", "||": "or", "or": "or"}), ("and", {"&": "and", "&&": "and", "and": "and"}))
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")


class QueryError(ValueError):
    """An expression that can't be read, or that has a name that no run has.

    Its text shows the place. `at` is the offset of the place in the expression.
    """

    def __init__(self, problem, text, at):
        shown = re.sub(r"[\n\r\t]", " ", text)
        super().__init__("%s\n  %s\n  %s^" % (problem, shown, " " * at))
        self.at = at


def parse(text):
    """Returns the tree of an expression. Raises QueryError.

    The trees are ("value", v, offset), ("name", text, offset), ("list", items), ("not" | "negative", tree),
    ("and" | "or", trees), ("sum" | "product", first, [(sign, tree), ...]), ("power" | "in", a, b) and
    ("compare", sign, a, b).
    """
    parser = _Parser(text)
    # A level of brackets takes a dozen calls.
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 15 * _MAX_DEPTH + 1000))
    try:
        tree = parser.either()
    finally:
        sys.setrecursionlimit(limit)
    if parser.kind != "end":
        parser.left_over()
    return tree


class _Parser:
    """A position in the tokens of an expression. There is a method for each level of the grammar."""

    def __init__(self, text):
        self.text = text
        self.tokens = _tokens(text)
        self.place = self.depth = 0
        self.kind, self.token, self.start = self.tokens[0]

    def next(self):
        self.place += 1
        self.kind, self.token, self.start = self.tokens[self.place]

    def fail(self, problem, at=None):
        raise QueryError(problem, self.text, self.start if at is None else at)

    def expected(self, what):
        self.fail("expected %s" % what)

    def is_next(self, *tokens):
        return self.kind in ("sign", "word") and self.token in tokens

    def take(self, *tokens):
        """Moves over the next token if it is one of these signs or words. Returns it, else None."""
        if not self.is_next(*tokens):
            return None
        token = self.token
        self.next()
        return token

    def word_at(self, place):
        kind, token, _ = self.tokens[min(place, len(self.tokens) - 1)]
        return token.lower() if kind == "word" else None

    def left_over(self, what="an operator or the end"):
        """Raises the error for a token that can't follow here, with a hint if there is one."""
        word = self.word_at(self.place)
        kind, last, start = self.tokens[self.place - 1]
        if word == "not" and self.word_at(self.place + 1) == "in":
            self.fail("write not in, in lower case")
        if word in _RESERVED:
            self.fail("write %s, in lower case%s" % (word, {"and": " (or &)", "or": " (or |)"}.get(word, "")))
        if kind == "word" and last.lower() == "not" and (self.kind != "sign" or self.token == "("):
            self.fail("write not, in lower case (or ~)", start)
        if self.kind in ("number", "text", "quoted", "word") or self.token in (",", "(", "[", "~", "!"):
            self.fail("join conditions with & (both) or | (either)")
        if self.token in _COMPARISONS:
            self.fail("a comparison has two sides: join two of them with &, as in 1 < x & x < 3")
        self.expected(what)

    def deeper(self):
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            self.expected("at most %d levels" % _MAX_DEPTH)

    def either(self):
        self.deeper()
        tree = self.chain("or", ("|", "||", "or"), self.both)
        self.depth -= 1
        return tree

    def both(self):
        return self.chain("and", ("&", "&&", "and"), self.negated)

    def chain(self, kind, signs, operand):
        trees = [operand()]
        while self.take(*signs):
            trees.append(operand())
        return trees[0] if len(trees) == 1 else (kind, trees)

    def negated(self):
        times = 0
        while self.take("~", "!", "not"):
            times += 1
        tree = self.comparison()
        if times == 0:
            return tree
        return ("not", tree) if times % 2 else ("not", ("not", tree))

    def comparison(self):
        left = self.sum()
        sign = self.take(*_COMPARISONS)
        if sign:
            return ("compare", sign, left, self.sum())
        if self.take("in"):
            return ("in", left, self.sum())
        if self.is_next("not") and self.tokens[self.place + 1][:2] == ("word", "in"):
            self.next()
            self.next()
            return ("not", ("in", left, self.sum()))
        return left

    def sum(self):
        return self.series("sum", ("+", "-"), self.product)

    def product(self):
        return self.series("product", ("*", "/", "%"), self.signed)

    def series(self, kind, signs, operand):
        first, more = operand(), []
        sign = self.take(*signs)
        while sign:
            more.append((sign, operand()))
            sign = self.take(*signs)
        return (kind, first, more) if more else first

    def signed(self):
        negative = False
        sign = self.take("-", "+")
        while sign:
            negative = negative != (sign == "-")
            sign = self.take("-", "+")
        tree = self.value()
        if self.take("**"):
            self.deeper()
            tree = ("power", tree, self.signed())
            self.depth -= 1
        return ("negative", tree) if negative else tree

    def value(self):
        kind, token, start = self.kind, self.token, self.start
        if self.take("("):
            tree = self.either()
            if not self.take(")"):
                self.expected("')'") if self.kind == "end" else self.left_over("')'")
            return tree
        if self.take("["):
            return self.items()
        if kind not in ("number", "text", "quoted", "word") or (kind == "word" and token in _RESERVED):
            self.expected("a name or a value")
        self.next()
        if kind == "number":
            return ("value", float(token), start)
        if kind == "text":
            return ("value", re.sub(r"\\([^\n\r\u2028\u2029])", r"\1", token[1:-1]), start)
        if kind == "word" and token.lower() in _WORDS:
            return ("value", _WORDS[token.lower()], start)
        return ("name", token, start)

    def items(self):
        items = []
        while not self.take("]"):
            if items and not self.take(","):
                self.expected("',' or ']'")
            items.append(self.either())
        return ("list", items)


def _tokens(text):
    tokens, at = [], 0
    while True:
        at = _BLANKS.match(text, at).end()
        if at == len(text):
            return tokens + [("end", "", at)]
        match = _TOKEN.match(text, at)
        foreign = next((pair for pair in _FOREIGN if text.startswith(pair[0], at)), None)
        if foreign and (not match or foreign[0] == "<>"):
            purpose = " to compare" if foreign[0] == "=" else ""
            raise QueryError("write %s instead of %s%s" % (foreign[1], foreign[0], purpose), text, at)
        if not match:
            raise QueryError("expected a name, a value or an operator", text, at)
        tokens.append((match.lastgroup, match.group(), at))
        at = match.end()
        if len(tokens) > _MAX_TOKENS:
            raise QueryError("expected at most %d words and signs" % _MAX_TOKENS, text, at)


def names(tree, beside=None):
    """Returns all names in a tree: (name, offset, the comparison that it is a side of or None)."""
    kind = tree[0]
    if kind == "name":
        return [(tree[1], tree[2], beside)]
    if kind == "value":
        return []
    if kind == "compare":
        return names(tree[2], tree) + names(tree[3], tree)
    if kind == "in":
        return names(tree[1], tree) + names(tree[2], tree)
    found = []
    for part in _parts(tree):
        found += names(part, beside if kind == "list" else None)
    return found


def _parts(tree):
    if tree[0] in ("list", "and", "or"):
        return tree[1]
    if tree[0] in ("sum", "product"):
        return [tree[1]] + [part for _, part in tree[2]]
    if tree[0] == "compare":
        return [tree[2], tree[3]]
    return [part for part in tree[1:] if isinstance(part, tuple)]


def refuse_status(tree, text, is_status):
    """Raises QueryError if the status is compared with a text that is not a status."""
    if tree[0] in ("value", "name"):
        return
    if tree[0] in ("compare", "in"):
        sides = tree[-2:]
        can_be_equal = tree[0] == "in" or tree[1] in ("==", "!=")
        if can_be_equal and any(side[0] == "name" and is_status(side[1]) for side in sides):
            for side in sides:
                for item in side[1] if side[0] == "list" else [side]:
                    if item[0] == "value" and isinstance(item[1], str) and item[1] not in STATUSES:
                        problem = "no status is '%s'; %s" % (item[1], _status_meant(item[1]))
                        raise QueryError(problem, text, item[2])
    for part in _parts(tree):
        refuse_status(part, text, is_status)


def _status_meant(word):
    import difflib
    near = difflib.get_close_matches(word.upper(), STATUSES, 1, 0.7)
    starts = [status for status in STATUSES if word and status.startswith(word.upper())]
    meant = (starts or near)[:1]
    return "did you mean '%s'?" % meant[0] if meant else "there are: %s" % ", ".join(STATUSES)
