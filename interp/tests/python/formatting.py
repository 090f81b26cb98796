"""Numbers as text."""
values = [0.0, -0.0, 0.5, 1.5, 2.5, -2.5, 0.125, 0.375, 1e22, 1e23, 123456789.987654321, 5e-324, 1.7976931348623157e308,
          2.675, 1.005, 0.045, 1e-7, 99999.995, 9.9999, 4503599627370497.5, float("inf"), float("-inf"), float("nan")]
for v in values:
    print(*(f"{v:.{p}f}" for p in (0, 1, 2, 3, 6, 17, 22, 23)) if abs(v) < 1e30 else ("%.2f" % v)[:40:7])
    print(f"{v:f}"[:40], f"{v:+.2f}"[:40], f"{v:z.0f}"[:40], f"{v:#.0f}"[:40], f"{v:,.3f}"[:40], f"{v:012.4f}"[:40], f"{v:.1%}"[:40])
    print(f"{v:e} {v:.3e} {v:g} {v:.4g} {v!r} {v:10.3}|{v:<12}|{v:^12.2E}|{v:n}")
print("%5.1f|%-8.2f|%+.3f|%08.3f|%.0f|%#.0f" % (3.14159, 2.5, 1.0, -1.5, 0.5, 3.0))
print("%d %5d %-5d| %05d %+d %x %X %#x %o %#o %c %s %r %a %%" % (42, 42, 42, 42, 42, 255, 255, 255, 8, 8, "c", "s", "r", "é"))
print("%(a)s %(b)d" % {"a": 1, "b": 2}, "%s" % (1,), "%s" % [1, 2], "%*d|%-*d|%.*f" % (5, 1, 5, 2, 2, 3.14159))
print("{} {1} {0}".replace("{}", "{0}").format("a", "b"), "{0.real} {1[2]} {k[x]}".format(3, "abc", k={"x": 9}))
print("{:>8}|{:<8}|{:^8}|{:*^9}|{!r:>6}".format("a", "b", "c", "d", "e"), "{:{w}.{p}f}".format(3.14159, w=8, p=2))
for n in (0, 7, -42, 10 ** 6, -(10 ** 12), 2 ** 70, -(2 ** 70)):
    print(f"{n:,} {n:_} {n:x} {n:#b} {n:+d} {n:>12} {n:<5}| {n:012} {n:_x} {n:e} {n:.2f} {n:%}")
for bad in ('"%d" % "a"', '"%s %s" % 1', '"%s" % (1, 2)', '"{}".format()', '"{0} {}".format(1)', 'f"{1:q}"', 'f"{1.0:d}"',
            '"%(a)s" % {}', '"%y" % 1', 'f"{1:,_}"', '"{a}".format()', '"{".format()', 'format("a", "5d")', '"%" % ()'):
    try:
        print(eval(bad))
    except (TypeError, ValueError, KeyError, IndexError) as e:
        print(type(e).__name__, e)
import hashlib
print(hashlib.sha256(b"abc").hexdigest(), hashlib.md5(bytearray(b"")).hexdigest(), hashlib.shake_128(b"x").hexdigest(5))
