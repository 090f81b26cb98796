"""The chaos game and other iterated functions, drawn into a grid of characters."""
import sys

DEFAULT = 110


def game(points, steps, width, height):
    grid = [[0] * width for _ in range(height)]
    x, y, state = 0.5, 0.5, 1
    count = len(points)
    for _ in range(steps):
        state = (state * 16807) % 2147483647
        px, py = points[state % count]
        x = (x + px) / 2
        y = (y + py) / 2
        grid[int(y * (height - 1))][int(x * (width - 1))] += 1
    return grid


def logistic(steps):
    x = 0.3
    bins = [0] * 16
    for _ in range(steps):
        x = 3.9 * x * (1.0 - x)
        bins[int(x * 16)] += 1
    return bins


def main(n):
    for _ in range(n):
        grid = game([(0.0, 0.0), (1.0, 0.0), (0.5, 1.0)], 20000, 64, 32)
        bins = logistic(20000)
    picture = ["".join(" .:*#"[min(4, cell // 8)] for cell in row) for row in grid]
    print(sum(row.count("#") for row in picture), sum(row.count(" ") for row in picture), bins)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
