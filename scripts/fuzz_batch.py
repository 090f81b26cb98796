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


def run(number, definitions, statements, shared):
    """What the program prints; None if it is too slow."""
    out = sys.stdout = Output()
    space = {"__name__": "__main__"}
    try:
        if definitions not in shared:
            shared[definitions] = compile(definitions, "definitions", "exec")
        exec(shared[definitions], space)
        exec(compile(statements, f"program{number}", "exec"), space)
    except (TooSlow, MemoryError):
        return None
    except BaseException as e:
        out.write(f"{type(e).__name__} {e}")
    finally:
        sys.stdout = sys.__stdout__
    text = "".join(out.parts)
    return None if "MemoryError" in text else text


def main():
    timer = limit_time() if sys.implementation.name == "cpython" else None
    set_param = jit_parameters()
    shared = {}
    with open(sys.argv[1], encoding="utf-8") as programs, open(sys.argv[2], "w", encoding="utf-8") as results:
        for line in programs:
            number, definitions, statements, settings = eval(line)
            if set_param is not None:
                for name, value in settings.items():
                    set_param(name, value)
            if timer is not None:
                timer(0.2)
            text = run(number, definitions, statements, shared)
            if timer is not None:
                timer(0)
            if set_param is not None:
                # The loop here is not to be compiled.
                set_param("threshold", NEVER)
                set_param("call_threshold", NEVER)
            results.write(f"{number} {text!r}\n")
            results.flush()


if __name__ == "__main__":
    main()
