"""Keys of JSON texts: equal ones are one object, short and long, with escapes, of all widths."""
import json

KEYS = ["a", "b", "ab", "", "name", "x" * 39, "x" * 40, "x" * 41, "x" * 500, "é", "жук", "\U0001f40d", "q\"uote", "tab\t", "nul\0", "a/b", "\ud800"]
for extra in ("", "é", "ж", "\U0001f40d"):
    items = [{key: i, "extra": extra} for i, key in enumerate(KEYS)] * 3
    for ascii_only in (True, False):
        text = json.dumps(items, ensure_ascii=ascii_only)
        read = json.loads(text)
        print(read == items, len(text))
        seen = {}
        for item in read:
            for key in item:
                assert seen.setdefault(key, key) is key, key
        print(len(seen))
# More keys than are remembered by their text.
many = {f"key{i}": i for i in range(1000)}
read = json.loads(json.dumps([many, many]))
print(read == [many, many], all(a is b for a, b in zip(*read)))
print(json.loads('{"a": 1, "a": 2, "\\u0061": 3}'), json.loads('{"k\\n": [{"k\\n": 1}]}'))
for wrong in ('{"a', '{"a\\', '{"a\\q": 1}', '{"a\n": 1}', '{"a" 1}', "{a: 1}", '{"a": 1,}', '{"' + "x" * 100, '{"\\u12": 1}'):
    try:
        json.loads(wrong)
    except json.JSONDecodeError as error:
        print(error)
print(json.loads('{"a\n": 1}', strict=False))
