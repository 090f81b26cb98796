"""Makes random programs by a grammar: the same program for the same seed.

A rule's alternatives are templates, in which `<rule>` stands for another expression and a
line that is only `<block>` for statements. Programs keep to conventions that make most
statements succeed: `i j k n a` are integers, `x y` numbers, `w` a string, `b` bytes, `l` a
list of integers that is not empty, `t` a tuple of two integers, `d` a dictionary from
integers to integers, `p q` instances of P, `s` of S, `f` a function of one integer, `v u`
anything, `out` the list of what is shown at the end.
"""
import ast
import os
import random
import re

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "fuzz_prelude.py")) as _f:
    _PRELUDE = _f.read()

ATOMS = {
    "int": ["i", "j", "n", "k", "a", "i", "k", "<lit>"],
    "num": ["x", "y", "0.5", "1e10", "-2.25", "x", "-0.0", "i", "k"],
    "str": ["w", "'abc'", "str(i)", "w", "''", "'\u00e9\u4e2d'"],
    "any": ["v", "u", "i", "x", "w", "l", "t", "p", "None", "True", "k", "d", "b", "1 << 62", "(1, 'a')", "2.0", "-0.0",
            "float('nan')", "float('inf')", "1j", "s", "False", "[]", "range(3)", "f"],
    "bytes": ["b", "b'xyz'", "bytes(3)"],
    "list": ["l", "l[:4]", "[1, 2, 3]", "[]", "list(d)", "[i, k, 2]"],
    "cond": ["v", "i & 1", "k > n", "i % 3 == 1"],
    "iter": ["l[:5]", "range(4)", "(1, 2, 3)", "list(d)"],
    "gen": ["count(4)", "walk(i % 9)"],
    "cplx": ["zc", "1j", "complex(i, 2)"],
}

RULES = {
    "lit": ["<near>", "<near>", "0", "1", "2", "7", "63", "255", "-1", "(1 << 30)", "(1 << 48)", "((1 << 49) - 1)", "((1 << 50) + 1)",
            "(1 << 62)", "((1 << 62) - 1)", "((1 << 63) - 1)", "(-(1 << 63))", "(1 << 64)", "(10**20)", "(-(1 << 48))", "(-(1 << 50))",
            "MyInt(5)", "True", "<big>", "<big>", "i", "1000", "-7"],
    "mod": ["1000003", "97", "1009", "(2**61 - 1)", "(2**64 + 13)", "10**6"],
    "int": [
        "(<int> + <int>)", "(<int> - <int>)", "(<int> * <int> % <mod>)", "(<int> & <int>)", "(<int> | <int>)", "(<int> ^ <int>)",
        "(<int> // (<int> | 1))", "(<int> % (abs(<int>) + 1))", "(<int> << (<int> & 15))", "(<int> >> (<int> & 31))",
        "(<int> % -7)", "(<int> // -3)", "(<int> * -1)", "pow(<int> % 100, 3, 1009)", "divmod(<int>, 7)[1]",
        "-<int>", "~<int>", "+<int>", "l[<int> % len(l)]", "abs(<int>)", "min(<int>, <int>)", "max(<int>, <int>, 3)",
        "p.add(<int> & 7)", "p.a", "p.total", "s.x", "twice(<int>)", "twice(<int>, y=<int>)", "twice(y=<int>, x=<int>)",
        "choose(<cond>, <int>, <int>)", "loopy(i)", "f(<int>)", "len(l)", "bump()", "d.get(<int> % 5, 1)", "tg.get((<int> % 5, <num>), 7)", "tg.get((<str>, i, <lit>), <int>)", "tg[i % 4, 1]", "int((<any>, <int> % 3) in ts)", "int((<int> % 5, <int> % 3) in tg)", "len(tg)", "d.pop(<int> % 9, 3)",
        "d.setdefault(<int> % 9, <int> % 50)", "(<int> if <cond> else <int>)", "t[0]", "t[-1]", "len(str(<int>))", "P.k", "l[-1]",
        "fact(<int> % 6)", "sum(<list>)", "ord(w[<int> % len(w)])", "(<int>) ** 2 % 10007", "int(<cond2>)",
        "hash(-<int>) % 97", "(p * (<int> % 50)).a", "(2 * q).a", "p[<int> & 3]", "P.clip(<int>)", "q.clip(<int>)",
        "Q.made(<int>)", "p.made(<int>)", "p(<int>)", "int(<int> in p)", "int(p < q)", "even(<int> % 14)",
        "shallow(<int> % 6, <int> % 9)", "tree(<int> % 6)", "depth_of(build(<int> % 5))", "sum(walk(<int> % 12))",
        "mean(<int> % 100, <int> % 100)", "mean(*<list>, scale=<int> % 5)", "mean(<int> % 9, other=1)", "len([z for z in l if z > <int>])",
        "guarded(<int> % 100)", "one(<int> % 7 * 7)", "many(<int> % 9, d=1)", "many(1, 2, 3, *<list>, d=<int> % 5, **{'zz': 1})",
        "passes(1, <int> % 9, d=2, e=i)", "passes(*t, d=3)", "sum(<gen>)", "sum([<elem> for z in <iter>])", "sum(<elem> for z in <iter>)",
        "sum(<elem> for z in <iter> if <zcond>)", "max(<gen>, default=5)", "min((<elem> for z in <iter>), default=0)",
        "len(list(<gen>))", "sum(list(<gen>)[1:])", "len(set(<list>))", "len({z % 5: z for z in <iter>})", "len({<elem> for z in <iter>})",
        "next(iter(<list>), -1)", "next((z for z in <iter> if <zcond>), -2)", "int(any(<zcond> for z in <iter>))", "int(all(<zcond> for z in <gen>))",
        "sorted(<list>)[0] if l else 0", "sorted(<list>, key=lambda z: -z)[:1] == []", "len(sorted(<gen>, reverse=True))",
        "kind_of(<any>)", "kind_of(<any>)", "decorated(<int> % 99)", "decorated(<int> % 99, y=2)", "halves(<int> % 99)", "tries(i)", "search(l, <int> % 99)",
        "MyInt(<int> % 100).half()", "(MyInt(<int> % 100) + 1)", "int(<str> == <str>)", "len(<str>)", "<str>.find('a')", "w.count('a')", "len(<bytes>)",
        "sum(<bytes>)", "int.from_bytes(<bytes>, 'big') % 1009", "(<int>).bit_length()", "int(f'{<int>}') % 1009", "int(str(<int>)[-3:].strip('-') or 0)",
        "MyDict(d)[<int> % 9]", "sum(map(f, <list>))", "sum(map(lambda z: z + k, <iter>))", "sum(a * c for a, c in zip(<list>, l))", "sum(z * c for z, c in enumerate(<list>))",
        "len(list(filter(None, <list>)))", "len(list(zip(<gen>, l, <iter>)))", "sum(reversed(<list>))", "sum(evens(<gen>))", "sum(nested(<int> % 7))",
        "sum(c for z, c in pairs(3))", "sum(Countdown(<int> % 5))", "len([*<list>, *<gen>])", "len({**d, 5: 1})", "(lambda z, c=3: z * c)(<int> % 99)",
        "(z0 := <int>)", "q.extra", "getattr(p, 'zz', <int>)", "getattr(p, 'a')", "s.w", "Ctx.entered", "int(isinstance(<any>, (int, P)))", "math.gcd(<int>, 12)", "round(<int>, -1) % 1009",
        "sum(p)", "len([*p])", "[10, 20, 30, 40][p]", "int(not <cond>)", "(<cond> and <int> or 2)", "int(bool(p) or bool(q))", "sum([l[z % len(l)] for z in range(3)])",
        "sum([z for c in (l[:2], t) for z in c])", "next(e0)", "e0.send(<int> % 100)", "up()", "up(<int> % 9) + now()", "wf.f", "grid[<int>]", "grid[i, <int> % 5]", "pr.a", "pr.add(1)",
        "(<int> == <int>) + 1", "int(<int> < <int> <= <int>)", "sum([*map(int, str(abs(<int>)))])", "finish(waits(<int> % 9))[0]", "finish(waits_twice(i))[0]",
        "next(reversed(<list>), 4)", "functools.reduce(lambda z, c: z ^ c, <list>, 3)", "len(functools.reduce(lambda z, c: z + [c], <list>, []))", "sum(itertools.islice(count(9), 3))",
        "<called>", "<called>", "<called>", "<called>",
        "<keyed>", "<keyed>", "<keyed>", "sum(itertools.chain(<list>, <gen>))", "len(list(itertools.takewhile(lambda z: z < 3, <list>)))", "operator.add(<int>, 1)", "int(operator.itemgetter(0)(t))", "max(l, key=lambda z: z % 7)",
    ],
    "keyed": ["Tagged(size=<int>, tag=i).size", "Tagged(size=i).tag", "Tagged().visit(<any>)", "int(Only() is Only(i))", "spread(Tagged, tag=<int> % 9).tag", "spread(max, <int>, i)", "spread(P, <int> % 9, 2).total", "spread(int, '12', base=5)", "int('11', base=2 + i % 3)", "sorted(<list>, key=lambda z: z ^ i, reverse=True)[0] if l else 0", "sum(l[:2], start=<int>)",
              "getattr(p, <attrname>, <int>)", "int(hasattr(p, <attrname>))", "watched.half", "watched.z", "watched.missing", "getattr(watched, <attrname>)", "len((lambda a=1, *rest: rest)(*<list>))", "spread(l.index, l[0])", "spread(spread, f, <int> % 9)","kwonly(<int> % 99, c=<int>)", "kwonly(1, b=<int> % 9, c=i)", "kwonly(c=k, a=2)", "kwonly(i, **{'c': 3})", "Opts(<int> % 9).size()", "Opts(1, b=<int> % 9, c=4).size(by=2)", "Opts(a=k, zz=1).size()",
              "Pt(<int> % 9, y=i).x", "Pt(i)._replace(y=<int> % 5).y", "sum(Pt(i, <int> % 9))", "Colour(<colour>).weight", "Colour(<colour>).value", "len(Colour(<colour>).name)", "KEYED.get(Colour(<colour>), 4)",
              "Frozen(<int> % 4, i % 3).size()", "len((<any>).__class__.__name__)", "int(isinstance(<any>, (str, Colour, Pt)))", "kwonly(i, **{'c': k, 'b': <int> % 9})", "passes(i % 9, **sd) if len(sd) < 3 and all(type(z) is str for z in sd) else 1", "decorated(i % 9, **({'y': k} if <cond> else {}))", "p.add(n=<int> & 7)", "q.add(n=i)", "P(b=<int> % 9, a=i).total"],
    # Functions that are called for each item, and calls by way of other objects.
    "called": ["sum(<mapped>)", "sum(<mapped>)", "len(list(<mapped>))", "len([*<mapped>, 1])", "max(<mapped>, default=i)", "min(<mapped>, key=<unary>, default=k)", "len({*<mapped>})", "int(any(<mapped>))", "len(sorted(<mapped>, key=<unary>))",
               "sorted(<list> or [i], key=<unary>)[0]", "sorted(<list> or [k], key=<unary>, reverse=i & 1)[-1]", "max(<list> or t, key=<unary>)", "min(<iter2>, key=<unary>, default=3)", "functools.reduce(<binary>, <list>, <int>)", "functools.reduce(<binary>, <mapped>, i)",
               "functools.partial(<binary>, <int> % 99)(<int>)", "functools.partial(twice, <int> % 9)(<int>)", "functools.partial(p.add, <int> & 7)()", "functools.partial(kwonly, b=i)(<int> % 9)", "cached(<int> % 9)", "cached(<int> % 5, <int> % 3)", "cached(i, c=2)", "cached_few(<int> % 7)", "cached_few(<any0>)", "sum(z * c for z, c in enumerate(<mapped>))",
               "sum(z for z, c in zip(<mapped>, l))", "next(<mapped>, 5)", "sum(map(adds, <list>, <iter2>))", "sum(z for z in <mapped> if <zcond>)"],
    "mapped": ["map(<unary>, <iter2>)", "map(<unary>, <iter2>)", "filter(<unary>, <iter2>)", "map(<unary>, filter(<unary>, <list>))", "filter(<unary>, map(<unary>, <iter2>))", "map(<binary>, <list>, l)", "map(<unary>, <gen0>)", "map(<unary>, filter(<unary>, <gen0>))", "map(lambda p: p[0] + p[1], enumerate(map(<unary>, <iter2>)))", "filter(lambda z: <zcond>, <iter2>)", "map(lambda z: <elem>, <iter2>)"],
    "unary": ["f", "f", "lambda z: z ^ i", "lambda z: -z", "lambda z: <elem>", "lambda z: z % 3", "twice", "p.add", "cached", "functools.partial(adds, i)", "lambda z, c=k: z + c & 255", "lambda *z: z[0]", "lambda z: <zcond>"],
    "binary": ["adds", "lambda z, c: z ^ c", "lambda z, c: z - c & 1023", "twice", "max", "lambda z, c=1, *m: c"],
    "iter2": ["<list>", "l", "t", "range(<int> % 6)", "d", "<gen0>", "(1, 2, 3)", "set(t)", "d.values()", "b"],
    "gen0": ["count(4)", "(z for z in l)", "count(i % 6)"],
    "any0": ["i", "w", "(i, w)", "i / 2", "k % 3", "None", "True", "t", "1.0"],
    "attrname": ["'a'", "'total'", "('a', 'zz')[i & 1]", "'b'", "'zz'", "'to' + 'tal'"],
    "colour": ["1", "i % 3", "2", "(i + k) % 3"],
    "big": ["(1 << 47)", "((1 << 47) - 1)", "((1 << 48) - 1)", "(-(1 << 47))", "(1 << 61)", "((1 << 49) - i)", "((1 << 62) - k)", "(i << 44)", "(-1 << 48)", "(1 << (i + 30))"],
    "elem": ["z", "z * 2", "z + k", "z ^ i", "(z if z & 1 else -z)", "z % 3", "len(str(z))", "f(z)", "twice(z)"],
    "zcond": ["z > 1", "z & 1", "z != k", "z in d", "z == i", "z < 100"],
    "cond2": ["<int> == <int>", "<int> < <int>", "<num> <= <num>", "<any> == <any>", "<any> != v", "<int> in l", "<int> in t", "w in 'abcabc'", "p == q"],
    "num": ["(<num> + <num>)", "(<num> - <num>)", "(<num> * <num>)", "(<num> / (abs(<num>) + 1))", "-<num>", "abs(<num>)", "min(<num>, <num>)", "max(x, <num>)",
            "float(<int> % 1000)", "s.y", "(<num> // (abs(<num>) + 1.5))", "(<num> % (abs(<num>) + 0.5))", "math.sqrt(abs(<num>))", "(<num> ** 2 if abs(x) < 1e9 else x)",
            "(<num> % -1.5)", "(<num> // -2)", "float(<int> & 1048575)", "math.floor(<num> % 99)", "math.copysign(1, <num>)", "(<int> / 7)", "(<num> if <cond> else <num>)", "sum([x, <num>])",
            "(x, y)[i & 1]", "round(<num> % 99, 2)", "divmod(x % 99, 0.75)[1]", "float(str(i))", "int(x % 1000)", "math.fabs(x)", "math.sin(<num> % 10) * 0", "(<num> - <num> or 0.25)", "(True + <num>)"],
    "str": ["(<str> + <str>)[-9:]", "w[::-1]", "w[1:]", "w[:-1]", "w.upper()", "<str>.replace('a', 'b')", "f'{i}'", "f'{k:>5}'[:9]", "f'{w}{i}'[:9]", "f'{x:.2f}'[:9]", "f'{w!r}'[:9]", "f'{<int>:x}'[-9:]",
            "','.join([str(z) for z in l[:3]])", "''.join(str(z) for z in <iter>)[:9]", "'-'.join(w[:4])", "w * (<int> % 3)", "chr(97 + <int> % 26)", "str(<int>)[:9]", "repr(w)[:9]", "'%d:%s' % (i, w[:2])",
            "w.strip('a')", "w.split('b')[0]", "'{} {}'.format(i, w)[:9]", "str(<any>)[:0]", "(w if <cond> else <str>)", "w.title()", "''.join(sorted(w))", "join_up(i, w)[:9]", "w[<int> % len(w)]", "w[<int> % 3:<int> % 9]",
            "str(x)[:9]", "''.join(reversed(w))", "w.zfill(5)[:9]", "''.join([c for c in w if c > 'b'])", "''.join({c: 1 for c in w})", "'abc'.join(('', w))[:9]", "note(<any>)[:12]"],
    "cplx": ["(<cplx> + <cplx>)", "(<cplx> - <num>)", "(<int> % 999 * <cplx>)", "(<cplx> * <cplx>)", "(<cplx> / (abs(<cplx>) + 1))", "(<num> / (<cplx> or 1j))", "(<cplx> / (<cplx> or -1j))",
             "-<cplx>", "+<cplx>", "<cplx>.conjugate()", "complex(<num>, <num>)", "complex(<int> % 99)", "complex(<cplx>)", "(2 - 1j)", "(<num> + <cplx>)", "(<num> - <cplx>)", "(True - <cplx>)", "zc", "zc ** 2"],
    "bytes": ["b[::-1]", "b[:2] + bytes([<int> % 256])", "b * (i % 3)", "<str>.encode()", "bytes(z & 255 for z in l)", "bytearray(b)[:4]"],
    "list": ["l[<int> % 5:]", "l[-3:]", "l[::-1]", "l[::2]", "l[1:-1]", "[<elem> for z in <iter>]", "[<elem> for z in <iter> if <zcond>]", "l + [<int>]", "l[:2] * 2", "list(range(<int> % 6))", "sorted(l)", "list(<gen>)",
             "[z for z in <gen>]", "list(map(f, l[:3]))", "list(t)", "[*t, *l[:2]]", "list(reversed(l))", "list(d.values())", "list(p)[:0]", "[len(z) for z in (w, b, t)]", "sorted(<list>, reverse=True)",
             "[c for z in (l[:2], t) for c in z]", "[z for z, c in zip(l, l)]", "list(b)"],
    "any": ["<int>", "<num>", "<str>", "<list>", "(<any>, <any>)", "[<any>]", "{'k': <any>}", "(<any> or <any>)", "(<any> and <any>)", "(<any> if <cond> else <any>)", "f", "P(<int> % 9)", "Q(1, <int>)", "<bytes>", "{1, 2, i}",
            "complex(<num>, 1) * 1j", "{**d}", "(lambda z: z)", "d.get(k)", "getattr(p, 'c', None)", "l[0:2]", "tuple(l[:2])", "s.x", "type(v)", "Mine(i)", "slice(1, i)", "MyInt(i)", "MyList(l)", "frozenset(t)", "w[:1]", "(not v)",
            "safe(operator.add, <any>, <any>)", "safe(lambda: <any> < <any>)", "safe(operator.mul, <any>, 2)", "safe(len, <any>)", "safe(lambda: <any>[0])", "safe(lambda: -<any>)", "safe(int, <any>)", "safe(lambda: <any> % 3)",
            "safe(lambda: <any> in <any>)", "safe(hash, <lit>)", "[z for z in (v, u)]", "out[-1] if out else None", "(v, u)[i & 1]", "[v, u, k][i % 3]", "{0: v, 1: u}[i & 1]"],
    "cond": ["<int> < <int>", "<int> == <int>", "<int> % 3 == 0", "<int> & 1", "x > <int> % 10", "i % 7 == 3", "<int> in l", "<int> in d", "v is None", "not v", "isinstance(p, Q)", "<int> <= i < <int>", "w == 'abc'", "p == q", "i > <event>",
             "i == <event>", "isinstance(v, int) and v > 3", "l", "p", "<int> != <int> and i % 2", "<int> > 3 or x < 2", "p is q", "x != x", "<num> < <num>", "v == u", "<any> == <any>", "w < <str>", "type(v) is int", "hasattr(p, 'c')", "x", "w", "k", "flag", "not flag", "prev is None", "prev == 5", "prev == 'a'", "flag and i & 1",
             "not (<cond> and <cond>)", "<cond> and <cond>", "<cond> or not <cond>", "any(<zcond> for z in <iter>)", "all([<zcond> for z in <iter>])", "<int> not in t", "v is not None", "callable(v)", "i"],
    "iter": ["<list>", "l[:5]", "reversed(l[:4])", "range(<int> % 6)", "range(<int> % 6, -2, -2)", "range(3, <int> % 9)", "d", "set(t)", "t", "map(f, l[:3])", "filter(None, l)", "<gen>", "<gen>", "Countdown(i % 5)", "iter(l[:3])", "sorted(l)", "b", "p",
             "(z for z in l[:4])", "{z % 4 for z in l}", "d.values()", "d.copy()", "[*range(4)]", "grid", "MyList(l[:3])", "dict.fromkeys(l[:3])"],
    "gen": ["count(<int> % 6)", "walk(<int> % 9)", "evens(<iter>)", "nested(<int> % 6)", "(<elem> for z in <iter>)", "(<elem> for z in <iter> if <zcond>)", "careful(<int> % 4)", "inner_gen(i)", "(c for z in <iter> for c in (z, 1))", "evens(count(<int> % 7))"],
    "exc": ["ValueError", "KeyError", "(ValueError, KeyError)", "Mine", "Exception", "LookupError", "ZeroDivisionError", "ArithmeticError", "(TypeError, LookupError)", "IndexError"],
    "raises": ["raise ValueError(i)", "raise KeyError(k)", "raise Mine(n)", "raise Mine(n) from None", "raise ValueError", "k // (i % 3)", "l[i * 7]", "d[w]", "v + w", "four(5 if i % 2 else 1)", "one(n)", "raiser(i)", "int(w)", "p.zz", "list(fragile(i % 6))",
               "t[i]", "zz", "None + 1", "k.foo", "v()", "for z in v: k += 1", "z1, z2 = l", "z1, *z2 = v", "{}[v]", "deep(3, i)", "p[i * 4]", "1 // (i & 1)", "x % (i & 1)", "1 << (i - 5)", "'%d' % v", "v.a = 3", "v[0] = 1", "del v[0]", "next(iter([]))", "sum([w, 1])", "assert i % 3, k", "math.sqrt(i - 10)"],
    "op": ["+", "-", "*", "//", "%", "&", "|", "^", "<<", ">>", "/", "**", "<", "==", "!=", ">="],
    "op1": ["+", "-", "&", "|", "^"],
    "small": ["1", "2", "3", "5"],
    "var": ["j", "m", "g", "h", "z"],
}

STATEMENTS = [
    # Types that change from one iteration to the next.
    (2, "<fvar> = <int> if i & 1 else <num>"),
    (1, "x = i if <cond> else x"),
    (1, "v = (v, <any>)[i & 1]"),
    (1, "v = mixes(i)\nif v: k += int(v)"),
    (1, "v = [None, 1, 2.5, 'q', (1,)][i % 5]\nif isinstance(v, (int, float)): k += int(v)"),
    (1, "k = float(k % 1000) if i == <event> else k\nk = int(k)"),
    (1, "k = <big> + <int>\nn = k - <big>"),
    (1, "k += <big>\nif k > 1 << 66: k = -k >> 20"),
    (1, "k -= <big>\nif k < -1 << 66: k = -k >> 20"),
    (1, "k = k * <near> + n\nif abs(k) > 1 << 70: k %= <mod>"),
    (1, "k <<= 1\nif k >> 70: k = 1"),
    (1, "n, k = k, (n + k) % <big> if i % 9 else 1"),
    (1, "x = x * <small> - y\ny = x / 3"),
    (1, "x = (float('inf'), -float('inf'), float('nan'), -0.0, 1e308)[i % 5]\ny = x * y"),
    (1, "k += x == i\nk += (x < i) + (i <= y)"),
    (1, "k += int(x == x) + (str(x) == str(y))"),
    # What one iteration finds out and the next one uses.
    (3, "flag = <cond>"),
    (3, "if flag:\n    <block>\nelse:\n    <block>"),
    (2, "k += 1 if flag else 2\nflag = bool(<cond>)"),
    (2, "prev = <const> if <cond> else <const>"),
    (2, "if prev is <none>:\n    <block>\nprev = <const>"),
    (2, "k += prev == v\nprev = v"),
    (1, "k += (prev or 0) if isinstance(prev, int) else len(prev or '')\nprev = <const>"),
    (1, "m = (m + 1) % <small>\nif m == <small>:\n    <block>"),
    (1, "last, now0 = now0, (<int>) % 1009\nk += last < now0"),
    (1, "fl = x < y\nif fl0: k += 1\nfl0, x = fl, float(i % 5)"),
    # Collections while objects are half made or only in registers.
    (1, "k += churn(i)"),
    (1, "v = (i, [k], churn(i))"),
    (1, "u = [P(i), churn(3), (k, x)]\nk += u[0].a"),
    (1, "mk = Makes(i)\nk += mk.a + sum(z if isinstance(z, int) else z[0] for z in mk)"),
    (1, "mk = Makes(k % 99) + i\nv = mk.l"),
    (1, "p2 = P(x, str(i))\nchurn(i)\nif i == <event>: out.append((p2.a, p2.b))\nk += len(p2.b)"),
    (1, "c7 = (x * 2, str(k), [i])\nk += churn(2)\nif <cond>: v = c7"),
    # Objects that are carried, linked, or shown late.
    (1, "t = (t[1] % 1009, t[0] + t[1])"),
    (1, "u = (i, u if i % 6 else None)"),
    (1, "node = Node(i, node if i % 5 else None)\nk += sum(node) % 1009"),
    (1, "node = Node(i, node if i % 5 else None)\nwhile node.next and <cond>: node = node.next"),
    (1, "vec = vec + Vector(i, 1)\nk += vec.x"),
    (1, "vec = -vec if <cond> else (vec - Vector(x, i)) * 2\nif not -1e9 < vec.x < 1e9: vec = Vector(0, 1)"),
    (1, "vec = Vector(vec.y, i)\nif i == <event>: out.append(vec)"),
    (1, "k += int(vec.dot(Vector(1, 2)) == vec.x)"),
    (1, "p = P(p.a + 1, i) if <cond> else P(i, p.a)"),
    (1, "p, q = P(q.a % 100), Q(p.a % 100)\nif i == <event>: out.append((p, q))\nk += p.total"),
    (1, "for o in (p, q, R(i), p):\n    k += o.add(1) % 1009"),
    (1, "o = (p, q, R(3))[i % 3]\nk += o.add(i) % 1009\no.new = i\nk += o.new"),
    (1, "o = P(i)\no.<attr> = k % 1009\no.z = 3\nif <cond>: del o.<attr2>\nk += len(vars(o))"),
    (1, "mm = p.add\nk += mm(1) % 1009\nmm = q.add if <cond> else mm\nk += mm(2) % 1009"),
    (1, "c5 = [i]\nc5.append(c5[0] + 1)\nc5 += [k]\nk += len(c5) + c5[-1] % 7"),
    (1, "c6 = {'a': i, 'b': k}\nc6['c'] = c6['a']\nk += c6['c'] + len(c6)"),
    (1, "it0 = iter(l) if i % 4 == 0 else it0\nk += next(it0, 3)"),
    (1, "it1 = enumerate(w) if i % 3 == 0 else it1\nfor z, c2 in it1:\n    k += z\n    break"),
    (1, "it2 = count(5) if i % 4 == 0 else it2\nfor z in it2:\n    k += z\n    if z & 1: break"),
    (1, "av = average() if i % 5 == 0 else av\nk += av.send(None if i % 5 == 0 else i)"),
    # Strings, dictionaries and sets.
    (1, "sd[w[:2]] = sd.get(w[:2], 0) + 1\nk += sd[w[:2]]"),
    (1, "sd[<str>] = i\nif len(sd) > 9: sd.popitem()"),
    (1, "for z, c2 in sd.items():\n    k += c2 + len(z)"),
    (1, "sd.setdefault('l', []).append(i) if i < 12 else sd.pop('l', None)\nsd.pop('l', None)"),
    (1, "d |= {i % 5: k % 99}\nk += len(d | {99: 1})"),
    (1, "s0.add(<int> % 50)\nif len(s0) > 12: s0 = {1}\nk += len(s0)"),
    (1, "s0 ^= {<int> % 9, i % 9}\nk += sum(s0 & {1, 2, 3, 4})"),
    (1, "s0.discard(<int> % 9)\nk += sum(sorted(s0)[:3])"),
    (1, "for z in w:\n    k = k * 3 + ord(z)\nk %= <mod>"),
    (1, "for z in <str>:\n    if z in 'abc1': n += 1\n    elif z.isdigit(): k += int(z) if z in '0123456789' else 1"),
    (1, "w2 = ''\nfor z in range(<small>):\n    w2 += chr(97 + z + i % 5)\nif w2 == w or w2 < w: k += len(w2)"),
    (1, "w = f'{w[:3]}{i:0>3}{k & 15:x}'"),
    (1, "try:\n    w = w[1:] + w[i]\nexcept IndexError as e:\n    w = 'abcdefgh'"),
    (1, "k += {'a': 1, 'b': 2}.get(w[:1], 3)"),
    (1, "k += (w in ('abc', 'z', '1')) + (w[0] in {'a', 'b'}) + (i in (1, 2, 3))"),
    (1, "b += bytes([i & 255])\nk += b[-1]\nb = b[-5:]"),
    # Exceptions: where they come from and what is being handled.
    (2, "try:\n    <raises>\nexcept Exception as e:\n    out.append((note(e), where(e), handling()))"),
    (1, "try:\n    try:\n        <raises>\n    except <exc>:\n        <raises>\nexcept Exception as e:\n    out.append(chain(e))"),
    (1, "try:\n    try:\n        <raises>\n    finally:\n        k += 1\n        v = handling()\nexcept Exception as e:\n    out.append(where(e))"),
    (1, "try:\n    with Ctx(True):\n        <raises>\n    with Ctx():\n        <raises>\nexcept Exception as e:\n    out.append((handling(), where(e)))\nout.append(handling())"),
    (1, "try:\n    k += reraises(<int> % 20)\nexcept Mine as e:\n    out.append(where(e))"),
    (1, "k += returns_early(<int> % 30)"),
    (1, "try:\n    l.sort(key=key_raises)\nexcept KeyError as e:\n    out.append(where(e))"),
    (1, "try:\n    k += sum(map(raiser, range(i % 7)))\nexcept ValueError as e:\n    out.append(where(e))"),
    (1, "try:\n    k += max(four(z) for z in range(<int> % 9))\nexcept (Mine, ValueError) as e:\n    out.append(where(e))"),
    (1, "try:\n    v = [key_raises(z) for z in range(i % 6)]\nexcept KeyError as e:\n    v = where(e)"),
    (1, "try:\n    for z in delegates(5):\n        if z == i % 7: raise KeyError(z)\nexcept KeyError as e:\n    out.append((handling(), z))\nk += handling() == 'None'"),
    (1, "for z in handles(i % 6):\n    if isinstance(z, int): k += z\n    else: n += len(z)"),
    (1, "try:\n    <raises>\nexcept Exception:\n    for z in handles(5):\n        k += len(str(z))\n    v = handling()"),
    (1, "g6 = delegates(6)\nnext(g6)\ntry:\n    v = g6.throw(<thrown>)\n    v = next(g6)\nexcept Exception as e:\n    out.append((note(e), where(e)))"),
    (1, "k += groups(<int> % 30)"),
    (1, "try:\n    assert k % 3, 'k'\n    k = k // 3\nexcept AssertionError as e:\n    k += 1"),
    (1, "try:\n    (lambda: <int> // (i % 4))()\nexcept ZeroDivisionError as e:\n    out.append(where(e))"),
    (1, "try:\n    k = p[<int>] + 1\nexcept (IndexError, TypeError) as e:\n    k = len(where(e))"),
    (1, "try:\n    v = sorted([v, u, i])\nexcept TypeError as e:\n    v = str(e)"),
    # Calls.
    (1, "k += fib(<int> % 9)"),
    (1, "k += closes(<int> % 20) + memo(<int> % 9)"),
    (1, "k += finds(l, <int> % 12) or 0"),
    (1, "ar = l[:i % 5]\ntry:\n    k += many(*ar, d=1)\nexcept TypeError as e:\n    out.append(e)"),
    (1, "kw = {'d': i} if <cond> else {'d': 1, 'e': 2, 'q': 3}\nk += passes(1, **kw)"),
    (1, "try:\n    k += twice(<badargs>)\nexcept TypeError as e:\n    out.append(str(e))"),
    (1, "k += sum(map(twice, l[:3], t))"),
    (1, "k += [twice, thrice, maker(3), abs, P.clip][i % 5](i)"),
    (1, "fn = twice if i < <event> else maker(2)\nk += fn(<int> % 100)"),
    (1, "def rec(z):\n    return 0 if z <= 0 else z + rec(z - 2) + (k & 1)\nk += rec(i % 9)"),
    (1, "k += eval('k % 7 + 1', globals(), {'k': k})"),
    (1, "k += len(locals()) * 0 + 1"),
    (1, "counter_before = bump()\nk += bump() - counter_before"),
    (1, "class D(P):\n    k = i\n    def add(self, n): return n + self.k\nk += D(1).add(2)"),
    (1, "k += sum(z for z in Node(1, Node(i)))"),
    (1, "k += sum(z * c for z, c in zip(Node(i, Node(2)), p))"),
    (1, "k += len([z for z in zip(range(3), count(5), l)]) + len(dict(zip(w, l)))"),
    (1, "k += len(list(enumerate(evens(l), i)))"),
    (1, "k += sum(1 for z in l for c in range(z & 3) if c != i)"),
    (1, "v = {z: [c for c in range(z & 3)] for z in l[:4]}"),
    (1, "v = [lambda: z for z in range(3)]\nk += v[i % 3]()"),
    (1, "v = (<elem> for z in l)\nk += sum(c for c in v if isinstance(c, int))"),
    (2, "for <var> in <mapped>:\n    <block>"),
    (1, "for <var> in <mapped>:\n    if <cond>: break\n    k += 1\nelse:\n    n += 1"),
    (1, "m8 = map(stops_at, l) if i % 4 == 0 else m8\nfor z in m8:\n    k += z\nk += len(list(filter(stops_at, l)))"),
    (1, "m9 = <mapped> if i % 5 == 0 else m9\nfor z in m9:\n    k += z\n    if z & 1: break"),
    (1, "try:\n    for z in map(raiser, range(i % 9)):\n        k += z\nexcept ValueError as e:\n    out.append((where(e), handling()))"),
    (1, "try:\n    l.sort(key=raiser)\nexcept ValueError as e:\n    out.append((where(e), len(l)))"),
    (1, "try:\n    k += max(filter(raiser, l), key=raiser, default=2)\nexcept ValueError as e:\n    out.append(where(e))"),
    (1, "pa = functools.partial(<binary>, i) if <cond> else pa\nk += pa(<int> % 99) % 1009"),
    (1, "if i == <event>: cached.cache_clear()\nk += cached(i % 6) + len(cached.cache_info())"),
    (1, "l.extend(map(<unary>, l[:3]))\nl = [z % 1000 for z in l if isinstance(z, int)][:9] or [3]"),
    (1, "s0.update(filter(<unary>, l))\nif len(s0) > 12: s0 = {2}\nk += len(s0)"),
    (5, "<ivar> = <int>"),
    (3, "<ivar> <op1>= <int>"),
    (4, "<fvar> = <num>"),
    (2, "<fvar> += <num>"),
    (1, "x = int(x) if -1e15 < x < 1e15 else 0.5"),
    (1, "l[<int> % len(l)] = <int> % 1000"),
    (1, "l[<int> % len(l)] += <int> % 10"),
    (1, "l.append(<int> % 1000)\nif len(l) > 30: del l[12:]"),
    (1, "l.insert(<int> % 3, i)\nl.pop()"),
    (1, "l[1:3] = <list>[:3]\nl.append(k)"),
    (1, "l.extend(<gen>)\nif len(l) > 30: del l[12:]"),
    (1, "l = sorted(l, key=lambda z: <elem>)"),
    (1, "l.sort(<sortargs>)"),
    (1, "l = <list> or [7]\nif len(l) > 30: del l[12:]"),
    (1, "del l[<int> % len(l)]\nif not l: l = [3, 1, 2]"),
    (1, "l.reverse()"),
    (2, "d[<int> % 7] = <int> % 10**6"),
    (1, "d[<int> % 7] = d.get(<int> % 7, 0) + 1"),
    (1, "d.update({<int> % 5: i})"),
    (1, "tg[<num>, i % 3] = <int> % 10**6\nif len(tg) > 9: tg = {(1, 1): k}"),
    (1, "if (i % 5, k % 3) in tg: tg[i % 5, k % 3] += 1\nelse: tg[i % 5, k % 3] = 0"),
    (1, "ts.add((<any>, <int> % 3))\nif len(ts) > 9: ts.clear()"),
    (1, "if (<int> % 4, 1) not in ts:\n    ts.add((k % 4, 1))\n    k += len(ts)"),
    (1, "d = {z: <int> for z in <iter>}"),
    (1, "if k % 7 in d: del d[k % 7]"),
    (1, "p.<attr> = <int> % 1000"),
    (1, "p.<attr> <op1>= <int> % 100"),
    (1, "p.total = <int> % 1000"),
    (4, "v = <any>"),
    (1, "u = <any>"),
    (1, "v, u = u, <any>"),
    (1, "p, q = <swap>"),
    (2, "w = <str> or 'z'\nw = w[-12:]"),
    (1, "w += <str>[:3]\nif len(w) > 12: w = w[-6:]"),
    (1, "b = <bytes>[:6] or b'q'"),
    (1, "t = (<int> % 99, <int> % 99)\na, k2 = t\nk = k2 + k % 1000"),
    (1, "a, *m2 = l\nk += len(m2)"),
    (1, "try:\n    a, *m2, k2 = (l, t, w)[i % 3]\n    k += len(m2)\nexcept ValueError as e:\n    out.append(str(e))"),
    (1, "setattr(p, <attrname>, <int> % 1000)"),
    (1, "try:\n    watched.z = <int> % 20\n    watched.half = <int> % 9\nexcept (AttributeError, ValueError) as e:\n    out.append(e)"),
    (1, "match {'a': <int>, 'b': i} if <cond> else sd:\n    case {'a': a, 'c': _}: k += 1\n    case {'a': int(a), 'b': k2, **m2}: k += k2 + len(m2)\n    case _: k += 2"),
    (1, "(a, n), j = t, i"),
    (1, "t = t[::-1]"),
    (2, "try:\n    k = raiser(<int> % 11)\nexcept ValueError as e:\n    k = e.args[0] + <int> % 50"),
    (1, "try:\n    a = l[<int> % 60]\nexcept IndexError:\n    a = -1\nfinally:\n    n = n % 1000 + 1"),
    (3, "try:\n    <raises>\nexcept <exc> as e:\n    out.append(e)\nexcept Exception as e:\n    k += len(str(e))"),
    (2, "try:\n    if <cond>:\n        <raises>\n    k += 1\nexcept <exc>:\n    <block>\nexcept Exception:\n    n += 1"),
    (1, "try:\n    try:\n        if <cond>: <raises>\n        k += 1\n    finally:\n        n += 1\nexcept Exception as e:\n    k -= 1\nelse:\n    k += 2"),
    (1, "try:\n    try:\n        <raises>\n    except <exc> as e:\n        raise\nexcept Exception as e:\n    out.append(e)"),
    (1, "try:\n    try:\n        <raises>\n    except Exception as e:\n        raise Mine(k) from e\nexcept Mine as e:\n    out.append((e, e.__cause__))"),
    (1, "try:\n    <plain>\nfinally:\n    <plain>"),
    (1, "try:\n    k = sum(fragile(<int> % 6))\nexcept ValueError as e:\n    k = e.args[0]"),
    (1, "try:\n    for <var> in fragile(<int> % 6):\n        k += 1\nexcept ValueError as e:\n    n -= 1"),
    (1, "try:\n    v = <any> <op> <any>\nexcept Exception as e:\n    v = str(e)"),
    (2, "try:\n    v = v <op> <any>\n    if isinstance(v, int) and abs(v) > 10**40: v = 3\n    if isinstance(v, (str, list, tuple, bytes)) and len(v) > 50: v = v[:5]\nexcept Exception as e:\n    v = note(e)"),
    (1, "try:\n    v = u(<int>)\nexcept Exception as e:\n    v = i"),
    (1, "f = maker(<int> % 100)"),
    (1, "f = <fun>"),
    (1, "up, now = counter_of(<int> % 50)"),
    (2, "for <var> in <gen>:\n    k = (k + <int>) % 100003"),
    (1, "for g, h in <pairs>:\n    k += h if isinstance(h, int) else len(h)"),
    (3, "for <var> in <iter>:\n    <block>"),
    (1, "for <var> in <iter>:\n    if <cond>: break\n    <block>\nelse:\n    k += 1"),
    (1, "for <var> in <iter>:\n    if <cond>: continue\n    n += 1"),
    (2, "for j in range(<int> % 7):\n    <block>"),
    (1, "for j in range(<small>):\n    for m in range(j, <small>):\n        <block>"),
    (1, "<fresh> = 0\nwhile <fresh> < <small>:\n    <fresh> += 1\n    <block>"),
    (1, "<fresh> = <int> % 20\nwhile <fresh>:\n    <fresh> >>= 1\n    if <cond>: continue\n    k += 1\nelse:\n    n += 1"),
    (1, "<fresh> = 0\nwhile True:\n    <fresh> += 1\n    if <fresh> > i % 5 or <cond>: break\n    <block>"),
    (4, "if <cond>:\n    <block>\nelse:\n    <block>"),
    (2, "if <cond>:\n    <block>"),
    (1, "if <cond>:\n    <block>\nelif <cond>:\n    <block>\nelse:\n    k += 3"),
    (1, "with Ctx() as c:\n    <block>"),
    (1, "with Ctx(True) as c, Ctx() as c2:\n    if <cond>: <raises1>\n    k += 1"),
    (1, "p[<int> & 1] = <int> % 1000"),
    (1, "p += q\np.a %= 1000"),
    (1, "s.x, s.y = s.x % 1000 + 1, s.y * 0.5 + i"),
    (1, "s.swap()\ns.x = <int> % 1000\ns.y = <num>"),
    (1, "try:\n    k += s.z\nexcept AttributeError:\n    s.z = i\nelse:\n    del s.z"),
    (1, "if i == <event>: <mutation>"),
    (2, "if i == <event>:\n    <mutation>"),
    (1, "P.k = <int> % 3"),
    (1, "P.count = <int> % 100"),
    (2, "out.append(<any>)"),
    (1, "out.append((k, n, a))"),
    (1, "match <any>:\n    case int(z) if z > 5:\n        k += 1\n    case [z, *_]:\n        n += 1\n    case {'k': z, **rest}:\n        n += 2\n    case P(a=z) | Q(b=z):\n        k += z if isinstance(z, int) else 1\n    case str() as z:\n        n += len(z)\n    case _:\n        k -= 1"),
    (1, "match k % 4:\n    case 0:\n        <block>\n    case 1 | 2:\n        n += 1\n    case z:\n        k += z"),
    (1, "match t:\n    case (0, z):\n        k = z\n    case (z, 0):\n        k = z\n    case (z, c2) if z > c2:\n        n = n + 1\n    case _:\n        <block>"),
    (1, "try:\n    for z in d:\n        if <cond>: d[<int> % 9 + 10] = 1\nexcept RuntimeError as e:\n    out.append(e)\nif len(d) > 8: d = {0: 1, 2: 3}"),
    (1, "try:\n    for z in d.items():\n        d.pop(z[0], None)\nexcept RuntimeError as e:\n    out.append(e)"),
    (1, "s2 = set(l)\ntry:\n    for z in s2:\n        s2.add(z + i)\n        if len(s2) > 20: break\nexcept RuntimeError as e:\n    n += 1"),
    (1, "for z in l:\n    if len(l) < 15 and <cond>: l.append(z % 7)"),
    (1, "for z in l:\n    if len(l) > 2: l.pop()"),
    (1, "del a\ntry:\n    a += 1\nexcept UnboundLocalError as e:\n    a = <int>\nexcept NameError:\n    a = 4"),
    (1, "if <cond>: del j\ntry:\n    k += j\nexcept (UnboundLocalError, NameError) as e:\n    j = 1"),
    (1, "def g2(z, c=<int>):\n    return z + c + k\nk = g2(<int>) % <mod>"),
    (1, "def g3(z):\n    for c in range(z & 3):\n        z += <expr_z>\n    return z\nk = g3(<int>) % <mod>"),
    (1, "f = lambda z, c=<int>: (z ^ c) % 1000003"),
    (1, "fs = [lambda z=z: z * 2 for z in <iter>]\nk += sum(z() if isinstance(z(), int) else 1 for z in fs) % 1009"),
    (1, "class C:\n    a = i\n    def m(self): return self.a + k\nk = C().m() % <mod>"),
    (1, "v = [[<elem> for z in range(c)] for c in range(i % 4)]"),
    (1, "v = {str(z): <elem> for z in <iter> if z != 3}"),
    (1, "v = f'{i}-{w}-{x:.3f}-{k % 100:04d}-{l[:2]}-{(<any>)!s:.8}'"),
    (1, "out.append(' '.join(str(z) for z in <iter>)[:30])"),
    (1, "grid[i, j] = <int>"),
    (1, "grid[<int>] += 1"),
    (1, "wf.f = <int>\nwf.g += wf.f"),
    (1, "pr.a = <int> % 1000\nk += pr.b if isinstance(pr.b, int) else 0"),
    (1, "ml = MyList(l)\nk += ml.first() or 0"),
    (1, "k = e0.send(<int> % 100)"),
    (1, "g4 = walk(i % 9)\nk += next(g4, 0) + next(g4, 0)\nk += sum(g4)"),
    (1, "g5 = careful(3)\nk += next(g5)\ntry:\n    k += g5.throw(<thrown>)\nexcept Exception as e:\n    out.append(e)\ng5.close()"),
    (1, "it = iter(l)\nfor z in it:\n    k += next(it, 1)"),
    (1, "it = iter(l[:5])\nfor z, c2 in zip(it, it):\n    k += z - c2"),
    (1, "k = k if <cond> else (lambda: <int>)()"),
    (1, "<ivar> = <ivar2> = <int>"),
    (1, "k = bool(k) + n"),
    (1, "n = True if <cond> else n"),
    (1, "i0 = i\nk += i0 * (1 << 40)"),
    (1, "k = (k << <small>) + 1 if k < 1 << 70 else k >> 33"),
    (1, "k = k * 3 + 1 if k & 1 else k >> 1"),
    (1, "k = -k\nn = n - k"),
    (1, "v = complex(k % 100, x if abs(x) < 1e9 else 0) * 2j"),
    (1, "if i % 8 == 3: gc.collect(0)"),
    (1, "if i == <event>: gc.collect()"),
    (1, "while k > 1000: k //= 3"),
    (1, "kd = Colour(<colour>)\nKEYED[kd] = KEYED.get(kd, 0) + 1 & 255\nk += KEYED[kd] + (kd in {Colour.RED, p})"),
    (1, "fz = Frozen(i % 4, k % 3)\nsd[fz] = sd.get(fz, 0) + 1\nk += sd[Frozen(i % 4, k % 3)] + len(sd)"),
    (1, "pt = Pt(k % 99, i)\nmatch pt:\n    case Pt(x=3): k += 1\n    case Pt(z, y=0): k += z\n    case Pt(): n += pt.y"),
    (1, "l[<small>:<small>] = <list>\nif len(l) > 9: del l[4:]\nif not l: l = [1, k]"),
    (1, "l[i % 4:] = <iter>\nl = [z for z in l if isinstance(z, int)][:8] or [i]"),
    (1, "k += (i in (1, 2, 5)) + (k not in (0, 1, n))"),
    (1, "wide.b0 += 1\nwide.b19 = wide.b0 + wide.b18 & 1023\nk += wide.b19"),
    (1, "zc = <cplx>\nif not abs(zc.real) + abs(zc.imag) < 1e6: zc = 0.5 - 1j"),
    (1, "zc = zc * zc + <cplx>\nif not abs(zc.real) + abs(zc.imag) < 1e6: zc = complex(-0.0, 1)"),
    (1, "k += int(zc == <cplx>) + int(bool(zc)) + int(zc != <num>)\nx = zc.imag if abs(zc) < 99 else 1.5"),
    (1, "if i == <event>: zc = (complex('inf'), complex('nan'), 0j, -0j, complex(1e308, 1e308))[i % 5]\nout.append(<cplx>)"),
    (1, "assert <cond> or True, k"),
    (1, "for <var> in <iter>:\n    try:\n        if <cond>: continue\n        if <cond>: break\n        k += 1\n    finally:\n        n += 1"),
    (1, "for <var> in <iter>:\n    with Ctx(True):\n        if <cond>: continue\n        <raises1>\n        break"),
    (1, "for <var> in range(4):\n    try:\n        <raises>\n    except Exception:\n        continue\n    k += 1"),
    (1, "async def co(z):\n    return z + await waits(z)\nk += finish(co(<int> % 5))[0]"),
    (1, "u = (v, <any>)\nif note(u) == note(v): k += 1"),
    (1, "l2 = l\nl2[0] = <int> % 99\nk += l[0]"),
    (1, "p2 = P(<int> % 99, k)\np2.add(i)\nk = p2.a + p2.b"),
    (1, "p2 = P(i)\nif <cond>: out.append(p2)\nk += p2.total"),
    (1, "t2 = (i, k, x)\nif <cond>: v = t2\nk = t2[1] + t2[0]"),
    (1, "c3, c4 = <int>, <int>\nk = c3 - c4 if c3 > c4 else c4 - c3"),
]
LOOSE = [  # where a loop is around
    (2, "if <cond> and <cond>: continue"),
    (1, "if i > <event> and <cond>: break"),
]
IN_GENERATOR = [(6, "yield <any>"), (3, "k = (yield k) or 3"), (3, "yield from <iter>"), (1, "n += yield")]
IN_ASYNC = [(6, "k += await waits(<int> % 9)"), (3, "k += await waits_twice(i)"), (2, "v = await Awaitable(i % 3)"),
            (2, "async for z in Acount(i % 4):\n    k += z"), (2, "async for z in agen(i % 4):\n    k += z\n    if <cond>: break"),
            (2, "try:\n    async with Actx() as c:\n        k += c\n        if <cond>: <raises>\nexcept Exception as e:\n    out.append(where(e))"),
            (1, "k += sum([z async for z in Acount(3)])"), (1, "v = [await waits(z) for z in range(i % 3)]"),
            (1, "try:\n    await waits(i)\n    <raises>\nexcept Exception as e:\n    k += await waits(2)\n    out.append(handling())")]

RULES.update({
    "ivar": ["k", "n", "a", "k", "j"],
    "ivar2": ["k", "n", "a"],
    "fvar": ["x", "y"],
    "attr": ["a", "b", "c", "a"],
    "sortargs": ["", "reverse=True", "key=lambda z: -z", "key=str", "key=f"],
    "swap": ["q, p", "P(i), q", "Q(i, k % 100), p", "p, P(k % 50)", "p + q, p", "Q(2), Q(3)"],
    "fun": ["maker(k % 9)", "maker(3)", "twice", "abs", "P.clip", "p.add", "(lambda z: z + k)", "(lambda z: z * 2)", "len if False else hash", "int", "MyInt", "decorated"],
    "pairs": ["pairs(3)", "d.items()", "zip(l, t)", "enumerate(w)", "enumerate(l[:4])", "enumerate(<mapped>)", "enumerate(<mapped>)", "zip(w, l)", "[(1, 2), t]", "zip(<gen>, l)", "enumerate(<gen>)", "list(zip(l, l))", "zip(<iter>, range(5))"],
    "const": ["None", "5", "0", "'a'", "'b'", "True", "2.5", "i", "None"],
    "none": ["None", "True", "None", "False"],
    "attr2": ["a", "z", "b"],
    "badargs": ["", "1, 2, 3", "x=1, z=2", "1, x=2", "i", "*t", "**{'x': 1, 'y': 2}"],
    "raises1": ["raise ValueError(i)", "raise KeyError(k)", "four(5)", "d[w]", "int(w + 'q')"],
    "thrown": ["ValueError(k)", "KeyError(k)", "ValueError", "Mine(i)"],
    "expr_z": ["z * 2 + 1", "c", "k", "i ^ z"],
    "mutation": ["P.add = lambda self, n: n", "P.k = 'odd' if P.k == 4 else 4", "P.clip = staticmethod(lambda n: n & 15)", "Q.__lt__ = lambda self, other: True", "P.new = 4", "globals()['twice'] = thrice", "globals()['loopy'] = halves",
                 "P.__len__ = lambda self: 0", "Q.add = P.add", "globals()['counter'] = 10**18", "del Q.add", "P.both = lambda self: (1, 2)", "p.__class__ = Q", "P.total = property(lambda self: 7)", "twice.__defaults__ = (5,)", "P.a = 5",
                 "S.made = 3", "S.w = 4", "fact.__code__ = loopy.__code__", "four.__code__ = (lambda n: n + 1).__code__", "p.__dict__['a'] = 9", "P.__bool__ = lambda self: False", "globals()['len'] = lambda o: 4", "globals().pop('len', None)",
                 "Ctx.__exit__ = lambda self, *args: True", "P.__getattr__ = lambda self, name: 11", "x = i", "x = float('nan')", "x = 1e300", "k = 1 << 70", "k = -(1 << 62)", "v = None", "l = [2.5, 1, 3]", "d = MyDict(d)", "l = MyList(l)", "k = True", "n = MyInt(n % 99)",
                 "P.__eq__ = lambda self, other: True", "P.__getitem__ = lambda self, i: i", "Countdown.__next__ = lambda self: next(iter(()))", "p.a = 2.5", "p.b = 'x'", "s.x = 1.5", "t = (1.5, 2)", "d = {}", "f = lambda z: z", "f = int", "gc.collect()", "four.__defaults__ = (1,)",
                 "adds.__code__ = (lambda z, c: z * 3 + c).__code__", "cached.cache_clear()", "globals()['adds'] = max",
                 "globals()['kind_of'] = len", "P.__contains__ = lambda self, n: True", "Mine.n = 5", "MyInt.__add__ = int.__add__"],
})

HEADS = [
    "",
    "",
    "",
    "def bump_n(by=1):\n    nonlocal n\n    n += by\n    return n",
    "def show_k():\n    return k\nf = lambda z: z + show_k() % 5",
    "def set_k(z):\n    nonlocal k\n    k = z % 1009\n    return k\nf = set_k",
    "global counter\ncounter = 5",
    "f = lambda z: z + n if isinstance(n, int) else 0",
]

START = """\
k = 1; n = 2; a = 0; j = 1; m = 0; x = 0.25; y = 3.5; v = None; u = 3; w = 'abc'; b = b'ab'; t = (1, 2); out = []
l = [3, 1, 4, 1, 5]; d = {0: 1, 3: 2}; p = P(1); q = Q(2, 3); f = maker(1)"""
OPTIONAL = {
    "s": "s = S(1, 2.0)", "e0": "e0 = echo(); next(e0)", "up": "up, now = counter_of(2)", "now": "up, now = counter_of(2)", "wf": "wf = WithField()", "grid": "grid = Grid(7)",
    "pr": "pr = Proxy(p)", "node": "node = Node(0)", "vec": "vec = Vector(1, 2)", "it0": "it0 = iter(())", "it1": "it1 = enumerate('')", "it2": "it2 = count(1)",
    "flag": "flag = True", "prev": "prev = None", "now0": "now0 = 0", "fl0": "fl0 = False", "sd": "sd = {}", "zc": "zc = 1 + 2j", "wide": "wide = Wide()", "watched": "watched = Watched(3)", "s0": "s0 = {1, 2}",
    "m8": "m8 = iter(())", "m9": "m9 = iter(())", "pa": "pa = functools.partial(adds, 1)",
    "tg": "tg = {(1, 1): 5, (2, 1): 6, ('abc', 1, 2): 7}", "ts": "ts = {(1, 2), ('abc', 1)}",
}
SHOW = "print([note(o) for o in out[-20:]], note(v), note(u), note([k, n, a]), x, y, w, b, t, l, note(d), note(p.a), note(p.b), note(q.a))"
PLACEHOLDER = re.compile(r"<(\w+)>")
NAME = re.compile(r"[A-Za-z_]\w*")


def _chunks():
    """Of the prelude: names, source and the names used of each definition, in order."""
    tree = ast.parse(_PRELUDE)
    lines = _PRELUDE.split("\n")
    found = []
    for node in tree.body:
        if isinstance(node, ast.Expr):
            continue
        start = min([node.lineno] + [d.lineno for d in getattr(node, "decorator_list", [])])
        source = "\n".join(line for line in lines[start - 1:node.end_lineno] if line.strip())
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            names = {node.name}
        elif isinstance(node, ast.Assign):
            names = {node.targets[0].id}
        else:
            names = {alias.name for alias in node.names}
        used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        found.append((names, source, used))
    for module in ("collections", "enum", "functools", "itertools", "operator"):
        found.insert(0, ({module}, f"import {module}", set()))
    return found


CHUNKS = _chunks()


def prelude_for(source):
    """The definitions that a program needs."""
    needed = set(NAME.findall(source)) | {"note"}
    while True:
        more = set()
        for names, _, used in CHUNKS:
            if names & needed:
                more |= used - needed
        if not more:
            break
        needed |= more
    return [chunk for names, chunk, _ in CHUNKS if names & needed]


ALL_DEFINITIONS = "\n".join([source for _, source, _ in CHUNKS] + [""])


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.fresh = 0
        self.size = 30
        self.statements = STATEMENTS

    def expr(self, rule, depth):
        if rule == "near":
            return str(self.r.randrange(-5, 100))
        if rule == "event":
            return str(self.r.randrange(3, self.size))
        if rule in ATOMS and (depth > 2 or self.r.random() < (0.15, 0.35, 0.6)[depth]):
            options = ATOMS[rule]
        else:
            options = RULES[rule]
        return PLACEHOLDER.sub(lambda m: self.expr(m[1], depth + 1), self.r.choice(options))

    def statement(self, depth, loose):
        table = self.statements + LOOSE if loose else self.statements
        text = self.r.choices([s for _, s in table], [weight for weight, _ in table])[0]
        if depth > 2 and ("<block>" in text or "<plain>" in text):
            return [f"k = {self.expr('int', 1)}"]
        if "<fresh>" in text:
            self.fresh += 1
            text = text.replace("<fresh>", f"c{self.fresh}")
        lines = []
        for line in text.split("\n"):
            indent = line[:len(line) - len(line.lstrip())]
            if line.strip() in ("<block>", "<plain>"):
                lines += [indent + s for s in self.block(depth + 1, self.r.choice((1, 1, 2, 2, 3)), loose and line.strip() == "<block>")]
            else:
                lines.append(PLACEHOLDER.sub(lambda m: self.expr(m[1], 0), line))
        return lines

    def block(self, depth, count, loose):
        lines = []
        for _ in range(count):
            lines += self.statement(depth, loose)
        return lines

    def run(self, number):
        """A function (or the like) with a loop, and the statement that runs it."""
        r = self.r
        kind = r.choices(("function", "module", "generator", "async"), (65, 8, 17, 8))[0]
        self.size = r.choice((12, 20, 20, 35, 60))
        self.statements = STATEMENTS + {"generator": IN_GENERATOR * 4, "async": IN_ASYNC * 4}.get(kind, [])
        body = self.block(0, r.choice((1, 2, 2, 3, 3, 4, 5, 8)), True)
        loop = r.choice((
            ["for i in range(size):"], ["for i in range(size):"], ["for i in range(size):"], ["i = -1", "while i < size:", "    i += 1"],
            ["for i in list(range(size)):"], ["for i in count(size):"], ["for i, z0 in enumerate(range(size)):"],
        ))
        catch = r.random() < 0.4
        if kind == "generator":
            body.append("yield k")
        text = "\n".join(body)
        start = START.split("\n") + [line for name, line in dict((line, (name, line)) for name, line in OPTIONAL.items()
                                                                   if re.search(rf"\b{name}\b", text)).values()]
        if catch:
            body = ["try:", *("    " + s for s in body), "except Exception as e:", "    out.append(e)"]
        head = r.choice(HEADS) if kind != "module" else ""
        if head:
            start += head.split("\n")
        inner = start + loop + ["    " + s for s in body]
        if kind == "module":
            lines = ["try:", *("    " + s for s in [f"size = {self.size}", *inner, SHOW]), *_report("")]
            return [], ["for run in range(2):", *("    " + s for s in lines)] if r.random() < 0.3 else lines
        define = "async def" if kind == "async" else "def"
        lines = [f"{define} run{number}(size):", *("    " + s for s in inner), "    " + SHOW]
        if kind == "generator":
            call = r.choice((
                f"print(note(list(run{number}(size))))", f"print(len([z for z in run{number}(size)]))", f"print(note(sorted(map(str, run{number}(size)))[:5]))",
                f"print(sum(1 for z in run{number}(size)))", f"print(drive(run{number}(size)))", f"print([note(z) for z in run{number}(size)][-5:])",
            ))
        elif kind == "async":
            call = f"print(note(finish(run{number}(size))))"
        else:
            call = f"run{number}(size)"
        again = r.choice((1, 1, 2, 3))
        sizes = ", ".join([str(self.size)] + [str(self.size // 2 + 3)] * (again - 1))
        return lines, [f"for size in ({sizes},):", "    try:", f"        {call}", *_report("    ")]

    def program(self):
        lines, calls = [], []
        for number in range(self.r.choices((1, 2, 4), (80, 17, 3))[0]):
            definition, call = self.run(number)
            lines += definition
            calls += call
        lines += calls
        text = "\n".join(lines)
        return "\n".join([*prelude_for(text), ""]), text + "\n"


def _report(indent):
    return [indent + s for s in [
        "except Exception as e:", "    tb = e.__traceback__; where = []",
        "    while tb: where.append((tb.tb_lineno, tb.tb_frame.f_code.co_name)); tb = tb.tb_next",
        "    print(type(e).__name__, e, where)"]]


def program(seed):
    """The program of a seed: definitions, statements."""
    return Maker(seed).program()


def jit_settings(seed):
    """How the JIT runs the program of a seed: mostly so that everything is compiled at once."""
    r = random.Random(~seed)
    options = {"threshold": 2, "call_threshold": 2, "bridge_threshold": 1, "attempts": 4, "max_bridges": r.choice((1, 2, 2, 2, 5, 12)), "helper_thread": 0}
    options["merge_size"] = 24 << 10
    if r.random() < 0.6:
        options.update(merge_size=r.choice((0, 0, 4000)), max_bridges=r.choice((3, 12, 40)))
    if r.random() < 0.5:
        options.update(threshold=r.choice((2, 3, 5, 7)), call_threshold=r.choice((2, 5, 9, 1000000)), bridge_threshold=r.choice((1, 2, 3, 1000000)))
    if r.random() < 0.1:
        options.update(threshold=1000000, call_threshold=2)
    if r.random() < 0.04:
        options.update(helper_thread=1)
    # Better code takes the place of quick code under way; trees are left out now and then.
    options.update(tiers=int(r.random() < 0.7), again=r.choice((0, 0, 20, 100, 1000)))
    options.update(rest_every=r.choice((0, 0, 0, 2, 3, 7)))
    return options

