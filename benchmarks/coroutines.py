"""asyncio: producers and consumers over queues, gathered tasks, locks, awaitables of our own."""
import asyncio
import sys

DEFAULT = 1800


class Ready:
    """An awaitable that yields once to the loop."""

    def __await__(self):
        yield
        return 1


async def produce(queue, count, seed):
    for _ in range(count):
        seed = seed * 75 % 65537
        await queue.put(seed)
    await queue.put(None)


async def consume(queue, results):
    total = 0
    while (item := await queue.get()) is not None:
        total += item
    results.append(total)


async def nested(depth):
    if depth == 0:
        return await Ready()
    return await nested(depth - 1) + await nested(depth - 1)


async def stream(count):
    for i in range(count):
        if i % 10 == 0:
            await asyncio.sleep(0)
        yield i * i


async def locked(lock, box):
    async with lock:
        value = box[0]
        await asyncio.sleep(0)
        box[0] = value + 1


async def work(n):
    checksum = 0
    for i in range(n):
        queue, results = asyncio.Queue(4), []
        await asyncio.gather(produce(queue, 60, i + 1), consume(queue, results))
        checksum += results[0]
        checksum += sum(await asyncio.gather(*(nested(2) for _ in range(8))))
        checksum += sum([x async for x in stream(60)])
        lock, box = asyncio.Lock(), [0]
        await asyncio.gather(*(locked(lock, box) for _ in range(10)))
        checksum += box[0]
    return checksum


def main(n):
    print(asyncio.run(work(n)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
