"""Pickles of every protocol: what is written, what comes back, what is refused."""
import pickle, io, collections, copy
class N:
    def __init__(s,a): s.a=a; s.b=[a]
class P(pickle.Pickler):
    def persistent_id(s,o): return ('p',o.a) if isinstance(o,N) and o.a==9 else None
    def reducer_override(s,o): return (str,('ro',)) if type(o) is complex else NotImplemented
class U(pickle.Unpickler):
    def persistent_load(s,p): return list(p)
d={'a':[1.5,2**70,'é'*3,b'xy',(1,(2,3)),{4,5},frozenset([6]),bytearray(b'q')],'n':[N(i) for i in range(5)],'o':collections.OrderedDict(x=N('z')),'c':collections.Counter('aab')}
for p in range(6):
    r=pickle.loads(pickle.dumps(d,p)); assert r['a']==d['a'] and [x.b for x in r['n']]==[[i] for i in range(5)] and r['c']==d['c'],p
    f=io.BytesIO(); P(f,p).dump([N(9),3j,N(8)]); f.seek(0)
    f=io.BufferedReader(f); print(p,U(f).load()[:2])
    try: pickle.dumps([(lambda:0,)],p)
    except (pickle.PicklingError, AttributeError) as e: print(e.__notes__)
bs=[]; s=pickle.dumps([pickle.PickleBuffer(bytearray(b'abc'))],5,buffer_callback=bs.append); print([bytes(b) for b in pickle.loads(s,buffers=bs)])
print(copy.deepcopy(d)['a'])

# What is written, byte for byte.
import hashlib
shared=[1]; cycle=[]; cycle.append(cycle)
values=[None,True,255,256,-1,2**31,2**63,-2**64,1.5,'','a\n\\','\xe9\u20ac','x'*256,b'','b'.encode()*300,bytearray(b'z'),(),(1,),(1,2,3,4),list(range(1001)),{i:i for i in range(1000)},{1},frozenset([1]),[shared,shared],cycle,N(1),N,len,...,3j,'y'*70000,[b'q'*999]*3+[bytes(999) for _ in range(90)]]
for p in range(6):
    print(p,[hashlib.md5(pickle.dumps(v,p)).hexdigest()[:6] for v in values])
for data in b'',b'(',b'0.',b'a.',b'R.',b'NN\x81.',b'I0x1\n.',b'Fx\n.',b'g5\n.',b'Z',b'\x80\x06.',b'\x82\x05.',b'P\n.',b'\x95\x02\0\0\0\0\0\0\0NX\1\0\0\0a.',b'\x95\x04\0\0\0\0\0\0\0X\1\0\0\0a.',b'cos\nnope\n.',b'U\1\xff.':
    try: print(pickle.loads(data))
    except Exception as e: print(type(e).__name__,e)
