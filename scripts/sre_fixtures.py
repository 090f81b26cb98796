#!/usr/bin/env python3.14
"""Writes the test data of runtime/sre: patterns as CPython 3.14 compiles and matches them.

    python3.14 scripts/sre_fixtures.py > runtime/sre/tests/cases.txt
    python3.14 scripts/sre_fixtures.py --random 20000 --seed 7 > /tmp/cases.txt

One case a line, fields separated by tabs: flags, pattern, groups, code, mode (match, full, search or
iter), start, end, subject, matches. A match is the spans of all groups (group 0 first, `-` for one
that took no part) and after a colon the lastindex; matches are separated by semicolons. Text is ASCII
with `\\{HEX}` for everything else. A pattern over bytes has the letter b before its flags.
"""
import argparse
import locale
import random
import re
import re._compiler as compiler
import re._parser as parser
import signal
import sys
import warnings

I, M, S, X, A, L = re.I, re.M, re.S, re.X, re.A, re.L

# (pattern, flags, subjects); the subjects are tried in every mode.
CASES = [
    (r"", 0, ["", "abc"]),
    (r"abc", 0, ["abc", "xabcabc", "ab", "xxabd"]),
    (r"a", 0, ["banana", "xyz"]),
    (r"a.c", 0, ["abc a\nc axc"]),
    (r"a.c", S, ["abc a\nc axc"]),
    (r"^abc$", 0, ["abc", "abc\n", "abc\n\n", "xabc"]),
    (r"^b*$", M, ["bbb\nabb\n\nbb", "\n"]),
    (r"\Aab\Z", M, ["ab", "ab\n", "\nab"]),
    (r"$", 0, ["", "a\n", "a\n\n"]),
    (r"$", M, ["a\nb\n"]),
    (r"\b", 0, ["ab cd", "", " "]),
    (r"\B", 0, ["ab cd", "", " ", "  "]),
    (r"\bfoo\b", 0, ["foo foobar barfoo foo"]),
    (r"\b\w", A, ["\xe9t\xe9 ete"]),
    (r"\b\w", 0, ["\xe9t\xe9 ete \u0430\u0431"]),
    (r"\w+", 0, ["hello world_1 \u0431\u0443\u043a\u0432\u0430 \xe9\xe8"]),
    (r"\w+", A, ["hello world_1 \u0431\u0443\u043a\u0432\u0430 \xe9\xe8"]),
    (r"\W+", 0, ["a, b -- \u4e2d\u6587"]),
    (r"\d+", 0, ["12 \u0663\u0664 x9"]),
    (r"\d+", A, ["12 \u0663\u0664 x9"]),
    (r"\D+", 0, ["12 \u0663\u0664 x9"]),
    (r"\s+", 0, ["a \t\n\u2003b\xa0c\x1c"]),
    (r"\s+", A, ["a \t\n\u2003b\xa0c\x1c"]),
    (r"\S+", 0, ["a \t\n\u2003b\xa0c"]),
    (r"(a)(b)?(c)?", 0, ["a", "ab", "ac", "abc"]),
    (r"(a|ab)(c|bcd)(d*)", 0, ["abcd", "acd"]),
    (r"(?:a|b|c)+", 0, ["abcabcx", "xcab"]),
    (r"(a|b)*", 0, ["abab", "", "c"]),
    (r"(a|b)+?c", 0, ["ababc", "abab"]),
    (r"(?:(a)|b)*", 0, ["ab", "ba", "bab"]),
    (r"(?:(a)|(b))*", 0, ["ab", "ba", "abba"]),
    (r"(?:(a)|(b)|c)*d", 0, ["abcd", "cbad", "abc"]),
    (r"((a)|b)*?c", 0, ["abc", "bac"]),
    (r"(a*)*", 0, ["aaa", "b", ""]),
    (r"(a*)+", 0, ["aaa", "b"]),
    (r"(a*?)*", 0, ["aaa"]),
    (r"(a*?)+?b", 0, ["aab"]),
    (r"(?:a?)*?y", 0, ["aay", "y"]),
    (r"(?:a?){3}", 0, ["aa", "aaaa"]),
    (r"(?:a?){2,5}b", 0, ["aab", "b"]),
    (r"(a?)(ab)?", 0, ["ab", "aab"]),
    (r"a{2}", 0, ["aaaaa"]),
    (r"a{2,}b", 0, ["aaab ab aab"]),
    (r"a{,2}b", 0, ["aaab"]),
    (r"a{2,3}?", 0, ["aaaaa"]),
    (r"(?:ab){2,3}", 0, ["abababab", "ab"]),
    (r"(?:ab){2,3}?c", 0, ["ababababc", "abc"]),
    (r"(ab){0}c", 0, ["abc"]),
    (r".*b", 0, ["aabab\nbab"]),
    (r".*?b", 0, ["aabab\nbab"]),
    (r".+?b.", 0, ["aabab\nbab"]),
    (r"[^\n]*?,", 0, ["one,two,\nthree"]),
    (r"\"[^\"\\]*(?:\\.[^\"\\]*)*\"", 0, ['say "a\\"b" and "" "x']),
    (r"'.*?'", 0, ["'a' 'b'"]),
    (r"<(\w+)>.*?</\1>", S, ["<b>x</b><i>y</b></i>"]),
    (r"(\w+) \1", 0, ["the the cat cat", "ab abc"]),
    (r"(\w+) \1", I, ["The tHE cat CAT", "\xc9t\xe9 \xe9T\xc9"]),
    (r"(\w+) \1", I | A, ["The tHE cat CAT"]),
    (r"(a)?(?(1)b|c)", 0, ["ab", "c", "ac", "bc"]),
    (r"(a)?b(?(1)c)", 0, ["abc", "ab", "b"]),
    (r"^(<)?\w+(?(1)>)$", 0, ["<ab>", "ab", "<ab", "ab>"]),
    (r"(?:(a)|b)(?(1)x\x0f|y)", 0, ["ax\x0f", "by", "ay"]),
    (r"(?=ab)a", 0, ["aab"]),
    (r"(?=(a+))a*b\1", 0, ["baaabac"]),
    (r"(?=(a)|b)[ab]", 0, ["ab"]),
    (r"(?:(?=(a))[ab])*", 0, ["aab"]),
    (r"a(?!b)", 0, ["abac"]),
    (r"(?!)", 0, ["a"]),
    (r"(?:(?!(b)c)[abc])*", 0, ["abbca"]),
    (r"(?<=a)b", 0, ["abcb"]),
    (r"(?<!a)b", 0, ["abcb", "b"]),
    (r"(?<=(.)(.))c", 0, ["abcc"]),
    (r"(?<=^|,)x", 0, []),
    (r"(?<=\bab)c", 0, ["abc dabc"]),
    (r"(?>a+)b", 0, ["aaab", "aaa"]),
    (r"(?>a+)ab", 0, ["aaab"]),
    (r"(?>(a)|ab)c", 0, ["abc", "ac"]),
    (r"(?:(?>(a)|b))*c", 0, ["abac"]),
    (r"a++b", 0, ["aaab"]),
    (r"a*+a", 0, ["aaa"]),
    (r"a?+a", 0, ["aa", "a"]),
    (r"(?:ab)++c", 0, ["ababc"]),
    (r"(?:ab|a)*+b", 0, ["abab", "abaab"]),
    (r"(?:a|b){2,3}+b", 0, ["abb", "abab", "ab"]),
    (r"(?:a?)*+b", 0, ["aab", "b"]),
    (r"(?:(a)|(b)|){2,4}+c", 0, ["abc", "c", "aabbc"]),
    (r"((?:(a)|b)*+)x", 0, ["abx", "bax"]),
    (r"(?:(\w)\1)*+", 0, ["aabbc"]),
    (r"[a-c]+", 0, ["xabcd"]),
    (r"[^a-c]+", 0, ["xabcd\u1234"]),
    (r"[aeiou0-9_]+", 0, ["xai3_z"]),
    (r"[\w.-]+@[\w-]+\.\w+", 0, ["mail bob.smith@example.com, x@y, a-b@c-d.org"]),
    (r"[\u0400-\u04ff]+", 0, ["abc \u043f\u0440\u0438 x"]),
    (r"[\u0100\u0200\u0300a-z]+", 0, ["\u0100a\u0200\u0301"]),
    (r"[^\u0100-\u0200x]+", 0, ["a\u0100\u0250xx\U0001f600"]),
    (r"[\U0001f600-\U0001f64f]", 0, ["a\U0001f601b"]),
    (r"[\U0001f600a]+", I, ["A\U0001f600b"]),
    (r"[\s\S]", 0, ["a\n"]),
    (r"[^\s\S]?", 0, ["a"]),
    (r"[\s\d]+", 0, ["a1 2\u0665b"]),
    (r"[^\s\d]+", 0, ["a1 2\u0665b"]),
    (r"[\W\d]+", A, ["a1-\u0665b"]),
    (r"abc", I, ["aBc ABC abd"]),
    (r"[a-f]+", I, ["xAbFg"]),
    (r"[^a-f]+", I, ["xAbFg"]),
    (r"k", I, ["K\u212ak"]),
    (r"\u212a+", I, ["Kk\u212a"]),
    (r"s+", I, ["S\u017fs"]),
    (r"[^s]", I, ["S\u017fst"]),
    (r"[\xe0-\xef]+", I, ["\xc0\xe0\xc1z"]),
    (r"\xe9+", I, ["\xc9\xe9e"]),
    (r"\xe9+", I | A, ["\xc9\xe9e"]),
    (r"[\u0430-\u044f]+", I, ["\u0410\u0430\u042fz"]),
    (r"[\U00010400-\U00010427]+", I, ["\U00010428\U00010400x"]),
    (r"\U00010400+", I, ["\U00010428\U00010400x"]),
    (r"[^\U00010400]+", I, ["\U00010428a"]),
    (r"(?i:a)b", 0, ["Ab AB"]),
    (r"a(?-i:b)c", I, ["AbC ABC"]),
    (r"(?s:.)(?-s:.)", S, ["\n\na"]),
    (r"(?a:\w)\w", 0, ["a\xe9\xe9a"]),
    (r"foo|bar|baz", 0, ["xbazfoobar"]),
    (r"foo|foobar|foobaz", 0, ["foobaz"]),
    (r"\b(?:if|else|while|for|return|break|continue)\b", 0, ["if x: elsewhere while return breaks"]),
    ("|".join(f"k{i}x" for i in range(150)), 0, ["k149x k0x k63x k64x k65x k1490x"]),
    ("(?:" + "|".join(chr(c) + "+" for c in range(97, 123)) + "|1|2)*!", 0, ["abcxyz12!", "abc"]),
    (r"(\d{4})-(\d\d)-(\d\d)", 0, ["on 2024-05-17, 24-1-1"]),
    (r"(?P<y>\d+)/(?P<m>\d+)", 0, ["1/2 3/44"]),
    (r"((((a))))", 0, ["a"]),
    (r"((a)(b)?)+", 0, ["aba", "abab"]),
    (r"(a(b)?)+?c", 0, ["abac"]),
    (r"(?:(\d+)|(\w+))\s*=\s*(?:'([^']*)'|(\d+));?", 0, ["x = 'a b'; y=12;3='q'"]),
    (r"\s*(\w+)\s*,?", 0, ["  a, b ,c"]),
    (r"(x+x+)+y", 0, ["xxxxxxxxy"]),
    (r"a*a*b", 0, ["aaab"]),
    (r"(.*)c(.*)", 0, ["abcde\nc"]),
    (r"(.*?)(c+)$", 0, ["abccc"]),
    (r"(?m:^)(\w+):", 0, ["a:\nb:"]),
    (r"^\s+|\s+$", 0, ["  ab  "]),
    (r"^#.*\n?", M, ["#a\nb\n#c"]),
    (r"\\(.)", 0, ["a\\nb\\\\"]),
    (r"aa", 0, ["aaaaa"]),
    (r"abab", 0, ["abaabab"]),
    (r"ab(c)d", 0, ["abcabcd"]),
    (r"a\u0434b", 0, ["xa\u0434b"]),
    (r"\u0434\u0434", 0, ["\u0434\u0434\u0434", "abc"]),
    (r"[abc]\w", 0, ["xbz"]),
    (r"(?:a|b)\w", 0, ["xbz"]),
    (r"(?:.|\n)*?x", 0, ["a\nbx"]),
    (r"(?:a.)*?b", 0, ["axaybb"]),
    (r"(?:(a)x|(b)y)*?z", 0, ["axbyz"]),
    (r"(?:a(?:b(?:c(?:d)?)?)?)?", 0, ["abcd", "abx"]),
    (r"(a)??b", 0, ["ab", "b"]),
    (r"(?:(a)??b)*", 0, ["abbab"]),
    (r"(a?)??b", 0, ["ab"]),
    (r"(?:b|(a))*?(?(1)c|d)", 0, ["abac", "bbd"]),
    (r"((a)|(b(?=c)))+", 0, ["aabc"]),
    (r"(?:(?<=a)b|a)+", 0, ["aabab"]),
    (r"(?:(?!ab).)+", 0, ["xxabxx"]),
    (r"([^,]*),([^,]*)", 0, ["a,b,c,d"]),
    (r"(?:[^,]*,){2}", 0, ["a,b,c,d"]),
    (r"(\w)+(\d)", 0, ["abc12"]),
    (r"(\w)*?(\d)$", 0, ["abc12"]),
    (rb"[\x80-\xff]+", 0, [b"a\x80\xffb"]),
    (rb"\w+", 0, [b"ab\xe9 c_"]),
    (rb"[^a]", I, [b"aAb"]),
    (rb"\w+", L, [b"ab\xe9 c_"]),
    (rb"abc", L | I, [b"xABc"]),
    (rb"[^b]+", L | I, [b"aBbc"]),
    (rb"[a-c]+", L | I, [b"xABCd"]),
    (rb"[^a]x", L | I, [b"AxBx"]),
    (rb"(a)\1", L | I, [b"aAb"]),
    (rb"\bab\B.", L, [b"abc ab"]),
    (rb"[^b]*?c", L | I, [b"xyBc"]),
    (rb"\d\s\W", L, [b"1 -"]),
    (rb".+", S, [b"a\nb"]),
]


def escape(text):
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    return "".join(c if " " <= c <= "~" and c != "\\" else f"\\{{{ord(c):x}}}" for c in text)


def show(match):
    spans = []
    for group in range(match.re.groups + 1):
        start, end = match.span(group)
        spans.append("-" if start < 0 else f"{start}-{end}")
    return ",".join(spans) + ":" + str(match.lastindex or 0)


class TooLong(Exception):
    pass


def on_alarm(*_):
    raise TooLong


def emit(pattern, flags, subject, mode, start=0, end=None, out=sys.stdout):
    """Writes one case; returns False if the pattern is no good or takes too long."""
    end = len(subject) if end is None else end
    try:
        tree = parser.parse(pattern, flags)
        code = compiler._code(tree, flags)
        compiled = re.compile(pattern, flags)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        try:
            if mode == "iter":
                matches = list(compiled.finditer(subject, start, end))
            else:
                method = {"match": "match", "full": "fullmatch", "search": "search"}[mode]
                match = getattr(compiled, method)(subject, start, end)
                matches = [match] if match else []
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        shown = ";".join(map(show, matches))
    except (re.PatternError, TooLong, OverflowError, SystemError, RecursionError):
        return False
    kind = "b" if isinstance(pattern, bytes) else ""
    fields = (f"{kind}{int(flags)}", escape(pattern), compiled.groups, " ".join(str(int(c)) for c in code),
              mode, start, end, escape(subject), shown)
    print(*fields, sep="\t", file=out)
    return True


def random_pattern(rng, depth=0, groups=None):
    groups = [0] if groups is None else groups

    def atom():
        kind = rng.randrange(22 if depth < 4 else 8)
        if kind < 4:
            return rng.choice("abcdA\xe9\u0434")
        if kind == 4:
            return rng.choice([".", r"\w", r"\d", r"\s", r"\W", r"\S"])
        if kind == 5:
            return rng.choice(["[ab]", "[^ab]", "[a-c]", r"[\wb]", "[^a]", "[bcd1\u0434\u0436\xe9]", r"[^\s]"])
        if kind == 6:
            return rng.choice(["^", "$", r"\b", r"\B", r"\A", r"\Z"])
        if kind == 7:
            if groups[0] and rng.random() < 0.7:
                return rf"(?:\{rng.randint(1, groups[0])})"
            return "b"
        inner = random_pattern(rng, depth + 1, groups)
        if kind < 13:
            groups[0] += 1
            return f"({inner})" if rng.random() < 0.8 else f"((?:{inner}))"
        if kind < 16:
            return f"(?:{inner})"
        if kind == 16:
            return f"(?={inner})"
        if kind == 17:
            return f"(?!{inner})"
        if kind == 18:
            return rng.choice(["(?<=a)", "(?<!b)", "(?<=[ab])", "(?<=(?:a|b)c)"])
        if kind == 19:
            return f"(?>{inner})"
        if kind == 20 and groups[0]:
            return f"(?({rng.randint(1, groups[0])}){inner}|{random_pattern(rng, depth + 2, groups)})"
        return f"(?i:{inner})"

    def piece():
        one = atom()
        if one in ("^", "$", r"\b", r"\B", r"\A", r"\Z") or rng.random() < 0.5:
            return one
        repeat = rng.choice(["*", "+", "?", "{2}", "{1,2}", "{0,3}", "{2,}", "*", "+"])
        return one + repeat + rng.choice(["", "", "", "?", "+"])

    branches = ["".join(piece() for _ in range(rng.randint(0 if depth else 1, 4)))
                for _ in range(rng.choice([1, 1, 1, 2, 3]))]
    return "|".join(branches)


def random_cases(count, seed, out=sys.stdout):
    rng = random.Random(seed)
    done = 0
    while done < count:
        pattern = random_pattern(rng)
        flags = rng.choice([0, 0, 0, I, M, S, A, I | A, I | M | S])
        length = rng.choice([0, 1, 3, 6, 10, 25])
        alphabet = rng.choice(["ab", "abc", "abcdA 1\n", "ab\xe9\xc9 ", "aAb\u0434\u0414 ", "abc\U0001f600"])
        subject = "".join(rng.choice(alphabet) for _ in range(length))
        mode = rng.choice(["match", "full", "search", "iter", "iter"])
        start, end = 0, len(subject)
        if rng.random() < 0.2:
            start = rng.randint(0, len(subject))
            end = rng.randint(start, len(subject))
        if emit(pattern, flags, subject, mode, start, end, out):
            done += 1


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--random", type=int, default=0, help="write only this many random cases")
    args.add_argument("--seed", type=int, default=1)
    args = args.parse_args()
    locale.setlocale(locale.LC_CTYPE, "C")
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, on_alarm)
    sys.stdout.reconfigure(encoding="ascii")
    if args.random:
        random_cases(args.random, args.seed)
        return
    for pattern, flags, subjects in CASES:
        for subject in subjects:
            for mode in ("match", "full", "search", "iter"):
                emit(pattern, flags, subject, mode)
            if len(subject) > 2:
                emit(pattern, flags, subject, "iter", 1, len(subject) - 1)
                emit(pattern, flags, subject, "search", 1)
    random_cases(300, 1)


if __name__ == "__main__":
    main()
