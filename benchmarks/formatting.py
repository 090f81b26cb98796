"""String formatting: f-strings, %, format, format specifications, repr of floats and containers."""
import sys

DEFAULT = 94000


class Money:
    def __init__(self, cents):
        self.cents = cents

    def __format__(self, spec):
        text = f"{self.cents // 100:,}.{self.cents % 100:02}"
        return format(text, spec)

    def __repr__(self):
        return f"Money({self.cents!r})"


def main(n):
    length = checksum = 0
    for i in range(n):
        x = i * 1.7 + 0.003
        name = "item" + str(i % 100)
        lines = (
            f"{name:<12}|{i:>8}|{x:10.3f}|{x:e}|{i:#06x}|{i % 256:08b}",
            f"{name!r} {i:,} {x:+.2%} {i!s:>5} {x=:.1f} {Money(i * 37):>12}",
            "%s has %d items at %.2f each, %5.1f%% off, %x %r" % (name, i, x, x % 100, i, name),
            "{0} {1:>{2}} {name:^9} {0!r}".format(i, x, 20, name=name),
            "{:*^20}|{:_>10}|{:<5}|".format(name, i, i % 7),
            f"{[i, x, name]} {(i,)} { {name: i} } {Money(i)!r}",
            str(x) + repr(x / 3) + str(i * i * i) + str(None) + str(i % 2 == 0),
        )
        for line in lines:
            length += len(line)
            checksum = (checksum * 31 + ord(line[i % len(line)])) % 1000003
    print(length, checksum)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
