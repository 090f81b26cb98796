"""JSON: documents of records, nested lists and strings dumped, indented and loaded."""
import json
import sys

DEFAULT = 1500


def record(i):
    return {
        "id": i,
        "name": f"Person {i}",
        "email": f"person{i}@example.org",
        "active": i % 3 == 0,
        "score": i * 1.37,
        "tags": ["alpha", "beta", 'quo"ted', "\u00e9\u4e2d\n"][: i % 5],
        "address": {"street": f"{i} Main St", "city": None, "geo": [i * 0.5, -i * 0.25]},
        "history": [{"at": j, "value": j * i} for j in range(i % 4)],
    }


def main(n):
    documents = [record(i) for i in range(100)]
    size = 0
    for _ in range(n):
        text = json.dumps(documents)
        loaded = json.loads(text)
        pretty = json.dumps(loaded[:20], indent=2, sort_keys=True, ensure_ascii=False)
        again = json.loads(pretty)
        size += len(text) + len(pretty)
    print(loaded == documents, again == documents[:20], size // n, sum(d["score"] for d in loaded))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
