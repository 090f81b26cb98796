"""Exceptions raised, caught, chained and cleaned up after: the ways of ordinary error handling."""
import sys

DEFAULT = 230000


class ParseError(Exception):
    def __init__(self, message, position):
        super().__init__(message)
        self.position = position


class Resource:
    open = 0

    def __enter__(self):
        Resource.open += 1
        return self

    def __exit__(self, kind, error, traceback):
        Resource.open -= 1
        return kind is KeyError


def parse(text):
    try:
        return int(text)
    except ValueError as error:
        raise ParseError(f"bad number {text!r}", len(text)) from error


def lookup(table, key):
    try:
        return table[key]
    except KeyError:
        return -1
    finally:
        table["lookups"] += 1


def deep(level):
    if level == 0:
        raise LookupError("bottom")
    try:
        return deep(level - 1)
    finally:
        Resource.open += 0


def attribute(thing):
    try:
        return thing.missing
    except AttributeError:
        return 1


def main(n):
    table = {"a": 1, "b": 2, "lookups": 0}
    total = caught = causes = 0
    values = ["12", "x7", "", "40", "1e3"]
    for i in range(n):
        try:
            total += parse(values[i % 5])
        except ParseError as error:
            caught += error.position
            causes += isinstance(error.__cause__, ValueError)
        total += lookup(table, "abcd"[i % 4])
        with Resource():
            total += [1, 2, 3][i % 3]
            if i % 2:
                table["nothing"]
        try:
            deep(5)
        except (TypeError, LookupError) as error:
            total += len(error.args[0])
        total += attribute(table)
        for x in iter([1, 2]):
            try:
                if x == 2:
                    break
            finally:
                total += 1
        try:
            1 // (i % 3)
        except ZeroDivisionError:
            caught += 1
        else:
            total += 2
    print(total, caught, causes, table["lookups"], Resource.open)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
