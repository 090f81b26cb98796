"""How native iterators come to their next item, as Python: for the JIT, which sees through them by it.

Each function takes an iterator and returns its next item, `END`, or `AGAIN` to be called once more; it does
what the native `next` of that type does, in the same order. `for` goes through an iterator
without asking its `__iter__`, and takes one item: a step has no loop. Whatever state the iterator is
in, the step has to do what is due, `native_next` where that is rare. `source_function(it)` and its like
read a native field, which is `EMPTY` if it holds nothing; `set_...` write it.
"""

# ruff: noqa: F821

# The names as they are now, whatever a program makes of them.
from builtins import bool, iter, len, tuple, type


def enumerate(it):
    for item in enumerate_iterator(it):
        index = enumerate_index(it)
        set_enumerate_index(it, index + 1)
        return index, item
    return END


def zip(it):
    iterators = parallel_iterators(it)
    count = len(iterators)
    if parallel_strict(it):
        item = native_next(it)
        return END if item is END else item
    if count == 2:
        first, second = iterators
        for a in first:
            for b in second:
                return a, b
            return END
        return END
    if count == 3:
        first, second, third = iterators
        for a in first:
            for b in second:
                for c in third:
                    return a, b, c
                return END
            return END
        return END
    item = native_next(it)
    return END if item is END else item


def map(it):
    iterators = parallel_iterators(it)
    count = len(iterators)
    if parallel_strict(it):
        item = native_next(it)
        return END if item is END else item
    if count == 1:
        for a in iterators[0]:
            return parallel_function(it)(a)
        return END
    if count == 2:
        first, second = iterators
        for a in first:
            for b in second:
                return parallel_function(it)(a, b)
            return END
        return END
    item = native_next(it)
    return END if item is END else item


def filter(it):
    function = filter_function(it)
    for item in filter_iterator(it):
        if function is None or function is bool:
            return item if item else AGAIN
        return item if function(item) else AGAIN
    return END


def accumulate(it):
    if not source_started(it):
        set_source_started(it, True)
        return source_state(it)
    for item in source_iterator(it):
        total = source_state(it)
        if total is not EMPTY:
            function = source_function(it)
            item = total + item if function is EMPTY else function(total, item)
        set_source_state(it, item)
        return item
    return END


def chain(it):
    active = source_state(it)
    if active is not EMPTY:
        for item in active:
            return item
        set_source_state(it, EMPTY)
    source = source_iterator(it)
    if source is EMPTY:
        return END
    for iterable in source:
        try:
            active = iter(iterable)
        except:
            set_source_iterator(it, EMPTY)
            raise
        set_source_state(it, active)
        return AGAIN
    set_source_iterator(it, EMPTY)
    return END


def compress(it):
    for item in source_iterator(it):
        for selector in source_function(it):
            return item if selector else AGAIN
        return END
    return END


def dropwhile(it):
    for item in source_iterator(it):
        if source_started(it):
            return item
        if source_function(it)(item):
            return AGAIN
        set_source_started(it, True)
        return item
    return END


def takewhile(it):
    if source_started(it):
        return END
    for item in source_iterator(it):
        if source_function(it)(item):
            return item
        set_source_started(it, True)
        return END
    return END


def filterfalse(it):
    function = source_function(it)
    for item in source_iterator(it):
        if function is None or function is bool:
            return AGAIN if item else item
        return AGAIN if function(item) else item
    return END


def starmap(it):
    for args in source_iterator(it):
        if type(args) is not tuple:
            args = tuple(args)
        return source_function(it)(*args)
    return END


def pairwise(it):
    iterator = source_iterator(it)
    if iterator is EMPTY:
        return END
    old = source_state(it)
    if old is EMPTY:
        for old in iterator:
            set_source_state(it, old)
            # Going on may have used this iterator up.
            if source_iterator(it) is EMPTY:
                set_source_state(it, EMPTY)
                return END
            return AGAIN
    else:
        for new in iterator:
            set_source_state(it, new)
            return old, new
    set_source_iterator(it, EMPTY)
    set_source_state(it, EMPTY)
    return END


def islice(it):
    iterator = counted_iterator(it)
    if iterator is EMPTY:
        return END
    if counted_passed(it) < counted_wanted(it):
        for _ in iterator:
            set_counted_passed(it, counted_passed(it) + 1)
            return AGAIN
    elif counted_passed(it) < counted_stop(it):
        for item in iterator:
            set_counted_passed(it, counted_passed(it) + 1)
            wanted = counted_wanted(it) + counted_size(it)
            stop = counted_stop(it)
            set_counted_wanted(it, wanted if wanted < stop else stop)
            return item
    set_counted_iterator(it, EMPTY)
    return END


def count(it):
    value = endless_value(it)
    set_endless_value(it, value + endless_step(it))
    return value


def repeat(it):
    left = endless_left(it)
    if left == 0:
        return END
    if left > 0:
        set_endless_left(it, left - 1)
    return endless_value(it)


def cycle(it):
    saved = cycle_saved(it)
    iterator = cycle_iterator(it)
    if iterator is not EMPTY:
        for item in iterator:
            saved.append(item)
            return item
        set_cycle_iterator(it, EMPTY)
    index = cycle_index(it)
    count = len(saved)
    following = index + 1
    set_cycle_index(it, following if following < count else 0)
    if index < count:
        return saved[index]
    return END


def zip_longest(it):
    if longest_active(it) == 0:
        return END
    iterators = longest_iterators(it)
    if len(iterators) != 2:
        item = native_next(it)
        return END if item is END else item
    first, second = iterators
    a = b = EMPTY
    try:
        if first is not None:
            for a in first:
                break
            else:
                iterators[0] = None
                set_longest_active(it, longest_active(it) - 1)
                if longest_active(it) == 0:
                    return END
        if second is not None:
            for b in second:
                break
            else:
                iterators[1] = None
                set_longest_active(it, longest_active(it) - 1)
                if longest_active(it) == 0:
                    return END
    except:
        set_longest_active(it, 0)
        raise
    return longest_fill(it) if a is EMPTY else a, longest_fill(it) if b is EMPTY else b


def groupby(it):
    set_groupby_current(it, 0)
    key = groupby_key(it)
    if key is not EMPTY:
        target = groupby_target(it)
        if target is EMPTY or target is not key and not target == key:
            return new_group(it, key)
    for item in groupby_iterator(it):
        function = groupby_function(it)
        key = item if function is EMPTY else function(item)
        set_groupby_item(it, item)
        set_groupby_key(it, key)
        return AGAIN
    return END


def _grouper(group):
    it = grouper_parent(group)
    if groupby_current(it) != grouper_number(group):
        return END
    item = groupby_item(it)
    if item is EMPTY:
        for item in groupby_iterator(it):
            function = groupby_function(it)
            key = item if function is EMPTY else function(item)
            set_groupby_item(it, item)
            set_groupby_key(it, key)
            break
        else:
            return END
    key = groupby_key(it)
    if key is EMPTY:
        return END
    target = grouper_target(group)
    if target is not key and not target == key:
        return END
    item = groupby_item(it)
    set_groupby_item(it, EMPTY)
    set_groupby_key(it, EMPTY)
    return item
