"""What os.stat() returns."""
import os, pickle, copy
s=os.stat('/tmp'); 
t=os.stat_result(range(10)); print(t, t.st_atime, t.st_blksize, t.st_atime_ns)
t=os.stat_result(range(19)); print(t, t.st_atime, t.st_blksize, t.st_atime_ns, t.st_rdev)
p=pickle.loads(pickle.dumps(s)); print(p==s, p.st_mtime==s.st_mtime, p.st_blocks==s.st_blocks)
c=copy.copy(s); print(c==s, c.st_mtime==s.st_mtime)
print(s.__match_args__, s.n_fields, type(s))
match s:
    case os.stat_result(st_size=n): print('m', n==s.st_size)
try: os.stat_result([1])
except TypeError as e: print(e)
print(t.__reduce__())
