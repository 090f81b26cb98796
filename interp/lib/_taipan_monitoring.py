"""``sys.monitoring`` (PEP 669): its names. No events are delivered yet."""

import types

DEBUGGER_ID, COVERAGE_ID, PROFILER_ID, OPTIMIZER_ID = 0, 1, 2, 5
DISABLE = object()
MISSING = object()
events = types.SimpleNamespace(NO_EVENTS=0)
for _i, _name in enumerate(("PY_START PY_RESUME PY_RETURN PY_YIELD CALL LINE INSTRUCTION JUMP BRANCH_LEFT "
                            "BRANCH_RIGHT STOP_ITERATION RAISE EXCEPTION_HANDLED PY_UNWIND PY_THROW RERAISE "
                            "C_RETURN C_RAISE BRANCH").split()):
    setattr(events, _name, 1 << _i)
del _i, _name
_tools = {}


def _check(tool_id):
    if not 0 <= tool_id < 6:
        raise ValueError(f"invalid tool {tool_id} (must be between 0 and 5)")


def use_tool_id(tool_id, name, /):
    """Claim a tool."""
    _check(tool_id)
    if tool_id in _tools:
        raise ValueError(f"tool {tool_id} is already in use")
    _tools[tool_id] = name


def get_tool(tool_id, /):
    """The name of a tool in use, or None."""
    _check(tool_id)
    return _tools.get(tool_id)


def clear_tool_id(tool_id, /):
    """Forget a tool's events and callbacks."""
    _check(tool_id)


def free_tool_id(tool_id, /):
    """Give a tool back."""
    _check(tool_id)
    _tools.pop(tool_id, None)


def get_events(tool_id, /):
    """The events that a tool asked for."""
    _check(tool_id)
    return 0


def get_local_events(tool_id, code, /):
    """The events that a tool asked for in a code object."""
    _check(tool_id)
    return 0


def set_events(tool_id, event_set, /):
    """Ask for events."""
    _check(tool_id)
    if event_set:
        raise NotImplementedError("sys.monitoring: Taipan delivers no events yet")


def set_local_events(tool_id, code, event_set, /):
    """Ask for events in a code object."""
    set_events(tool_id, event_set)


def register_callback(tool_id, event, func, /):
    """Set a tool's callback for an event."""
    _check(tool_id)


def restart_events():
    """Enable events again that callbacks disabled."""
