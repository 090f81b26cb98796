"""Runs one module of CPython's tests; executed by the interpreter under test.

    INTERPRETER conformance_runner.py ROOT MODULE RESULTS [SKIP]

ROOT is the directory that holds the package `test`. RESULTS is appended to as the tests run, a line at
a time and flushed, so that a crash loses nothing: `start ID`, then the outcome (`pass`, `fail`, `error`,
`skip`, `expected-failure`), the ID and for failures the last line of the traceback, separated by tabs;
at the end `done`. SKIP is a file of IDs that are not to be run. An ID lacks the leading `test.`.

scripts/conformance drives this. It needs of the interpreter only what unittest needs.
"""
import sys

root, module_name, results_path = sys.argv[1:4]
skip = set()
if len(sys.argv) > 4:
    with open(sys.argv[4], encoding="utf-8") as file:
        skip = set(file.read().splitlines())
sys.path[0] = root
sys.argv[1:] = []

results = open(results_path, "a", encoding="utf-8", errors="backslashreplace")


def write(*fields):
    results.write("\t".join(" ".join(str(field).split("\n")) for field in fields) + "\n")
    results.flush()


def last_line(err):
    """The exception as the last line of its traceback would show it."""
    try:
        text = "%s: %s" % (err[0].__name__, err[1])
    except Exception:
        text = err[0].__name__
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[0][:300] if lines else ""


try:
    import unittest
except BaseException as error:
    write("error", module_name, "import unittest: " + last_line((type(error), error)))
    raise


def short(test):
    name = test.id()
    return name[5:] if name.startswith("test.") else name


class Result(unittest.TestResult):
    """Writes each test's outcome when it ends; the worst of several counts."""

    current = None

    def startTest(self, test):
        super().startTest(test)
        self.current = short(test)
        self.outcome = self.detail = None
        write("start", self.current)

    def stopTest(self, test):
        super().stopTest(test)
        # A test with failed subtests gets no verdict of its own.
        write(self.outcome or "fail", self.current, self.detail or "")
        self.current = None

    def settle(self, test, outcome, err=None):
        if self.current is None:  # setUpClass, setUpModule and the like
            if outcome != "skip":
                write(outcome, short(test), last_line(err) if err else "")
            return
        rank = ["pass", "skip", "expected-failure", "fail", "error"]
        if self.outcome is None or rank.index(outcome) > rank.index(self.outcome):
            self.outcome = outcome
            self.detail = last_line(err) if err else None

    def addSuccess(self, test):
        self.settle(test, "pass")

    def addError(self, test, err):
        self.settle(test, "error", err)

    def addFailure(self, test, err):
        self.settle(test, "fail", err)

    def addSkip(self, test, reason):
        self.settle(test, "skip")

    def addExpectedFailure(self, test, err):
        self.settle(test, "expected-failure")

    def addUnexpectedSuccess(self, test):
        self.settle(test, "fail")

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.settle(test, "fail", err)


def without_skipped(suite):
    """The suite without the tests to skip, its nesting kept."""
    kept = []
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            kept.append(without_skipped(test))
        elif short(test) not in skip:
            kept.append(test)
    return type(suite)(kept)


def main():
    try:
        # No resources: no network, no gigabytes, no tests of minutes.
        from test import support
        support.use_resources = {}
        support.verbose = 0
        # Methods marked as CPython's own details run too: CPython's behaviour is the bar, and a method
        # counts by what its assertions say and not by the interpreter's name. Checks within a method
        # (whether to collect garbage, say) still answer by the name.
        support.cpython_only = lambda test: test
        by_name = support.impl_detail
        support.impl_detail = lambda msg=None, **guards: (
            support.cpython_only if guards.get("cpython") else by_name(msg, **guards))
    except Exception:
        pass  # Modules that need test.support say so themselves.
    name = "test." + module_name
    try:
        __import__(name)
    except unittest.SkipTest as error:
        write("skip", module_name, error)
        return
    except BaseException as error:
        write("error", module_name, "import: " + last_line((type(error), error)))
        import traceback
        traceback.print_exc()
        return
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromModule(sys.modules[name])
    for error in loader.errors:
        write("error", module_name, error.strip().splitlines()[-1])
    without_skipped(suite).run(Result())


if __name__ == "__main__":
    main()
    write("done", module_name)
    results.close()
