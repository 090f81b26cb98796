_fns = []
def register(f): _fns.append(f)
def lookup(n):
    for f in _fns:
        r = f(n)
        if r: return r
def __getattr__(n):
    if n.startswith('__'): raise AttributeError(n)
    return lambda *a, **k: None

def lookup_error(n): return None
def register_error(n, f): pass
def ascii_encode(*a, **k): return None
def ascii_decode(*a, **k): return None
def latin_1_encode(*a, **k): return None
def latin_1_decode(*a, **k): return None
def utf_8_encode(*a, **k): return None
def utf_8_decode(*a, **k): return None
def utf_16_ex_decode(*a, **k): return None
def charmap_build(*a, **k): return None
def encode(*a, **k): return None
def decode(*a, **k): return None
