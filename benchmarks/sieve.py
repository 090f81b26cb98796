"""Prime numbers by two sieves: a bytearray crossed out by slices and a list walked by hand."""
import sys

DEFAULT = 100


def by_slices(limit):
    flags = bytearray([1]) * limit
    flags[0] = flags[1] = 0
    for i in range(2, int(limit ** 0.5) + 1):
        if flags[i]:
            flags[i * i::i] = bytes(len(range(i * i, limit, i)))
    return sum(flags)


def by_hand(limit):
    flags = [True] * limit
    found = []
    for i in range(2, limit):
        if flags[i]:
            found.append(i)
            j = i * i
            while j < limit:
                flags[j] = False
                j += i
    return len(found), found[-1]


def main(n):
    for _ in range(n):
        first = by_slices(200000)
        second = by_hand(100000)
    print(first, *second)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
