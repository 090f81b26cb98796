"""Regular expressions: a tokenizer, log lines, substitution, splitting, addresses."""
import re
import sys

DEFAULT = 1300
TOKEN = re.compile(r"""
    (?P<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<op>[-+*/=<>!]=?|[()\[\]{},;])
  | (?P<space>\s+)
""", re.VERBOSE)
LOG = re.compile(r"^(\S+) \[(\d{4})-(\d\d)-(\d\d)\] (GET|POST|PUT) (/\S*) (\d{3})$", re.MULTILINE)
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
SOURCE = 'while (count <= 100.5e3) { total = total + values[count] * 2; print("a \\"b\\" c", total); }\n' * 20
LOGS = "\n".join(f"10.0.{i % 7}.{i % 250} [2024-{i % 12 + 1:02}-{i % 28 + 1:02}] {('GET', 'POST', 'HEAD')[i % 3]} /item/{i} {200 + i % 5}"
                 for i in range(400))
PROSE = "Write to ann.lee+news@mail.example.org, bob@example.com or nobody@ (no address) today. " * 30


def main(n):
    for _ in range(n):
        kinds = {}
        for match in TOKEN.finditer(SOURCE):
            kinds[match.lastgroup] = kinds.get(match.lastgroup, 0) + 1
        lines = LOG.findall(LOGS)
        mails = set(MAIL.findall(PROSE))
        swapped = re.sub(r"(\w+)@(\w+)", r"\2 at \1", PROSE)
        shouted = re.sub(r"\b[a-z]", lambda m: m.group().upper(), PROSE)
        parts = re.split(r"[,.]\s*", PROSE)
    print(sorted(kinds.items()), len(lines), sorted(mails), len(swapped), sum(map(str.isupper, shouted)), len(parts))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
