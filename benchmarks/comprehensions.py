"""Comprehensions of every kind, nested and filtered, over records."""
import sys

DEFAULT = 2800


def people(count):
    return [{"name": f"p{i}", "age": i * 7 % 80, "city": "ABCDE"[i % 5], "friends": [(i * j) % count for j in range(1, 5)]}
            for i in range(count)]


def report(records):
    adults = [person for person in records if person["age"] >= 18]
    by_city = {city: [p["name"] for p in adults if p["city"] == city] for city in {p["city"] for p in records}}
    ages = {p["name"]: p["age"] for p in records}
    pairs = [(p["name"], records[f]["name"]) for p in records for f in p["friends"] if ages[p["name"]] < records[f]["age"]]
    flat = [friend for person in records for friend in person["friends"]]
    matrix = [[(i * j) % 7 for j in range(30)] for i in range(30)]
    transposed = [[row[i] for row in matrix] for i in range(30)]
    diagonal = sum(matrix[i][i] for i in range(30))
    unique = {a ^ b for a, b in zip(flat, flat[1:])}
    longest = max((len(names), city) for city, names in by_city.items())
    found = any(age > 78 for age in ages.values())
    every = all(0 <= age < 80 for age in ages.values())
    letters = {c: n for n, c in enumerate("".join(name for name in ages))}
    threes = [x for x in (y * 3 for y in range(500)) if x % 2 == 0 if x % 5]
    return (len(adults), len(pairs), sum(flat), diagonal, sum(map(sum, transposed)), len(unique), longest, found, every,
            sum(letters.values()), sum(threes))


def main(n):
    records = people(200)
    for _ in range(n):
        result = report(records)
    print(*result)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
