"""Parts of built-in functions that are clearest in Python."""


async def _anext_default(awaitable, default):
    try:
        return await awaitable
    except StopAsyncIteration:
        return default


def anext_default(awaitable, default):
    """What ``anext(iterator, default)`` returns."""
    return _anext_default(awaitable, default)
