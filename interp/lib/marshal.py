def loads(b): raise ValueError("bad marshal data")
def dumps(b, v=4): raise ValueError("unmarshallable object")
