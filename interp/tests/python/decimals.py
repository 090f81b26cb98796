# `decimal`: arithmetic, contexts and signals, text, conversions, and what fails how.
import copy
import decimal
import fractions
import math
import pickle
import threading
import contextvars
from decimal import *

D = Decimal


def attempt(f):
    try:
        return repr(f())
    except Exception as e:
        return f"{type(e).__name__}: {e}"


# The operators, small numbers and large ones.
a, b = D("12.345"), D("-0.067")
big = D("123456789012345678901234567890.123456789")
huge = D("9" * 120)
for x, y in [(a, b), (b, a), (a, big), (big, b), (huge, a), (a, 7), (7, a), (big, 10**40), (a, True)]:
    print(x + y, x - y, x * y, x / y, x < y, x == y)
    print(attempt(lambda: x // y), attempt(lambda: x % y), attempt(lambda: divmod(x, y)))
print(-a, +big, abs(b), bool(a), bool(D(0)), a**3, a**-2, D(2) ** D("0.5"), pow(D(7), 30, 13), pow(10, 2, D(7)))
for f in (lambda: a + 1.5, lambda: a / 0, lambda: D(0) / 0, lambda: a % 0, lambda: D("Inf") - D("Inf"),
          lambda: a < "x", lambda: D("sNaN") + 1, lambda: D("NaN") < 1, lambda: D(-1).sqrt(), lambda: a ** "x",
          lambda: D("1E+999999") * 10, lambda: D(1) // D("1E-50"), lambda: pow(a, 2, 3)):
    print(attempt(f))

# Loops that become hot, with flags and rounding in sight.
total = D(0)
with localcontext(prec=9) as ctx:
    for i in range(3000):
        total += D(i) / 7
        if i % 1000 == 0:
            print(i, total, ctx.flags[Inexact], ctx.flags[Rounded])
            ctx.clear_flags()
    unused = 0
    ctx.clear_flags()
    for i in range(3000):
        D(i) / 2 if i < 2999 else D(i) / 7
    print(ctx.flags[Inexact])
    for mode in (ROUND_UP, ROUND_DOWN, ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, ROUND_HALF_DOWN,
                 ROUND_HALF_EVEN, ROUND_05UP):
        ctx.rounding = mode
        s = D(0)
        for i in range(-300, 300):
            s += D(i).scaleb(-3).quantize(D("0.01")) * i
        print(mode, s)
print(getcontext())
cents = D("0.01")
bill = sum((D(str(i % 97)) * D("1.0825")).quantize(cents, rounding=ROUND_HALF_UP) for i in range(2500))
print(bill)

# Functions.
for prec in (1, 9, 28, 50, 200):
    with localcontext(prec=prec):
        print(D(2).sqrt(), D("0.3").exp(), D(7).ln(), D("1.0001").ln(), D("123.4").log10(), D(10).log10())
print(D("2.5").fma(4, 1), a.remainder_near(b), a.max(b), a.min_mag(b), a.logb())
print(D("1101").logical_and(D("1011")), D("1101").logical_xor(1), D(5).next_plus(), D(5).next_toward(4))
print(D("1.200").normalize(), D(123).rotate(1), D(123).shift(-1), a.compare_total(b), a.copy_sign(b), a.adjusted())
print(a.as_tuple(), D("-Inf").as_tuple(), D("sNaN12").as_tuple(), D("0.125").as_integer_ratio(), a.number_class())

# Text.
for s in ("1E+5", "-0E-9", " 1_000.5 ", "٣.٤", "nan7", "-infinity", "1e-400", "0.000001", "1e-7"):
    x = D(s)
    print(x, repr(x), x.to_eng_string(), [format(x, f) for f in ("", ".3f", "12.2e", "+,", "_.4g", "%", "z.1f", "*^14")])
for s in ("", "1 2", "e5", "--1", "1e", "x", "1E1000000000000000000"):
    print(attempt(lambda: D(s)))
for spec in ("<010", ".f", "x", "5.2N5", "9999999999999999999999"):
    print(attempt(lambda: format(a, spec)))
print(a.__format__("n", {"decimal_point": ",", "thousands_sep": ".", "grouping": "\3\2"}))

# Conversions.
print(int(D("-3.9")), float(D("1e-5")), complex(D(2)), round(D("2.5")), round(D("2.675"), 2), math.floor(D("-1.5")),
      math.ceil(D("1.1")), math.trunc(D("9.9")), int(D("1E+30")), int(huge))
print(D(0.1), D.from_float(-2.5), D.from_number(3), D((1, (1, 2, 3), -2)), D([0, [], "F"]), D(10**60), D(True))
for n in (0, 1, -1, 10**25, -7):
    print(hash(D(n)) == hash(n), D(n) == n, hash(D(n) / 8) == hash(fractions.Fraction(n, 8)), D(n) / 8 == fractions.Fraction(n, 8))
print(D("0.5") == 0.5, D("0.1") == 0.1, D("0.5") == 0.5 + 0j, D("1.5") > fractions.Fraction(4, 3), D("NaN") == D("NaN"))
print(len({D("1.0"), D("1.00"), 1, 1.0, D("Infinity"), float("inf")}))
for f in (lambda: int(D("NaN")), lambda: int(D("Inf")), lambda: float(D("sNaN")), lambda: hash(D("sNaN")), lambda: D(None),
          lambda: D((0, (1, 12), 0)), lambda: D((2, (1,), 0)), lambda: D((0, (1,))), lambda: D((0, (1,), "x")),
          lambda: D(1, 2), lambda: D(foo=1), lambda: D(1, None, 2), lambda: a.quantize(), lambda: a.exp(3),
          lambda: a.quantize(1, "x"), lambda: D.from_float("1"), lambda: D.from_number("1"), lambda: round(a, "x"),
          lambda: getcontext().add(1), lambda: getcontext().add(1, "x"), lambda: getcontext().sqrt(), lambda: a.foo):
    print(attempt(f))

# Contexts.
c = Context(prec=5, rounding=ROUND_DOWN, traps=[FloatOperation], flags=[Inexact], capitals=0, Emax=99, Emin=-99, clamp=1)
print(c, c.Etiny(), c.Etop(), c.create_decimal("1234567"), c.divide(1, 3), c.power(2, 100), c.to_sci_string(D("1E+9")))
twin = c.copy()
print(pickle.loads(pickle.dumps(c)).prec, twin.flags == c.flags, c.flags.copy()[Inexact], list(c.traps)[:2])
for f in (lambda: Context(prec=0), lambda: Context(rounding="x"), lambda: Context(foo=1), lambda: Context(traps=[1]),
          lambda: setattr(c, "Emin", 5), lambda: delattr(c, "prec"), lambda: c.flags["x"], lambda: setattr(c, "flags", {}),
          lambda: setcontext(1), lambda: localcontext(1), lambda: c.create_decimal(1.5), lambda: IEEEContext(31),
          lambda: c.create_decimal("1" + "0" * 200), lambda: c.flags.__delitem__(Inexact), lambda: c.foo):
    print(attempt(f))
print(IEEEContext(128), decimal.MAX_PREC, decimal.MIN_ETINY, decimal.HAVE_THREADS, decimal.__version__)
with localcontext() as inner:
    inner.prec = 3
    print(D(1) / 3, getcontext() is inner)
print(D(1) / 3)


def elsewhere():
    getcontext().prec = 2
    return D(1) / 3


print(contextvars.copy_context().run(elsewhere), D(1) / 3)
results = []
thread = threading.Thread(target=lambda: results.append((elsewhere(), getcontext().prec)))
thread.start()
thread.join()
print(results, getcontext().prec)
with localcontext(traps=[Inexact]):
    print(attempt(lambda: D(1) / 3))
with localcontext(traps=[FloatOperation]):
    print(attempt(lambda: D(1.5)), attempt(lambda: D(1) < 1.5), D(1) == 1.0)


# Subclasses, copies, pickles.
class Money(Decimal):
    __slots__ = ("currency",)

    def __new__(cls, value, currency="EUR"):
        self = super().__new__(cls, value)
        self.currency = currency
        return self

    def __add__(self, other):
        return Money(super().__add__(other), self.currency)


m = Money("3.50") + 1
print(m, m.currency, type(m - 1), type(Decimal(m)), Money.from_float(0.5), isinstance(m, D))
for x in (a, huge, D("-NaN5"), D("Infinity")):
    print(pickle.loads(pickle.dumps(x)), copy.copy(x) is x, copy.deepcopy(x) is x, eval(repr(x)))
print(sum([D("0.1")] * 10), max(a, b, big), sorted([a, b, big, D(0), D("-Inf")]))
print(D("1E+400") + D("1E-400"), D(1).radix(), D(3).real, D(3).imag, D(3).conjugate())
for e in (Overflow, Underflow, DivisionByZero, FloatOperation, decimal.DivisionUndefined):
    print([k.__name__ for k in e.__mro__], e.__module__)
