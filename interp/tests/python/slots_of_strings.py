# __slots__ of classes derived from str: the text and the members are both there.
import configparser
import gc


class Line(str):
    __slots__ = "clean", "count"

    def __new__(cls, text, *args):
        return super().__new__(cls, text)

    def __init__(self, text, count=0):
        self.clean = text.strip()
        self.count = count


class Marked(Line):
    __slots__ = ("mark",)


class Open(Marked):
    pass


for kind in Line, Marked, Open:
    for text in "", "x", " some text ", "\u20ac" * 20, "\U0001f600 ", "long " * 100:
        line = kind(text, 3)
        gc.collect()
        print(kind.__name__, line == text, line[:12], len(line), line.clean[:12], line.count, hash(line) == hash(text),
              line + "!" == text + "!", line in {text: 1}, line.upper()[:6])
        try:
            print(line.mark)
        except AttributeError as error:
            print(error)
lines = [Marked(f"line {i}", i) for i in range(300)]
for line in lines:
    line.mark = [line.count]
gc.collect()
print(all(line == f"line {line.count}" and line.mark == [line.count] and line.clean == line for line in lines))
line = Open("a")
line.other = "kept"
del line.clean
print(line, vars(line), hasattr(line, "clean"))
try:
    Line("a").other = 1
except AttributeError as error:
    print(error)
settings = configparser.ConfigParser()
settings.read_string("[a]\nx = 1\ny = %(x)s2 ; no comment\n[b]\nz: yes\nw =\n  two\n  lines\n")
print(settings["a"]["y"], settings.getboolean("b", "z"), dict(settings["b"]))
