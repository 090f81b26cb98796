"""Futures and tasks."""
import asyncio, re, gc, sys
print(asyncio.Task, asyncio.Future, asyncio.tasks._CTask)
def text(x): return re.sub("0x[0-9a-f]+|Task-[0-9]+|at \\S*tasks.py:", "0x", str(x))
async def leaf(x):
    await asyncio.sleep(0)
    return x
async def main():
    t = asyncio.create_task(leaf(1), name="t")
    print(text(t), t.get_name(), asyncio.current_task() is not t, len(asyncio.all_tasks()))
    print(await t, text(t), t.result(), t.exception(), t.done(), t.cancelled())
    print(await asyncio.gather(leaf(1), leaf(2), leaf(3)))
    f = asyncio.get_running_loop().create_future()
    print(text(f))
    f.add_done_callback(lambda f: print("callback", f.result()))
    asyncio.get_running_loop().call_later(0.01, f.set_result, 42)
    print(text(f), await f)
    async def fails(): 
        await leaf(1)
        raise ValueError("x")
    try: await asyncio.create_task(fails())
    except ValueError as e: print("caught", e)
    try: await asyncio.wait_for(asyncio.sleep(10), 0.01)
    except TimeoutError as e: print("timeout", repr(e))
    t = asyncio.create_task(asyncio.sleep(10))
    await asyncio.sleep(0)
    t.cancel("msg")
    try: await t
    except asyncio.CancelledError as e: print("cancelled", e.args, t.cancelled(), t.cancelling())
    async with asyncio.TaskGroup() as tg:
        a = tg.create_task(leaf(5)); b = tg.create_task(leaf(6))
    print(a.result(), b.result())
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(fails()); tg.create_task(asyncio.sleep(10))
    except* ValueError as e: print(e.exceptions)
    q = asyncio.Queue(2)
    async def prod():
        for i in range(5): await q.put(i)
        await q.put(None)
    async def cons():
        out=[]
        while (x := await q.get()) is not None: out.append(x)
        return out
    print(await asyncio.gather(prod(), cons()))
    async with asyncio.timeout(1): await leaf(1)
    r = await asyncio.gather(fails(), leaf(2), return_exceptions=True)
    print(r)
    done, pending = await asyncio.wait([asyncio.create_task(leaf(i)) for i in range(3)])
    print(sorted(d.result() for d in done), pending)
    print(await asyncio.shield(leaf(9)))
    for c in asyncio.as_completed([leaf(i) for i in range(3)]): await c
    loop = asyncio.get_running_loop()
    print(await loop.run_in_executor(None, lambda: 5))
    print(await asyncio.to_thread(lambda: 6))
    for bad in (lambda: f.set_result(1), lambda: loop.create_future().result(), lambda: loop.create_future().exception(), lambda: f.set_exception(5), lambda: asyncio.Task(5), lambda: t.set_result(1), lambda: setattr(f, "_log_traceback", True), lambda: loop.create_future().set_exception(5)):
        try: print(bad())
        except BaseException as e: print(type(e).__name__, text(e))
    class F(asyncio.Future):
        def cancel(self, msg=None): print("my cancel", msg); return super().cancel(msg)
    ff = F(); 
    async def w(): return await ff
    tt = asyncio.create_task(w()); await asyncio.sleep(0); tt.cancel("m"); 
    try: await tt
    except asyncio.CancelledError as e: print(e.args)
    async def bad(): 
        class Y:
            def __await__(self): yield 5
        await Y()
    try: await asyncio.create_task(bad())
    except RuntimeError as e: print(e)
    async def itself(): 
        await asyncio.current_task()
    try: await asyncio.create_task(itself())
    except RuntimeError as e: print(text(e))
    print(f.remove_done_callback(print), f._callbacks, f._state, f._asyncio_awaited_by)
    loop.set_task_factory(asyncio.eager_task_factory)
    async def now(): return 3
    e = asyncio.create_task(now()); print(e.done(), e.result())
    e = asyncio.create_task(leaf(4)); print(e.done(), await e)
    loop.set_task_factory(None)
    return "end"
print(asyncio.run(main()))
async def agen():
    for i in range(3):
        yield i
        await asyncio.sleep(0)
async def usegen(): return [x async for x in agen()], [x async for x in agen() if x]
print(asyncio.run(usegen()))
print(asyncio.run(leaf(3), debug=True))


async def lost():
    """What nobody asks for is reported once the collector has found it."""
    reports = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: reports.append((context["message"], str(context.get("exception")))))

    async def boom():
        raise OSError("lost")
    for _ in range(20):
        loop.create_future().set_exception(KeyError("lost"))
        asyncio.create_task(boom())
        loop.create_future().set_exception(stopped := StopIteration())
        await asyncio.sleep(0)
    asked = loop.create_future()
    asked.set_exception(KeyError("asked"))
    asked.exception()
    del asked
    for _ in range(3):
        gc.collect()
        await asyncio.sleep(0)
    return sorted(set(reports))


print(asyncio.run(lost()))
it = asyncio.new_event_loop().create_future().__await__()
print(type(it).__name__)
async def ki():
    raise KeyboardInterrupt("stop")
try: asyncio.run(ki())
except KeyboardInterrupt as e: print("KI", e)
