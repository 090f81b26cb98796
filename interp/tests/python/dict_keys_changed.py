# Keys that change while a loop goes through a dict: the error comes once, from compiled code too.


def changing(size):
    raised = []
    d = {0: 1, 3: 2}
    for i in range(size):
        try:
            for _ in d:
                d[d.pop(divmod(i, 7)[1], 3)] = 1
        except RuntimeError as e:
            raised.append(str(e))
    return raised, d


def changed_items(size):
    raised = []
    for i in range(size):
        d = dict.fromkeys(range(i, i + 5), 1)
        try:
            for k, v in d.items():
                del d[k]
                d[k + 100] = v
        except RuntimeError as e:
            raised.append(str(e))
    return len(raised), set(raised)


print(changing(20), changed_items(12))
