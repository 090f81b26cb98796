"""Slices of lists with all steps, in a loop, read and assigned."""


def read(items, steps, n):
    found = []
    for _ in range(n):
        for step in steps:
            found = [items[::step], items[1::step], items[:-1:step], items[-2:0:step], items[5:2:step], items[50::step]]
    return found


def flips(n):
    perm = list(range(9))
    for i in range(n):
        k = i % 8 + 1
        perm[: k + 1] = perm[k::-1]
        perm[1:3] = perm[2:0:-1]
        if i % 100 == 0:
            perm[2:2] = [i]
            del perm[2]
    return perm


print(flips(5000))
for size in (0, 1, 2, 7, 8, 33):
    items = list(range(size))
    for step in (1, -1, 2, -2, 3, 100, -100):
        print(size, step, read(items, [step], 3))
both = [str(i) for i in range(40)]
copies = [both[::-1] for _ in range(2000)]
print(copies[-1] == list(reversed(both)), len({id(c) for c in copies}))
