"""A tokenizer, a parser by precedence and an evaluator for arithmetic with variables."""
import sys

DEFAULT = 25000
PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 3}


def tokenize(text):
    i = 0
    while i < len(text):
        c = text[i]
        if c.isspace():
            i += 1
        elif c.isdigit():
            start = i
            while i < len(text) and (text[i].isdigit() or text[i] == "."):
                i += 1
            yield "number", float(text[start:i]) if "." in text[start:i] else int(text[start:i])
        elif c.isalpha() or c == "_":
            start = i
            while i < len(text) and (text[i].isalnum() or text[i] == "_"):
                i += 1
            yield "name", text[start:i]
        elif c in "+-*/%^(),=":
            yield "op", c
            i += 1
        else:
            raise SyntaxError(f"unexpected {c!r} at {i}")
    yield "end", None


class Parser:
    def __init__(self, text):
        self.tokens = list(tokenize(text))
        self.at = 0

    def next(self):
        token = self.tokens[self.at]
        self.at += 1
        return token

    def peek(self):
        return self.tokens[self.at]

    def expect(self, op):
        if self.next() != ("op", op):
            raise SyntaxError(f"expected {op}")

    def primary(self):
        kind, value = self.next()
        if kind == "number":
            return ("number", value)
        if kind == "name":
            if self.peek() == ("op", "("):
                self.next()
                arguments = [self.expression(0)]
                while self.peek() == ("op", ","):
                    self.next()
                    arguments.append(self.expression(0))
                self.expect(")")
                return ("call", value, arguments)
            return ("name", value)
        if value == "(":
            inner = self.expression(0)
            self.expect(")")
            return inner
        if value == "-":
            return ("negate", self.expression(2))
        raise SyntaxError(f"unexpected {value!r}")

    def expression(self, least):
        left = self.primary()
        while True:
            kind, op = self.peek()
            precedence = PRECEDENCE.get(op, -1) if kind == "op" else -1
            if precedence < 0 or precedence < least:
                return left
            self.next()
            right = self.expression(precedence if op == "^" else precedence + 1)
            left = ("binary", op, left, right)


def evaluate(node, names):
    kind = node[0]
    if kind == "number":
        return node[1]
    if kind == "name":
        return names[node[1]]
    if kind == "negate":
        return -evaluate(node[1], names)
    if kind == "call":
        return names[node[1]](*[evaluate(a, names) for a in node[2]])
    _, op, left, right = node
    a, b = evaluate(left, names), evaluate(right, names)
    if op == "+":
        return a + b
    if op == "-":
        return a - b
    if op == "*":
        return a * b
    if op == "/":
        return a / b
    if op == "%":
        return a % b
    return a ** b


PROGRAM = """
a = 3 + 4 * 2
b = (a - 1) * (a + 1) / 4
c = max(a, b, 17) % 7 + -2 ^ 2
total = total + a * b - c / (1 + min(a, 5.5)) + 2 ^ 3 ^ 2
"""


def main(n):
    names = {"max": max, "min": min, "total": 0}
    for _ in range(n):
        for line in PROGRAM.strip().splitlines():
            name, _, text = line.partition("=")
            parser = Parser(text)
            names[name.strip()] = evaluate(parser.expression(0), names)
    print(f"{names['total']:.6f}", names["a"], names["b"], names["c"])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
