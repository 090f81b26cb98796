"""Functions of one code object that have different namespaces: compiled code belongs to one of them."""
import types


def counting(n):
    total = 0
    for i in range(n):
        total += STEP
    return total


def small(x):
    return x * STEP


def made(step):
    def closure(x):
        return x * STEP + step

    return closure


def other(f, **names):
    """The function with these names."""
    return types.FunctionType(f.__code__, {"range": range, **names}, closure=f.__closure__)


one, thousand = other(counting, STEP=1), other(counting, STEP=1000)


def calls(f, times, n):
    total = 0
    for _ in range(times):
        total += f(n)
    return total


# The loop first, by the names of one, then the function by those of the other.
print(calls(thousand, 2, 3000))
for _ in range(3):
    print(calls(one, 300, 20), calls(thousand, 300, 20))

double, treble = other(small, STEP=2), other(small, STEP=3)
for _ in range(3):
    print(calls(double, 300, 7), calls(treble, 300, 7))

functions = [other(made(i % 3), STEP=i % 4) for i in range(12)]
for _ in range(2):
    print([calls(f, 60, 5) for f in functions])


def mixed(functions, n):
    total = 0
    for i in range(n):
        total += functions[i % len(functions)](i)
    return total


print(mixed(functions, 600), mixed([double, treble, one, thousand], 120))


def walk(n):
    """Recursion goes on in the namespace that it began in."""
    return STEP if n == 0 else ADD(walk(n - 1), WALK(n - 1) if n == 5 else STEP)


for step in (1, 2, 3):
    names = {"STEP": step, "ADD": lambda a, b: a + b}
    names["walk"] = names["WALK"] = types.FunctionType(walk.__code__, names)
    print(calls(names["walk"], 40, 9))
