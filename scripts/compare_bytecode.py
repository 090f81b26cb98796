"""Compares the code Taipan's compiler generates with that of CPython 3.14.

Run with python3.14: compare_bytecode.py DUMPER FILE... where DUMPER is the
`dump` example of taipan-compiler. Every code object's instructions are brought
into one form (no caches, no borrowed loads, no specialised integers, targets by
instruction number) and compared, with positions if --positions is given.
"""

import collections
import dis
import json
import subprocess
import sys

SUPER = {"LOAD_FAST_LOAD_FAST", "STORE_FAST_LOAD_FAST", "STORE_FAST_STORE_FAST"}
NO_ARG_CHECK = {"RESUME_CHECK"}


def show(value):
    if isinstance(value, type((lambda: 0).__code__)):
        return "<code %s>" % value.co_qualname
    if isinstance(value, frozenset):
        return "frozenset(%s)" % ",".join(sorted(map(show, value)))
    if isinstance(value, tuple):
        return "(%s)" % ",".join(map(show, value))
    if isinstance(value, str):
        return ascii(value)
    return repr(value)


def cpython(code, positions):
    names = code.co_names
    locs = list(code._varname_from_oparg(i) for i in range(
        len(set(code.co_varnames) | set(code.co_cellvars)) + len(code.co_freevars)))
    out = []
    index = {}
    instrs = [i for i in dis.get_instructions(code) if i.opname != "EXTENDED_ARG"]
    ext = {}
    pending = None
    count = 0
    for i in dis.get_instructions(code):
        if i.opname == "EXTENDED_ARG":
            pending = i.offset if pending is None else pending
        else:
            if pending is not None:
                ext[pending] = count
                pending = None
            index[i.offset] = count
            count += 2 if i.opname.replace("_BORROW", "") in SUPER else 1
    for off, n in ext.items():
        index[off] = n
    for i in instrs:
        op = i.opname.replace("_BORROW", "")
        arg = i.arg or 0
        if i.opcode in dis.hasjump or op == "END_ASYNC_FOR":
            val = "to %s" % index.get(i.jump_target, "?") if op != "END_ASYNC_FOR" else ""
        elif op == "LOAD_CONST":
            val = show(i.argval)
        elif op == "LOAD_SMALL_INT":
            op, val = "LOAD_CONST", str(arg)
        elif op in ("LOAD_NAME", "STORE_NAME", "DELETE_NAME", "STORE_GLOBAL", "DELETE_GLOBAL", "STORE_ATTR",
                    "DELETE_ATTR", "IMPORT_NAME", "IMPORT_FROM", "LOAD_FROM_DICT_OR_GLOBALS"):
            val = names[arg]
        elif op in ("LOAD_GLOBAL", "LOAD_ATTR"):
            val = "%s %d" % (names[arg >> 1], arg & 1)
        elif op == "LOAD_SUPER_ATTR":
            val = "%s %d" % (names[arg >> 2], arg & 3)
        elif op.startswith(SUPER_PREFIX):
            pos = [list(i.positions)] if positions else []
            first, second = op[:len(op) - len(op.split("_FAST_")[1]) - 1], op.split("_FAST_")[1]
            out.append([first, locs[arg >> 4]] + pos)
            out.append([second, locs[arg & 15]] + pos)
            continue
        elif i.opcode in dis.haslocal or i.opcode in dis.hasfree or op == "MAKE_CELL":
            val = locs[arg]
        elif op == "COMPARE_OP":
            val = str(arg & ~15)
        else:
            val = str(arg)
        rec = [op, val]
        if positions:
            p = i.positions
            rec.append([p.lineno, p.end_lineno, p.col_offset, p.end_col_offset])
        out.append(rec)
    return out


SUPER_PREFIX = tuple(SUPER)


def walk(code, into, positions):
    into.append((code.co_qualname, code.co_firstlineno, code, cpython(code, positions)))
    for c in code.co_consts:
        if isinstance(c, type(code)):
            walk(c, into, positions)


def main():
    args = sys.argv[1:]
    positions = "--positions" in args
    verbose = "-v" in args
    args = [a for a in args if not a.startswith("-")]
    dumper, files = args[0], args[1:]
    limit = 40
    total = bad = 0
    kinds = collections.Counter()
    for path in files:
        try:
            with open(path, "rb") as f:
                code = compile(f.read(), path, "exec", dont_inherit=True, optimize=0)
        except (SyntaxError, ValueError, RecursionError):
            continue
        run = subprocess.run([dumper, path] + (["--positions"] if positions else []), capture_output=True, text=True)
        if run.returncode:
            print("FAILED", path, run.stderr[:300])
            bad += 1
            continue
        ours = [json.loads(line) for line in run.stdout.splitlines()]
        theirs = []
        walk(code, theirs, positions)
        ours_by = collections.defaultdict(list)
        for o in ours:
            ours_by[o["name"], o["line"]].append(o)
        for name, line, co, ins in theirs:
            total += 1
            cands = ours_by.get((name, line))
            if not cands:
                bad += 1
                kinds["missing"] += 1
                if limit > 0:
                    limit -= 1
                    print("MISSING", path, name, line)
                continue
            o = cands.pop(0)
            meta = {
                "flags": co.co_flags, "args": [co.co_argcount, co.co_posonlyargcount, co.co_kwonlyargcount],
                "varnames": list(co.co_varnames), "cellvars": list(co.co_cellvars), "freevars": list(co.co_freevars),
                "stack": co.co_stacksize, "consts": [show(c) for c in co.co_consts], "names": list(co.co_names),
                
            }
            same = o["ins"] == ins
            reason = None if same else "code"
            for key, value in meta.items():
                if same and key != "stack" and o[key] != value:
                    same, reason = False, key
            if not same:
                bad += 1
                kinds[reason] += 1
                if limit > 0:
                    limit -= 1
                    print("DIFF", reason, path, name, line)
                    if reason == "code":
                        a, b = o["ins"], ins
                        k = 0
                        while k < len(a) and k < len(b) and a[k] == b[k]:
                            k += 1
                        lo = max(0, k - 4)
                        for j in range(lo, k + (60 if verbose else 7)):
                            x = a[j] if j < len(a) else ""
                            y = b[j] if j < len(b) else ""
                            print("   ", j, "%-60s" % (x,), "" if x == y else "| %s" % (y,))
                    else:
                        print("    ours  ", o[reason])
                        print("    theirs", meta[reason])
    print(total, "code objects,", bad, "differ", dict(kinds))


main()
