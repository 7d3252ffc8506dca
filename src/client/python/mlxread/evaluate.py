"""The value of an expression's tree for one run, which query.py makes.

Numbers are JavaScript's, as in the shell: floats, whose division by zero is infinite.
"""

import math

#: The value of a name that a row does not have.
MISSING = type("Missing", (), {"__repr__": lambda self: "MISSING", "__bool__": lambda self: False})()


def holds(tree, lookup):
    """Returns True if an expression holds for a row. lookup(name) returns the values of the row."""
    value = evaluate(tree, lookup)
    if value is MISSING or value is None or value is False or value == "":
        return False
    return not (is_number(value) and value == 0)


def evaluate(tree, lookup):
    """Returns the value of an expression.

    A comparison with a name that the row does not have is False, and so is one of two types without an order.
    """
    kind = tree[0]
    if kind == "value":
        return tree[1]
    if kind == "name":
        return lookup(tree[1])
    if kind == "list":
        return [evaluate(item, lookup) for item in tree[1]]
    if kind == "not":
        return not holds(tree[1], lookup)
    if kind == "and":
        return all(holds(part, lookup) for part in tree[1])
    if kind == "or":
        return any(holds(part, lookup) for part in tree[1])
    if kind == "negative":
        value = evaluate(tree[1], lookup)
        return -float_of(value) if is_number(value) else MISSING
    if kind == "in":
        left, right = evaluate(tree[1], lookup), evaluate(tree[2], lookup)
        return left is not MISSING and isinstance(right, list) and any(_equal(left, item) for item in right)
    if kind == "compare":
        return _compare(tree[1], evaluate(tree[2], lookup), evaluate(tree[3], lookup))
    if kind == "power":
        return _calculate("**", evaluate(tree[1], lookup), evaluate(tree[2], lookup))
    value = evaluate(tree[1], lookup)
    for sign, part in tree[2]:
        value = _calculate(sign, value, evaluate(part, lookup))
    return value


def is_number(value):
    """Returns True for numbers, which booleans are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def float_of(number):
    """Returns a number as float; infinity for an integer that is too large."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _equal(a, b):
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_equal(one, other) for one, other in zip(a, b))
    if is_number(a) and is_number(b):
        return float_of(a) == float_of(b)
    # A mapping within a list counts as missing, because the shell has no value for it.
    a, b = (MISSING if isinstance(one, dict) else one for one in (a, b))
    return type(a) is type(b) and a == b


def _compare(sign, a, b):
    if a is MISSING or b is MISSING:
        return False
    if sign in ("==", "!="):
        return _equal(a, b) == (sign == "==")
    if isinstance(a, str) and isinstance(b, str):
        # JavaScript orders texts by their units of UTF-16.
        a, b = a.encode("utf-16-be", "surrogatepass"), b.encode("utf-16-be", "surrogatepass")
    elif is_number(a) and is_number(b):
        a, b = float_of(a), float_of(b)
    else:
        return False
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign]


def _calculate(sign, a, b):
    if not is_number(a) or not is_number(b):
        return MISSING
    a, b = float_of(a), float_of(b)
    if sign == "+":
        return a + b
    if sign == "-":
        return a - b
    if sign == "*":
        return a * b
    if sign == "/":
        return _divide(a, b)
    if sign == "%":
        quotient = _divide(a, b)
        return a - b * (float(math.floor(quotient)) if math.isfinite(quotient) else quotient)
    return _power(a, b)


def _divide(a, b):
    if b != 0:
        return a / b
    if a == 0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, math.copysign(1, a) * math.copysign(1, b))


def _power(a, b):
    if math.isnan(b) or (abs(a) == 1 and math.isinf(b)):
        return math.nan
    is_odd = math.isfinite(b) and b % 2 == 1
    try:
        return math.pow(a, b)
    except OverflowError:
        return -math.inf if a < 0 and is_odd else math.inf
    except ValueError:
        # Zero to a negative power, or a negative number to a fractional one.
        return math.nan if a != 0 else math.copysign(math.inf, a) if is_odd else math.inf
