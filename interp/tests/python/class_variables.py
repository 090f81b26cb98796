"""Class attributes that are assigned again and again, shadowed, deleted, made properties."""
class A:
    count = 0
    name = "a"
    def __init__(self):
        A.count += 1
        self.n = A.count
class B(A):
    pass
def run(n):
    t = 0
    for i in range(n):
        a = A(); b = B()
        t += a.count + B.count + b.n
        if i == 50: A.name = "b"
        if i == 60: A.name = "c"
        if i == 70: B.count = 5
        if i == 80: A.count = property(lambda self: 7)
        if i == 80: t += A().count if False else 0; A.count = 1000
        if i == 90: del B.count
        t += len(a.name) + (a.name == "c") + (B.name == "b")
    return t, A.count, A.name, B.count
print(run(30)); print(run(30)); print(run(100)); print(run(100))
