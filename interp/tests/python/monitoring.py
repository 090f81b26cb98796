"""Events of sys.monitoring (PEP 669)."""
import sys
m=sys.monitoring; E=m.events
TOOL=3
m.use_tool_id(TOOL,'t')
log=[]
def on(name, fmt=None):
    def cb(code,*a):
        if not code.co_filename.endswith('monitoring.py') or code.co_name in('on','<module>','run','cb'): return
        line=None
        if name!='LINE':
            off=a[0]; a=a[1:]
            for s,e,l in code.co_lines():
                if s<=off<e: line=l
        a=[x if isinstance(x,(int,str)) and name=='LINE' else getattr(x,'__name__',None) or ('MISSING' if x is m.MISSING else type(x).__name__ if not isinstance(x,(int,str,list,BaseException)) else repr(x) if not isinstance(x,int) or name not in('JUMP','BRANCH_LEFT','BRANCH_RIGHT') else 'dest') for x in a]
        if name=='LINE': a[0]-=code.co_firstlineno
        log.append((name, code.co_name, None if line is None else line-code.co_firstlineno, *a))
    return cb
def run(f, names):
    log.clear()
    s=0
    for n in names.split():
        m.register_callback(TOOL, getattr(E,n), on(n)); s|=getattr(E,n)
    m.set_events(TOOL,s)
    try: f()
    except Exception as e: pass
    m.set_events(TOOL,0)
    print('==',f.__name__,names)
    for l in log: print(*l)
def gen():
    yield 1
    x = 2
    yield x
def loop():
    t=0
    for i in range(3):
        if i==1:
            t+=i
        else:
            continue
    while t<3:
        t+=1
    return t
def calls():
    len([1]); abs(-1)
    try:
        int('x')
    except ValueError as e:
        str(e)
    gen_list=list(gen())
    f=lambda a:a
    f(1)
    "a".upper()
    class C:
        def m(self): return 1
    C().m()
    f(a=1)
    f(*(1,))
def exc():
    try:
        inner()
    except KeyError:
        pass
    finally:
        y=1
    try:
        with open('/dev/null'):
            raise ValueError(1)
    except ValueError: pass
def inner():
    {}['k']
def unw():
    inner()
def thr():
    g=gen()
    next(g)
    try: g.throw(ValueError)
    except ValueError: pass
run(loop,'PY_START PY_RETURN LINE')
run(loop,'LINE JUMP')
run(loop,'BRANCH_LEFT BRANCH_RIGHT')
run(calls,'CALL')
run(calls,'CALL C_RETURN C_RAISE' if 0 else 'CALL LINE')
run(exc,'RAISE EXCEPTION_HANDLED PY_UNWIND RERAISE')
run(unw,'RAISE EXCEPTION_HANDLED PY_UNWIND RERAISE')
run(thr,'PY_START PY_RESUME PY_YIELD PY_THROW')
def genloop():
    for x in gen():
        pass
run(genloop,'PY_START PY_RESUME PY_YIELD PY_RETURN LINE')
# results
for n in 'CALL C_RETURN C_RAISE'.split():
    m.register_callback(TOOL, getattr(E,n), on(n))
def results():
    m.set_events(TOOL,E.CALL|E.C_RETURN|E.C_RAISE)
    calls()
    m.set_events(TOOL,0)
log.clear()
results()
for l in log:
    if l[1] == 'calls': print(*l)
# DISABLE
n=0
def cnt(code,line):
    global n
    if code is loop.__code__: n+=1
    return m.DISABLE
m.register_callback(TOOL,E.LINE,cnt); m.set_events(TOOL,E.LINE); loop(); loop(); m.set_events(TOOL,0); print(n)
m.restart_events(); m.set_local_events(TOOL,loop.__code__,E.LINE); loop(); m.set_local_events(TOOL,loop.__code__,0); print(n)
def bad(*a): raise RuntimeError('cb')
m.register_callback(TOOL,E.PY_START,bad); m.set_local_events(TOOL,loop.__code__,E.PY_START)
try: loop()
except RuntimeError as e: print('got',e)
m.set_local_events(TOOL,loop.__code__,0)
def dis(*a): return m.DISABLE
m.register_callback(TOOL,E.RAISE,dis); m.set_events(TOOL,E.RAISE)
try: inner()
except Exception as e: print(type(e),e)
m.free_tool_id(TOOL)

for text in ["use_tool_id(9, 'x')", "use_tool_id('a', 'x')", "use_tool_id(0, 5)", "use_tool_id(0)",
             "use_tool_id(0, 'dbg')", "use_tool_id(0, 'dbg')", "get_tool(0)", "get_tool(1)", "get_tool(8)",
             "set_events(1, 1)", "set_events(0, 1 << 30)", "set_events(0, -1)", "set_events(0, 'x')",
             "set_events(0, m.events.C_RETURN)", "set_events(0, m.events.CALL | m.events.C_RETURN)",
             "get_events(0)", "set_local_events(0, loop, 1)", "set_local_events(0, loop.__code__, 1 << 11)",
             "set_local_events(0, loop.__code__, 1)", "get_local_events(0, loop.__code__)",
             "set_local_events(0, loop.__code__, 0)", "register_callback(0, 1, len)",
             "register_callback(0, 1, None)", "register_callback(0, 3, len)", "register_callback(0, 1 << 19, len)",
             "restart_events()", "_all_events()", "free_tool_id(0)", "free_tool_id(0)", "set_events(0, 0)"]:
    try:
        print(text, eval("m." + text))
    except Exception as error:
        print(text, type(error).__name__, error)
