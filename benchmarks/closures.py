"""Closures: counters, composed functions, a parser made of functions, accumulators."""
import sys

DEFAULT = 54000


def counter(start):
    value = start

    def step(by=1):
        nonlocal value
        value += by
        return value

    def reset():
        nonlocal value
        value = start

    return step, reset


def compose(*functions):
    def composed(x):
        for function in functions:
            x = function(x)
        return x
    return composed


def adder(n):
    return lambda x: x + n


def multiplier(n):
    return lambda x: x * n


def char(c):
    def parse(text, at):
        return at + 1 if at < len(text) and text[at] == c else None
    return parse


def sequence(*parsers):
    def parse(text, at):
        for parser in parsers:
            at = parser(text, at)
            if at is None:
                return None
        return at
    return parse


def either(*parsers):
    def parse(text, at):
        for parser in parsers:
            to = parser(text, at)
            if to is not None:
                return to
        return None
    return parse


def many(parser):
    def parse(text, at):
        while True:
            to = parser(text, at)
            if to is None:
                return at
            at = to
    return parse


def grammar():
    def expression(text, at):
        return whole(text, at)
    atom = either(char("a"), char("b"), sequence(char("("), expression, char(")")))
    whole = sequence(atom, many(sequence(either(char("+"), char("*")), atom)))
    return whole


def main(n):
    parse = grammar()
    text = "a+(b*a+(a+b)*(a*(b+a)))*b+(a*b)" * 1
    total = 0
    for i in range(n):
        step, reset = counter(i)
        for j in range(20):
            total += step(j)
        reset()
        total += step()
        function = compose(adder(i), multiplier(3), adder(-7), multiplier(2))
        total += sum(map(function, range(20)))
        total += parse(text, 0)
    print(total)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
