"""The type array.array: items of every type, and what it says of others."""
import array
import copy
import io
import pickle
import struct
import warnings

warnings.simplefilter("ignore")
A = array.array
a = A("i", [1, 2, 3])


def attempt(text):
    try:
        print(text, "->", repr(eval(text)))
    except Exception as error:
        print(text, "->", type(error).__name__, error)


for line in r"""
A()
A(1)
A('x')
A('ii')
A('i','abc')
A('i',5)
A('i',[1.5])
A('i',['a'])
A('b',[128])
A('b',[-129])
A('b',[1<<40])
A('b',[40000])
A('B',[256])
A('B',[-1])
A('h',[1<<15])
A('h',[-1<<16])
A('H',[1<<16])
A('H',[1<<40])
A('H',[-1])
A('i',[1<<31])
A('i',[-1<<32])
A('i',[1<<80])
A('I',[1<<32])
A('I',[-1])
A('I',[1<<80])
A('l',[1<<63])
A('l',[-1<<63, (1<<63)-1])
A('L',[1<<64])
A('L',[(1<<64)-1])
A('L',[-1])
A('q',[1<<63])
A('q',[-1<<64])
A('Q',[1<<64])
A('Q',[-1])
A('Q',[1.5])
A('L',[1.5])
A('I',[1.5])
A('f',['a'])
A('d',['a'])
A('f',[1e300])
A('f',[10**400])
A('u','abc')
A('w','abc\U0001F600')
A('u',['ab'])
A('u',[1])
A('w',[1])
A('w',['ab'])
A('u',b'abcd')
A('i',b'abc')
A('i',bytearray(b'abcd'))
A('i',memoryview(b'abcd'))
A('i',A('d',[1.0]))
A('d',A('i',[1]))
A('i',A('u','a'))
A('u',A('i',[1]))
A('u',A('w','ab'))
A('w',A('u','ab'))
A('i',[1],3)
A('i',a=1)
a[5]
a['x']
a[1.0]
a[1:2]
a[::-1]
a[::2]
a.__setitem__(5,1)
a.__setitem__('x',1)
a.__setitem__(0,'x')
a.__setitem__(0,1.5)
a.__setitem__(slice(0,1),[1])
a.__setitem__(slice(0,1),A('d'))
a.__setitem__(slice(0,3,2),A('i',[1]))
a.__delitem__(7)
a.__delitem__('x')
a+[1]
a+A('d')
a.__iadd__([1])
a.__iadd__(A('d'))
a*1.5
1.5*a
a*'x'
a*(1<<62)
a*(1<<70)
a*3, a*-1, 2*a
a.append('x')
a.append()
a.extend(5)
a.extend([1,'x'])
a.extend(A('d'))
a.fromlist((1,))
a.fromlist([1,'x'])
a
a.frombytes(b'abc')
a.frombytes('abc')
a.frombytes(5)
a.fromunicode('x')
A('u').fromunicode(5)
a.tounicode()
a.insert('x',1)
a.insert(0,'x')
a.pop(10)
A('i').pop()
a.pop('x')
a.remove(77)
a.index(77)
a.index(1,'x')
a.index(2,0,100)
a.index(2,-3)
a.count('x')
a.byteswap()
A('u','ab').byteswap()
a.buffer_info()[1]
a.fromfile(5,1)
a.fromfile(io.BytesIO(b'abc'),1)
a.fromfile(io.BytesIO(b'abcd'),2)
a.fromfile(io.StringIO('abc'),1)
a.fromfile(io.BytesIO(b'abc'),-1)
a.tofile(5)
A('i').tofile(5)
a==A('d',[1])
a<A('d',[1])
a<[1]
a==[1]
hash(a)
A('d',[1,2])==A('i',[1,2])
A('d',[float('nan')])==A('d',[float('nan')])
A('i',[1,2])<A('i',[1,3]), A('i',[1,2])<A('i',[1,2,0]), A('i',[1,2])>=A('i',[1,2]), A('i',[3])>A('d',[2.5])
1 in a
'x' in a
a.__reduce_ex__(0)
a.__reduce_ex__(2)
a.__reduce_ex__(3)
a.__reduce_ex__('x')
A('u','ab').__reduce_ex__(3)
A('f',[1.5]).__reduce_ex__(3)
A('d',[1.5]).__reduce_ex__(2)
A('L',[1]).__reduce_ex__(4)
[A(c).__reduce_ex__(3)[1][2] for c in array.typecodes]
a.__deepcopy__(5)
a.__copy__()
A[int]
array._array_reconstructor(A,'i',9,b'abcd')
array._array_reconstructor(A,'i',99,b'abcd')
array._array_reconstructor(A,'i',9,b'abc')
array._array_reconstructor(A,'i','x',b'abc')
array._array_reconstructor(int,'i',9,b'abc')
array._array_reconstructor(5,'i',9,b'abc')
array._array_reconstructor(A,'x',9,b'abc')
array._array_reconstructor(A,5,9,b'abc')
array._array_reconstructor(A,'i',9,'abc')
array._array_reconstructor(A,'i',1,b'abc')
array._array_reconstructor(A,'d',14,b'abcdefgh')
array._array_reconstructor(A,'u',18,b'a\0b\0')
array._array_reconstructor(A,'w',20,b'a\0\0\0b\0\0\0')
A('i').typecode, A('i').itemsize
a.__setattr__('typecode',1)
iter(a).__reduce__()
repr(A('u')),repr(A('w','a')),repr(A('d',[1.5]))
iter(a).__length_hint__()
memoryview(A('u','ab')).format
memoryview(A('l',[1])).format
bytes(a)
A('b',[1]).__class__
A('i', range(3))
A('i', {1:2})
A('i', None)
A('i', (x for x in [1]))
A('d', [True])
A('i', [True])
memoryview(a).__setitem__(0, 7), a
[x for x in a if x > 1], sum(a), max(a), sorted(a), list(reversed(a))
type('S',(A,),{})('i',[1],)[0:1].__class__
type('S',(A,),{})('i',[1])
A('i',[1,2,3,4]).__class_getitem__(int)
(x:=A('i',range(10)), x.__delitem__(slice(None,None,3)), x)
(x:=A('i',range(10)), x.__setitem__(slice(2,4), A('i',[9]*5)), x)
(x:=A('i',range(10)), x.__setitem__(slice(None,None,2), A('i',[9]*5)), x)
(x:=A('i',range(5)), x.__setitem__(slice(1,2), x), x)
(x:=A('h',range(5)), x.reverse(), x.byteswap(), x.insert(2,7),x.insert(-1,8), x.pop(0), x.remove(8), x)
(x:=A('i',range(5)), x.__imul__(2), x.__imul__(0))
f"{A('f',[1.1])!s}"
A.__text_signature__
A.__doc__ is None
isinstance(a, __import__('collections').abc.MutableSequence)
__import__('copy').deepcopy(A('d',[1.5,2]))
__import__('struct').unpack('2i', A('i',[1,2]))
b''.join([A('b',[1,2])])
{**{}} | {'a': A('i')}
""".strip().split("\n"):
    attempt(line)

for protocol in range(6):
    for value in (A("d", [1.5, 2]), A("w", "ab"), A("q", [-1, 1 << 40]), A("B", b"xyz")):
        again = pickle.loads(pickle.dumps(value, protocol))
        assert again == value and again.typecode == value.typecode
print(copy.copy(a) == a, copy.deepcopy([a]) == [a], copy.copy(a) is a)

view = memoryview(a)
attempt("a.append(1)")
attempt("a.__setitem__(slice(1, 1), A('i', [1]))")
view[0] = 99
view.release()
a.append(1)
print(a)


class Changing:
    """Changes the array while it is converted."""

    def __index__(self):
        del b[:]
        return 1


b = A("i", [1, 2, 3])
attempt("b.__setitem__(2, Changing())")
print(b)


def sieve(n):
    flags = A("b", bytes([1])) * n
    for i in range(2, int(n ** 0.5) + 1):
        if flags[i]:
            for j in range(i * i, n, i):
                flags[j] = 0
    return sum(flags[2:])


print(sieve(3000))
floats = A("d")
for i in range(300):
    floats.append(i / 4)
print(sum(floats), floats[-1], floats[100:103], len(floats), max(floats), floats.index(2.5), 0.25 in floats)
