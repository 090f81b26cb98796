#!/usr/bin/env python3.14
"""Print the digests that runtime/text/src/unicode/tests.rs compares with.

Each digest is the CRC-32 of one line per code point (or pair), so the Rust side can rebuild
the same text from its own tables and prove it agrees with CPython everywhere.
"""

import unicodedata as ud
import zlib


def digest(lines):
    crc = 0
    for line in lines:
        crc = zlib.crc32(line.encode("utf-8", "surrogatepass") + b"\n", crc)
    return f"{crc:#010x}"


def hexes(s):
    return ",".join(f"{ord(c):x}" for c in s)


def all_chars():
    return map(chr, range(0x110000))


def props(db, c):
    num = db.numeric(c, None)
    return (f"{ord(c):x} {db.category(c)} {db.bidirectional(c)} {db.combining(c)} "
            f"{db.east_asian_width(c)} {db.mirrored(c)} {db.decimal(c, -1)} {db.digit(c, -1)} "
            f"{'-' if num is None else num}")


def flags(c):
    return "".join("01"[bool(b)] for b in (
        c.isalpha(), c.isdecimal(), c.isdigit(), c.isnumeric(), c.isalnum(), c.isspace(),
        len((c + "a").splitlines()) == 2, c.isprintable(), c.isupper(), c.islower(), c.istitle(),
        c.isidentifier(), ("a" + c).isidentifier()))


def cases(c):
    # The letters around make the sigma rule and title's word state show.
    s = "A" + c + "Σ " + c + "aΣ" + c + "b"
    return " ".join(hexes(x) for x in (
        c.upper(), c.lower(), c.title(), c.casefold(), c.swapcase(), c.capitalize(), s.lower(),
        s.title(), s.swapcase(), s.capitalize()))


def forms(db, s):
    return " ".join([hexes(db.normalize(f, s)) for f in ("NFC", "NFD", "NFKC", "NFKD")] + [
        str(int(db.is_normalized(f, s))) for f in ("NFC", "NFD", "NFKC", "NFKD")])


def tangled():
    """Strings of characters that interact under normalisation, from a tiny generator."""
    pool = [c for c in range(0x110000) if ud.combining(chr(c)) or ud.decomposition(chr(c))]
    pool += [*range(0x41, 0x7B), *range(0x1100, 0x1200, 7), *range(0xAC00, 0xD7A4, 97)]
    x = 12345
    for _ in range(100_000):
        s = ""
        for _ in range(6):
            x = (x * 1103515245 + 12345) % 2**31
            s += chr(pool[(x >> 8) % len(pool)])
        yield s


if __name__ == "__main__":
    print("PROPERTIES", digest(props(ud, c) for c in all_chars()))
    print("OLD_PROPERTIES", digest(props(ud.ucd_3_2_0, c) for c in all_chars()))
    print("FLAGS", digest(map(flags, all_chars())))
    print("CASES", digest(map(cases, all_chars())))
    print("FORMS", digest(forms(ud, c) for c in all_chars()))
    print("OLD_FORMS", digest(forms(ud.ucd_3_2_0, c) for c in all_chars()))
    print("TANGLED", digest(forms(ud, s) for s in tangled()))
    print("DECOMPOSITIONS", digest(map(ud.decomposition, all_chars())))
    print("OLD_DECOMPOSITIONS", digest(map(ud.ucd_3_2_0.decomposition, all_chars())))
    print("NAMES", digest(ud.name(c, "") for c in all_chars()))
