# Which attribute of which object an AttributeError is about, and what in-place operators call themselves.


def tell(f):
    try:
        f()
    except AttributeError as e:
        print(e, e.name, type(e.obj).__name__)
    except TypeError as e:
        print(e)


class Hooked:
    def __getattr__(self, name):
        raise AttributeError("none of mine")


class WithProperty:
    @property
    def made(self):
        raise AttributeError("not made")

    @property
    def rebound(self):
        self.missing


class Descriptor:
    def __get__(self, instance, owner):
        raise AttributeError("not given")


class WithDescriptor:
    given = Descriptor()


class Named(AttributeError):
    pass


class Telling:
    def __getattr__(self, name):
        raise AttributeError("told", name="other", obj=1)


class Own:
    def __getattr__(self, name):
        raise Named(name)


for make in Hooked, Telling, Own:
    x = make()
    tell(lambda: x.attr)
    tell(lambda: getattr(x, "attr"))
tell(lambda: WithProperty().made)
tell(lambda: WithProperty().rebound)
tell(lambda: WithDescriptor().given)
tell(lambda: WithDescriptor().given())


def caught(x, n):
    # Reading is the way the error comes out of, each time.
    found = set()
    for _ in range(n):
        try:
            x.attr
        except AttributeError as e:
            found.add((e.name, e.obj is x))
    return found


print(caught(Hooked(), 60))
print(caught(Own(), 60))


def in_place():
    x = 2
    x @= 2


def beyond():
    x = 2 ** 70
    x @= 2


def mixed():
    x = 2
    x @= True


def of_texts():
    x = "a"
    x @= "b"


def of_floats():
    x = 1.5
    x @= 1.5


for f in in_place, beyond, mixed, of_texts, of_floats:
    tell(f)
tell(lambda: 2 @ 2)
