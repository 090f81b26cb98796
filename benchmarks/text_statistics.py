"""Statistics of a text: words, letters, pairs and an index, with dict, Counter and defaultdict."""
import sys
from collections import Counter, defaultdict

DEFAULT = 300
VOCABULARY = ("time year people way day man thing woman life child world school state family student group "
              "country problem hand part place case week company system program question work government number "
              "night point home water room mother area money story fact month lot right study book eye job word").split()


def make_text(words):
    state = 12345
    out = []
    for i in range(words):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        word = VOCABULARY[(state >> 16) * (state >> 20) % len(VOCABULARY)]
        if i % 17 == 0:
            word = word.capitalize()
        out.append(word + ("." if i % 17 == 16 else "," if i % 7 == 6 else ""))
    return " ".join(out)


def statistics(text):
    words = [word.strip(".,").lower() for word in text.split()]
    by_hand = {}
    for word in words:
        if word in by_hand:
            by_hand[word] += 1
        else:
            by_hand[word] = 1
    counted = Counter(words)
    letters = Counter(text.lower())
    pairs = defaultdict(int)
    for pair in zip(words, words[1:]):
        pairs[pair] += 1
    index = defaultdict(list)
    for number, sentence in enumerate(text.split(". ")):
        for word in sentence.split():
            index[word.rstrip(",.").lower()].append(number)
    by_length = {}
    for word in sorted(by_hand):
        by_length.setdefault(len(word), []).append(word)
    longest = max(by_hand, key=lambda word: (len(word), word))
    return (dict(counted) == by_hand, counted.most_common(3), letters["e"],
            max(pairs.items(), key=lambda item: (item[1], item[0])), len(index["time"]),
            {length: len(group) for length, group in by_length.items()}, longest)


def main(n):
    text = make_text(4000)
    for _ in range(n):
        result = statistics(text)
    print(*result)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
