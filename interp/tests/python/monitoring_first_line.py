# LINE events in the line that a function begins in, and of modules without a line.
import sys

monitoring = sys.monitoring
events = monitoring.events
monitoring.use_tool_id(3, "lines")
source = """def f(): return 1
def g(): yield 1; yield 2
def h(): [x for x in (1, 2)]; x = 2
f = lambda: 1
f()
list(g())
h()
"""
codes = [compile(text, "<x>", "exec") for text in (source, "", "# nothing\n", "pass", "'doc'", "x = 1")]
for wanted in (
    events.LINE,
    events.LINE | events.PY_START,
    events.LINE | events.PY_RESUME,
    events.LINE | events.PY_START | events.PY_RETURN,
):
    seen = []

    def line(code, number):
        if code.co_filename == "<x>":
            seen.append((code.co_name[:3], number))

    monitoring.register_callback(3, events.LINE, line)
    for event in events.PY_START, events.PY_RETURN, events.PY_RESUME:
        monitoring.register_callback(3, event, lambda code, *rest: None)
    for code in codes[: None if wanted & events.PY_START else 1]:
        monitoring.set_events(3, wanted)
        exec(code, {})
        monitoring.set_events(3, 0)
    print(seen)

# What a callback has called by sys.call_tracing() is reported.
inner = compile("x = 1\ny = 2", "<inner>", "exec")
outer = compile("a = 1\nb = 2\nc = 3", "<outer>", "exec")
seen = []


def line(code, number):
    seen.append((code.co_filename, number))
    if code is outer and number == 2:
        sys.call_tracing(exec, (inner, {}))
        seen.append("back")


monitoring.register_callback(3, events.LINE, line)
monitoring.set_events(3, events.LINE | events.PY_START)
exec(outer)
monitoring.set_events(3, 0)
print([entry for entry in seen if entry[0] != __file__])
