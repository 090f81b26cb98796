"""What errors say: imports, calls, warnings that are errors, unraisable exceptions."""
import sys
import traceback
import types
import warnings

for source in "x = 1\ny = 'a\\z'", "1 is x", "1and 2", "assert(1, 2)", "f'\\d'":
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compile(source, "<test>", "exec")
        except SyntaxError as e:
            print(e.msg, e.lineno, e.offset if "f'" not in source else "", e._metadata)

for source in "x = 1\nfur a in b:\n  pass", "for a in b:\n  pass\nelso:\n  pass":
    try:
        compile(source, "<test>", "exec")
    except SyntaxError as e:
        print(traceback.format_exception_only(e)[-1].strip(), e._metadata[:2])

for call in (lambda: {}.__contains__(), lambda: "a b".split(maxsplt=1), lambda: object().__init__(1),
             lambda: types.ModuleType("m")(), lambda: [].__getitem__(x=1), lambda: property().__set_name__(1),
             lambda: super(int, []).x, lambda: bool(NotImplemented), lambda: dict(**{1: 1}),
             lambda: type("a\0b", (), {})):
    try:
        call()
    except Exception as e:
        print(type(e).__name__, e)

try:
    import nosuchmodule
except ImportError as e:
    print([f.name for f in traceback.extract_tb(e.__traceback__)])
try:
    from os import nosuchname
except ImportError as e:
    print(str(e).partition(" (")[0])


class Fails:
    def __del__(self):
        raise ValueError("in __del__")


def hook(args):
    shown = args.err_msg.partition(" at 0x")[0]
    print(shown, args.object, repr(args.exc_value))


sys.unraisablehook = hook
try:
    sys.unraisablehook = sys.__unraisablehook__
    sys.unraisablehook(ValueError(1))
except TypeError as e:
    print(e)
finally:
    sys.unraisablehook = hook


class Broken:
    def __iter__(self):
        return self

    def __next__(self):
        return 1

    def __getattr__(self, name):
        1 / 0


def delegates():
    yield from Broken()


generator = delegates()
next(generator)
generator.close()
print(sum([2 + 1j, 10E100j, 1j, -10E100j]), sum([1.0, 10**100, 1.0, -10**100]), hash(""), hash(b""))


class SetsItems:
    def __setitem__(self, key, value):
        pass


class Plain:
    pass


for o in (None, 1, 2j, "a", (1,), b"a", range(3), Plain(), SetsItems(), len, {}.keys(), {1}, iter([]), ValueError(), type(None)):
    for key in (7, "a", slice(1)):
        try:
            del o[key]
        except (TypeError, AttributeError) as e:
            print(e)
class P: pass
P.x = property(lambda self: 1)
for f in (lambda: setattr(P(),'x',1), lambda: delattr(P(),'x')):
    try: f()
    except AttributeError as e: print(e)
class Q:
    y = property(None)
    z = property()
    @property
    def w(self): return 1
for n in 'yzw':
    for f in (lambda: getattr(Q(), n), lambda: setattr(Q(),n,1), lambda: delattr(Q(),n)):
        try: f()
        except AttributeError as e: print(e)
p = property(5)
Q.v = p
try: Q().v = 1
except AttributeError as e: print(e)
