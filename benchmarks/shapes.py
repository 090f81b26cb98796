"""A class hierarchy: polymorphic methods, properties, operators, abstract classes, mixins, super."""
import math
import sys
from abc import ABC, abstractmethod

DEFAULT = 29000


class Named:
    count = 0

    def __init__(self, name, **rest):
        super().__init__(**rest)
        self.name = name
        Named.count += 1

    def __str__(self):
        return f"{type(self).__name__} {self.name}"


class Shape(ABC):
    def __init__(self, x=0.0, y=0.0):
        self._x = x
        self._y = y

    @property
    def position(self):
        return self._x, self._y

    @position.setter
    def position(self, value):
        self._x, self._y = value

    @property
    @abstractmethod
    def area(self):
        ...

    @abstractmethod
    def scaled(self, factor):
        ...

    def __lt__(self, other):
        return self.area < other.area

    def __eq__(self, other):
        return isinstance(other, Shape) and self.area == other.area

    def __hash__(self):
        return hash(self.area)


class Circle(Named, Shape):
    def __init__(self, name, radius, **rest):
        super().__init__(name, **rest)
        self.radius = radius

    @property
    def area(self):
        return math.pi * self.radius ** 2

    def scaled(self, factor):
        return Circle(self.name, self.radius * factor)


class Rectangle(Named, Shape):
    def __init__(self, name, width, height, **rest):
        super().__init__(name, **rest)
        self.width = width
        self.height = height

    @property
    def area(self):
        return self.width * self.height

    def scaled(self, factor):
        return type(self)(self.name, self.width * factor, self.height * factor)


class Square(Rectangle):
    def __init__(self, name, side, other=None, **rest):
        super().__init__(name, side, side, **rest)

    def scaled(self, factor):
        bigger = super().scaled(factor)
        bigger.position = self.position
        return bigger


class Group(Shape):
    def __init__(self, members):
        super().__init__()
        self.members = list(members)

    def __iter__(self):
        return iter(self.members)

    def __len__(self):
        return len(self.members)

    def __getitem__(self, index):
        return self.members[index]

    def __add__(self, other):
        return Group([*self, *other])

    @property
    def area(self):
        return sum(member.area for member in self)

    def scaled(self, factor):
        return Group(member.scaled(factor) for member in self)


def main(n):
    total = 0.0
    for i in range(n):
        shapes = [Circle(f"c{i}", i % 5 + 1), Rectangle("r", i % 7, 2.5), Square("s", i % 3, x=1.0, y=2.0)]
        group = Group(shapes) + Group(shape.scaled(0.5) for shape in shapes)
        total += group.area + group.scaled(2).area
        shapes[0].position = i, -i
        total += shapes[0].position[0] + max(group).area + len({*group}) + len(group)
        total += sum(isinstance(member, Rectangle) for member in group)
        text = str(group[1])
    print(f"{total:.4f}", Named.count, text)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
