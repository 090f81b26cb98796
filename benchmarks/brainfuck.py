"""An interpreter for a language of eight instructions, with jumps resolved and runs joined beforehand."""
import sys

DEFAULT = 200
LETTERS = "++++++++[>++++++++<-]>+" + "<" + "+" * 26 + "[>.+<-]"
COUNT = "+++++++[>++++++++++[>++++++++++[>++++++++++[>+++<-]<-]<-]<-]>>>>."
SUMS = "+" * 40 + "[[->+>+<<]>>[-<<+>>]<[->>>+<<<]<-]>>>>" + "." * 3


def translate(source):
    code = []
    stack = []
    for c in source:
        if c in "+-<>":
            op = "add" if c in "+-" else "move"
            delta = 1 if c in "+>" else -1
            if code and code[-1][0] == op:
                delta += code.pop()[1]
            code.append((op, delta))
        elif c == "[":
            stack.append(len(code))
            code.append(("open", 0))
        elif c == "]":
            start = stack.pop()
            code[start] = ("open", len(code))
            code.append(("close", start))
        elif c == ".":
            code.append(("out", 0))
    return code


def run(code):
    tape = [0] * 100
    at = pc = steps = 0
    out = []
    while pc < len(code):
        op, argument = code[pc]
        steps += 1
        if op == "add":
            tape[at] = (tape[at] + argument) & 255
        elif op == "move":
            at += argument
        elif op == "open":
            if not tape[at]:
                pc = argument
        elif op == "close":
            if tape[at]:
                pc = argument
        else:
            out.append(tape[at])
        pc += 1
    return bytes(out), steps


def main(n):
    programs = [translate(source) for source in (LETTERS, COUNT, SUMS)]
    for _ in range(n):
        results = [run(program) for program in programs]
    print(*results)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
