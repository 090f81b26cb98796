"""Runs the functions of a module that take `n` and prints the loops that became of them.

    taipan --jit on,threshold=50,call_threshold=1000000,bridge_threshold=1000000,unlimited=1,helper_thread=0 driver.py MODULE.py

For each function: the operations of its first compiled loop, one iteration, without operands. A call
is shown with the name of the helper, a load or store with what it accesses.
"""
import re
import sys

import taipan.jit


def operations(ir):
    """The operations of the loop's body; of the whole trace if it was not peeled."""
    lines = ir.splitlines()[1:]
    end = next((i for i, line in enumerate(lines) if re.match(r"  (loop|header|exit|return|enter)\b", line)), len(lines))
    ending = lines[end].split()[0] if end < len(lines) else "?"
    body = lines[:end]
    start = next((i for i, line in enumerate(body) if line.startswith("  Loop")), None)
    if start is not None:
        body = body[start + 1:]
    out = []
    for line in body:
        line = re.sub(r"^\s+(v\d+ = )?", "", line)
        operation = line.split()[0].partition(".")[0]
        place = re.search(r"\{([A-Za-z_]+)", line)
        shown = operation in ("Call", "CallAt", "CallFunction", "Step", "Load", "LoadIdx", "Store", "StoreIdx")
        out.append(f"{operation}:{place[1]}" if shown and place else operation)
    return out, ending


def main(path):
    space = {"__name__": "loops"}
    exec(compile(open(path).read(), path, "exec"), space)
    names = [k for k, v in space.items() if callable(v) and getattr(v, "__code__", None)
             and v.__code__.co_varnames[:1] == ("n",) and k != "count"]
    counts = [taipan.jit.stats()["loops"]]
    for name in names:
        space[name](400)
        space[name](400)
        counts.append(taipan.jit.stats()["loops"])
    loops = taipan.jit.loops()
    for name, before, after in zip(names, counts, counts[1:]):
        new = loops[before:after]
        own = [loop for loop in new if loop["filename"] == path and loop["function"] == name]
        # Of a built-in that takes a generator's items.
        consumers = [loop for loop in new if loop["filename"].endswith("_taipan_consumers.py")]
        loop = next(iter(own + consumers), None)
        print(f"{name}:")
        if loop is None:
            print("    not compiled")
            continue
        out, ending = operations(loop["ir"])
        line = "   "
        for word in [*out, ending]:
            if len(line) + len(word) > 108:
                print(line)
                line = "   "
            line += " " + word
        print(line)


main(sys.argv[1])
