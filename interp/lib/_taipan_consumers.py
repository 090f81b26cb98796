"""What takes items that Python code makes, as Python: so that the two run, and are compiled, as one loop.

Calls of these built-ins with a generator, or a `map` or `filter` of a Python function, get an
activation of the function of the
same name here instead of a native loop, which would have to be left and entered
again for each item; so do those that call a Python function for each item, as a key. The activations
are hidden: no traceback, `sys._getframe` or
tracing function sees them. Each code object of a generator or of such a function has its own copies, whose
loops are compiled for its items alone. Errors have the words of the native
functions, to which whatever is not covered here is left.
"""

# The names as they are now, whatever a program makes of them.
from builtins import TypeError, ValueError, complex, float, hash, int, isinstance, iter, object, type
from builtins import frozenset as _frozenset, sum as _sum


def sum(iterable, start=0):
    """Phases and rounding are those of the native function; `start` is an int or a float."""
    total = start
    if type(total) is int:
        for item in iterable:
            total = total + item
            if type(total) is not int:
                break
        else:
            return total
    if type(total) is float:
        lost = 0.0
        for item in iterable:
            if type(item) is not float:
                if not isinstance(item, int):
                    break
                item = float(item)
            high = total + item
            # What rounding took from the sum, exactly, without a branch (Knuth's TwoSum).
            added = high - total
            lost = lost + ((total - (high - added)) + (item - added))
            total = high
        else:
            return _rounded(total, lost)
        total = _rounded(total, lost) + item
    # What follows is summed by other rules.
    if type(total) is complex:
        return _sum(iterable, total)
    for item in iterable:
        total = total + item
    return total


def _rounded(total, lost):
    if lost != 0.0 and lost - lost == 0.0:
        return total + lost
    return total


def any(iterable):
    for item in iterable:
        if item:
            return True
    return False


def all(iterable):
    for item in iterable:
        if not item:
            return False
    return True


def min(iterable):
    for best in iterable:
        break
    else:
        raise ValueError("min() iterable argument is empty")
    for item in iterable:
        if item < best:
            best = item
    return best


def max(iterable):
    for best in iterable:
        break
    else:
        raise ValueError("max() iterable argument is empty")
    for item in iterable:
        if item > best:
            best = item
    return best


_missing = object()


def min_by(iterable, key, default=_missing):
    iterator = iter(iterable)
    for best in iterator:
        break
    else:
        if default is _missing:
            raise ValueError("min() iterable argument is empty")
        return default
    least = key(best)
    for item in iterator:
        value = key(item)
        if value < least:
            best = item
            least = value
    return best


def max_by(iterable, key, default=_missing):
    iterator = iter(iterable)
    for best in iterator:
        break
    else:
        if default is _missing:
            raise ValueError("max() iterable argument is empty")
        return default
    greatest = key(best)
    for item in iterator:
        value = key(item)
        if value > greatest:
            best = item
            greatest = value
    return best


def reduce(function, iterable, initial=_missing):
    iterator = iter(iterable)
    if initial is _missing:
        for initial in iterator:
            break
        else:
            raise TypeError("reduce() of empty iterable with no initial value")
    for item in iterator:
        initial = function(initial, item)
    return initial


def list(iterable):
    return [item for item in iterable]


def tuple(iterable):
    return (*[item for item in iterable],)


def set(iterable):
    return {item for item in iterable}


def frozenset(iterable):
    return _frozenset({item for item in iterable})


def sorted(iterable, key=None, reverse=False):
    items = [item for item in iterable]
    if key is None:
        items.sort(reverse=reverse)
        return items
    return _sort_by(items, [key(item) for item in items], reverse)


def sorted_by(iterable, key, reverse=False):
    items = [*iterable]
    return _sort_by(items, [key(item) for item in items], reverse)


def sort(target, key, reverse=False):
    """The list is empty as long as other code runs."""
    items = _take(target)
    try:
        keys = [key(item) for item in items]
    except:
        _restore(target, items)
        raise
    _sort_taken(target, items, keys, reverse)


def join(separator, iterable):
    return separator.join([item for item in iterable])


def extend(target, iterable):
    for item in iterable:
        target.append(item)


def update(target, iterable):
    for item in iterable:
        target.add(item)


def _count_elements(mapping, iterable):
    get = mapping.get
    for item in iterable:
        try:
            count = get(item, 0)
        except TypeError as error:
            failure = error
            break
        mapping[item] = count + 1
    else:
        return
    # The native function says what cannot be hashed, and not for what it had to be.
    hash(item)
    raise failure
