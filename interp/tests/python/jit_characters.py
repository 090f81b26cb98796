"""Characters of texts of all widths, and what holds of them, in loops."""
import sys


def classify(text):
    counts = [0] * 6
    for i in range(len(text)):
        c = text[i]
        counts[0] += c.isalpha()
        if c.isalnum():
            counts[1] += 1
        if c.isdigit() and not c.isspace():
            counts[2] += 1
        elif c.isspace():
            counts[3] += 1
        counts[4] += c.islower()
        counts[5] += 1 if c.isupper() else 0
    return counts


def words(text):
    found, i = [], 0
    while i < len(text):
        start = i
        while i < len(text) and (text[i].isalnum() or text[i] == "_"):
            i += 1
        found.append(text[start:i])
        i += 1
    return found


def longer(parts):
    """Texts of one character first, of none and of several later."""
    return [(p.isdigit(), p.isalpha(), p.isspace(), p.isupper()) for p in parts]


def grown(n):
    text = ""
    for i in range(n):
        text += chr(97 + i % 26)
    return sum(1 for i in range(n) if text[i] == text[-1 - i] or text[i].isupper())


class Text(str):
    def isdigit(self):
        return "own"


latin = "".join(map(chr, range(256)))
print(classify(latin), classify(latin * 4), [ord(c) for c in latin if c.isdigit()], [ord(c) for c in latin if c.isspace()])
print(classify("Aé ß1²\u0660\u4e00\U0001d7ce\u2028Ǆ" * 40), classify("abc DEF 123" * 40))
print(words("one two_3 naïve \u03b1\u03b2 x" * 20)[:6])
print(longer(["1"] * 50 + ["", "12", "1a", "é", "Éa", " \t", "\u0661\u0662", "ABC", "A"]))
print(longer([Text("1"), "2"] * 30)[:2], grown(300))
texts = ["x", "\xff", "\u0100", "\U00010000", "ab"] * 30
print("".join(t[0] for t in texts)[:5], [t[-1] for t in texts][:5] == list("x\xff\u0100\U00010000b"))
try:
    [t[1] for t in ["ab"] * 40 + ["a"]]
except IndexError as e:
    print(e)
