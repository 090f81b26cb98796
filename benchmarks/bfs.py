"""Searches with deques: a maze, word ladders, water jugs, connected components."""
import sys
from collections import deque

DEFAULT = 250


def maze(width, height):
    return {(x, y) for x in range(width) for y in range(height)
            if (x * 3 + y * 5) % 7 and (x * y) % 11 != 3 or (x, y) in ((0, 0), (width - 1, height - 1))}


def shortest(free, start, goal):
    queue = deque([start])
    came = {start: None}
    while queue:
        place = queue.popleft()
        if place == goal:
            break
        x, y = place
        for step in ((x + 1, y), (x, y + 1), (x - 1, y), (x, y - 1)):
            if step in free and step not in came:
                came[step] = place
                queue.append(step)
    length = 0
    place = goal if goal in came else None
    while place:
        place = came[place]
        length += 1
    return length, len(came)


def ladder(words, start, goal):
    words = set(words)
    queue = deque([(start, 1)])
    while queue:
        word, steps = queue.popleft()
        if word == goal:
            return steps
        for i in range(len(word)):
            for c in "abcdefghijklmnopqrstuvwxyz":
                other = word[:i] + c + word[i + 1:]
                if other in words:
                    words.remove(other)
                    queue.append((other, steps + 1))
    return 0


def jugs(sizes, goal):
    start = (0,) * len(sizes)
    seen = {start}
    queue = deque([(start, 0)])
    while queue:
        state, steps = queue.popleft()
        if goal in state:
            return steps, len(seen)
        for i, size in enumerate(sizes):
            following = [state[:i] + (size,) + state[i + 1:], state[:i] + (0,) + state[i + 1:]]
            for j in range(len(sizes)):
                if i != j:
                    poured = min(state[i], sizes[j] - state[j])
                    new = list(state)
                    new[i] -= poured
                    new[j] += poured
                    following.append(tuple(new))
            for new in following:
                if new not in seen:
                    seen.add(new)
                    queue.append((new, steps + 1))
    return None


def components(size):
    edges = {i: [(i * 7 + 3) % size, (i * i) % size] for i in range(size)}
    undirected = {i: set() for i in edges}
    for i, targets in edges.items():
        for j in targets:
            undirected[i].add(j)
            undirected[j].add(i)
    left, count = set(undirected), 0
    while left:
        count += 1
        queue = deque([left.pop()])
        while queue:
            for j in undirected[queue.pop()] & left:
                left.discard(j)
                queue.appendleft(j)
    return count


WORDS = "cold cord card ward warm corm worm word wood good gold bold bald ball wall wail hail hair fair".split()


def main(n):
    free = maze(50, 50)
    for _ in range(n):
        result = (shortest(free, (0, 0), (49, 49)), ladder(WORDS, "cold", "hair"), jugs((3, 5, 8, 11), 4),
                  components(500))
    print(*result)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
