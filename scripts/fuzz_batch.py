"""Runs many programs in one process, for scripts/fuzz: `fuzz_batch.py PROGRAMS RESULTS`.

PROGRAMS has a Python literal a line: a program's number, its definitions, its statements and
settings of the JIT. RESULTS gets a line for each once it has ended: its number and what it
printed. Definitions that look the same share their code, not their namespaces.
"""
import sys

NEVER = 2000000000
LIMIT = 20000


class Output:
    """What a program prints."""

    def __init__(self):
        self.parts = []
        self.size = 0

    def write(self, text):
        if self.size < LIMIT:
            self.parts.append(text)
            self.size += len(text)

    def flush(self):
        pass


class TooSlow(BaseException):
    pass


def limit_time():
    """In CPython, programs that take long are given up: nobody else need try."""
    import resource
    import signal

    def give_up(*args):
        raise TooSlow

    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    signal.signal(signal.SIGVTALRM, give_up)
    return lambda seconds: signal.setitimer(signal.ITIMER_VIRTUAL, seconds)


def jit_parameters():
    """What sets a parameter of the JIT, if there is one that is on."""
    try:
        import taipan.jit
    except ImportError:
        return None
    return taipan.jit.set_param if taipan.jit.is_enabled() else None


def main():
    """Runs all programs. What calls them must not become hot itself, or the JIT would be
    recording it while they run: no loop and no function of this file is passed again and
    again while the thresholds are low."""
    timer = limit_time() if sys.implementation.name == "cpython" else None
    set_param = jit_parameters()
    shared = {}
    with open(sys.argv[1], encoding="utf-8") as programs, open(sys.argv[2], "w", encoding="utf-8") as results:
        for line in programs:
            number, definitions, statements, settings = eval(line)
            out = sys.stdout = Output()
            space = {"__name__": "__main__"}
            if timer is not None:
                timer(0.2)
            try:
                if definitions not in shared:
                    shared[definitions] = compile(definitions, "definitions", "exec")
                code = compile(statements, f"program{number}", "exec")
                if set_param is not None:
                    list(map(set_param, settings.keys(), settings.values()))
                exec(shared[definitions], space)
                exec(code, space)
            except (TooSlow, MemoryError):
                out.write("MemoryError")
            except BaseException as e:
                out.write(f"{type(e).__name__} {e}")
            if timer is not None:
                timer(0)
            if set_param is not None:
                set_param("threshold", NEVER)
                set_param("call_threshold", NEVER)
            sys.stdout = sys.__stdout__
            text = "".join(out.parts)
            results.write(f"{number} {None if 'MemoryError' in text else text!r}\n")
            results.flush()


if __name__ == "__main__":
    main()
