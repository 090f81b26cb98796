"""Classes that get another way of attribute access while loops read and write their instances."""


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


class Slotted:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y


class Parent:
    pass


class Child(Parent):
    def __init__(self, x, y):
        self.x, self.y = x, y


def run(kind, change, undo, n=400):
    items = [kind(i, 2 * i) for i in range(5)]
    total = 0
    for i in range(n):
        if i == n // 2:
            change()
        elif i == n - n // 4:
            undo()
        item = items[i % 5]
        total += item.x + item.y
        item.y = i & 7
    return total


def hook(cls):
    def get(self, name):
        value = object.__getattribute__(self, name)
        return -value if name in "xy" else value

    cls.__getattribute__ = get


def unhook(cls):
    del cls.__getattribute__


def hide(cls):
    cls.x = property(lambda self: 1000)


def unhide(cls):
    del cls.x


def setter(cls):
    cls.__setattr__ = lambda self, name, value: object.__setattr__(self, name, 3)


def unset(cls):
    del cls.__setattr__


for kind, owner in (Point, Point), (Slotted, Slotted), (Child, Parent), (Child, Child):
    print(run(kind, lambda: hook(owner), lambda: unhook(owner)))
    print(run(kind, lambda: setter(owner), lambda: unset(owner)))
    if kind is not Slotted:
        print(run(kind, lambda: hide(owner), lambda: unhide(owner)))
