"""Functions that raise and handle, called by a generator: it goes on behind the call."""
class Mine(Exception):
    def __init__(self, n):
        self.n = n
def four(n):
    if n % 7 == 5:
        raise Mine(n)
    return n
def guarded(n):
    try:
        return four(n)
    except Mine as e:
        return e.n + 1000
def gen(size):
    s=[]
    for i in range(size):
        s.append(guarded(i % 100))
        yield i
    print(len(s), s.count(None))
for z in gen(400): pass
