"""Shortest paths: Dijkstra with heapq, A* on a grid, a heap of our own."""
import heapq
import sys

DEFAULT = 460


def make_graph(size):
    graph = {i: [] for i in range(size)}
    state = 7
    for i in range(size):
        for _ in range(5):
            state = state * 16807 % 2147483647
            graph[i].append((state % size, state // size % 100 + 1))
    return graph


def dijkstra(graph, start):
    distances = {start: 0}
    heap = [(0, start)]
    while heap:
        distance, node = heapq.heappop(heap)
        if distance > distances[node]:
            continue
        for target, weight in graph[node]:
            total = distance + weight
            if total < distances.get(target, 1 << 60):
                distances[target] = total
                heapq.heappush(heap, (total, target))
    return distances


def a_star(walls, width, height):
    goal = width - 1, height - 1
    heap = [(0, 0, (0, 0))]
    best = {(0, 0): 0}
    while heap:
        _, cost, (x, y) = heapq.heappop(heap)
        if (x, y) == goal:
            return cost, len(best)
        for place in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            if 0 <= place[0] < width and 0 <= place[1] < height and place not in walls:
                if cost + 1 < best.get(place, 1 << 60):
                    best[place] = cost + 1
                    left = goal[0] - place[0] + goal[1] - place[1]
                    heapq.heappush(heap, (cost + 1 + left, cost + 1, place))
    return None


class Heap:
    def __init__(self):
        self.items = []

    def push(self, item):
        items = self.items
        items.append(item)
        i = len(items) - 1
        while i and items[i] < items[(i - 1) // 2]:
            parent = (i - 1) // 2
            items[i], items[parent] = items[parent], items[i]
            i = parent

    def pop(self):
        items = self.items
        last = items.pop()
        if not items:
            return last
        top, items[0] = items[0], last
        i, size = 0, len(items)
        while True:
            child = 2 * i + 1
            if child >= size:
                return top
            if child + 1 < size and items[child + 1] < items[child]:
                child += 1
            if items[i] <= items[child]:
                return top
            items[i], items[child] = items[child], items[i]
            i = child


def main(n):
    graph = make_graph(1000)
    walls = {(x, y) for x in range(40) for y in range(40) if (x * 7 + y * 13) % 5 == 0 and (x + y) % 78}
    for i in range(n):
        distances = dijkstra(graph, i % 1000)
        path = a_star(walls, 40, 40)
        heap = Heap()
        for x in range(500):
            heap.push(x * 7919 % 1009)
        drained = [heap.pop() for _ in range(500)]
    print(sum(distances.values()), path, drained == sorted(drained), drained[250])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
