"""A ray tracer: vectors as objects with operators, spheres, a plane, shadows and reflections."""
import math
import sys

DEFAULT = 310


class Vector:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y, self.z - other.z)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    def unit(self):
        return self * (1.0 / math.sqrt(self.dot(self)))

    def reflect(self, normal):
        return self - normal * (2.0 * self.dot(normal))


class Sphere:
    def __init__(self, centre, radius, colour, shine):
        self.centre = centre
        self.radius = radius
        self.colour = colour
        self.shine = shine

    def distance(self, origin, direction):
        to_centre = self.centre - origin
        along = to_centre.dot(direction)
        rest = self.radius ** 2 - to_centre.dot(to_centre) + along * along
        if rest < 0:
            return None
        near = along - math.sqrt(rest)
        return near if near > 1e-6 else None

    def normal(self, point):
        return (point - self.centre).unit()

    def colour_at(self, point):
        return self.colour


class Floor:
    shine = 0.1

    def __init__(self, height):
        self.height = height

    def distance(self, origin, direction):
        if direction.y == 0:
            return None
        t = (self.height - origin.y) / direction.y
        return t if t > 1e-6 else None

    def normal(self, point):
        return Vector(0.0, 1.0, 0.0)

    def colour_at(self, point):
        return 0.9 if (math.floor(point.x) + math.floor(point.z)) % 2 else 0.2


class Scene:
    def __init__(self):
        self.objects = [Floor(-1.0)] + [
            Sphere(Vector(i * 1.2 - 2.4, math.sin(i) * 0.3, 5.0 + i % 2), 0.6, 0.4 + 0.1 * i, 0.1 * i)
            for i in range(5)
        ]
        self.light = Vector(-3.0, 5.0, 1.0)

    def nearest(self, origin, direction):
        best = None
        for thing in self.objects:
            t = thing.distance(origin, direction)
            if t is not None and (best is None or t < best[0]):
                best = t, thing
        return best

    def trace(self, origin, direction, depth=0):
        hit = self.nearest(origin, direction)
        if hit is None:
            return 0.5 + 0.3 * direction.y
        t, thing = hit
        point = origin + direction * t
        normal = thing.normal(point)
        to_light = (self.light - point).unit()
        brightness = max(0.0, normal.dot(to_light))
        if brightness and self.nearest(point, to_light):
            brightness = 0.0
        colour = thing.colour_at(point) * (0.2 + 0.8 * brightness)
        if thing.shine and depth < 3:
            reflected = self.trace(point, direction.reflect(normal), depth + 1)
            colour = colour * (1 - thing.shine) + reflected * thing.shine
        return colour


def main(n):
    scene = Scene()
    eye = Vector(0.0, 0.5, -2.0)
    total = 0
    for row in range(n):
        for column in range(n):
            direction = Vector((column / n - 0.5) * 2, (0.5 - row / n) * 2, 2.0).unit()
            total += int(255 * min(1.0, scene.trace(eye, direction)))
    print(total)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
