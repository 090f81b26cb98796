"""Classes derived from built-in containers: what they inherit is in line, and what they define, too."""


class Stack(list):
    def push(self, x):
        self.append(x)

    def __getitem__(self, i):
        return super().__getitem__(-1 - i)


class Plain(list):
    pass


class Table(dict):
    def __getitem__(self, k):
        return super().__getitem__(k)

    def __setitem__(self, k, v):
        super().__setitem__(k, v)


def stack(n):
    total, s = 0, Stack()
    for i in range(n):
        s.push(i)
        total += s[0]
    return total


def inherited(n):
    total, p = 0, Plain([1, 2, 3])
    for i in range(n):
        p[1] = i
        total += p[1] + len(p)
    return total


def table(n):
    total, t = 0, Table()
    for i in range(n):
        t["k"] = i
        total += t["k"]
    return total
