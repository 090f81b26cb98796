"""Spelling correction: sets of edits, ranking by frequency, a trie of nested dicts."""
import sys

DEFAULT = 2700
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = """the of and to in is you that it he was for on are as with his they at be this have from or one had by word
but not what all were we when your can said there use an each which she do how their if will up other about out many then
them these so some her would make like him into time has look two more write go see number no way could people my than
first water been call who oil its now find long down day did get come made may part over new sound take only little work
know place year live me back give most very after thing our just name good sentence man think say great where help through
much before line right too mean old any same tell boy follow came want show also around form three small set put end""".split()


def edits(word):
    """All words that one slip of the fingers makes of this one, possibly several times."""
    for i in range(len(word) + 1):
        head, tail = word[:i], word[i:]
        for letter in LETTERS:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]
        if tail:
            yield head + tail[1:]
        if len(tail) >= 2:
            yield "".join((head, tail[1], tail[0], tail[2:]))


def correct(word, rank):
    if word in rank:
        return word
    likely = {edit for edit in edits(word) if edit in rank}
    return min(likely, key=rank.get, default=word)


def make_trie(words):
    root = {}
    for word in words:
        node = root
        for c in word:
            node = node.setdefault(c, {})
        node["$"] = word
    return root


def completions(node):
    for key in sorted(node):
        if key == "$":
            yield node[key]
        else:
            yield from completions(node[key])


def complete(trie, prefix):
    for c in prefix:
        if c not in trie:
            return []
        trie = trie[c]
    return list(completions(trie))


def main(n):
    rank = {word: i for i, word in enumerate(WORDS)}
    trie = make_trie(WORDS)
    for _ in range(n):
        fixed = [correct(word, rank) for word in "thier wrod watter peopel sentense nmae brand folow tihng".split()]
        found = [complete(trie, prefix) for prefix in ("th", "w", "s", "xy")]
    print(*fixed, [len(words) for words in found], found[0][:3])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
