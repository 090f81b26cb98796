"""Makes a program smaller that shows something: statements and parts of expressions are
taken away as long as it still does."""
import ast
import copy


def _spots(tree):
    """Places where something may be simpler: a node, its field and, in a list, the index."""
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if isinstance(value, list):
                for at, item in enumerate(value):
                    if isinstance(item, ast.AST):
                        yield node, field, at, item
            elif isinstance(value, ast.AST):
                yield node, field, None, value


def _simpler(item):
    """What may stand in the place of a node; a list stands for statements in place of one."""
    if isinstance(item, ast.stmt):
        yield []
        for field in ("body", "orelse", "finalbody"):
            inside = getattr(item, field, None)
            if inside and not isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield inside
        if isinstance(item, (ast.If, ast.For, ast.While, ast.Try)) and item.orelse:
            shorter = copy.copy(item)
            shorter.orelse = []
            yield [shorter]
        if isinstance(item, ast.Try) and item.finalbody and item.handlers:
            shorter = copy.copy(item)
            shorter.finalbody = []
            yield [shorter]
    elif isinstance(item, ast.expr) and not isinstance(getattr(item, "ctx", None), (ast.Store, ast.Del)):
        if isinstance(item, (ast.Constant, ast.Name)):
            if isinstance(item, ast.Name):
                yield ast.Constant(1)
            elif item.value not in (0, 1, None, "", "a"):
                yield ast.Constant(1)
            return
        for child in ast.iter_child_nodes(item):
            if isinstance(child, ast.expr) and not isinstance(child, (ast.Starred, ast.Slice)):
                yield child
        yield ast.Constant(1)
    elif isinstance(item, (ast.excepthandler, ast.match_case, ast.keyword, ast.withitem)):
        yield None


def _attempts(tree, statements):
    """All trees with one thing simpler, changed in place and restored."""
    for node, field, at, item in list(_spots(tree)):
        if isinstance(item, ast.stmt) != statements:
            continue
        old = getattr(node, field)
        if at is not None:
            # Earlier attempts may have moved it.
            at = next((i for i, other in enumerate(old) if other is item), None)
            if at is None:
                continue
        elif old is not item:
            continue
        for new in _simpler(item):
            if at is None:
                if not isinstance(new, ast.AST):
                    continue
                value = new
            elif isinstance(new, list) or new is None:
                value = old[:at] + (new or []) + old[at + 1:]
                if not value and field == "body":
                    if isinstance(item, ast.Pass):
                        continue
                    value = [ast.Pass()]
            else:
                value = old[:at] + [new] + old[at + 1:]
            setattr(node, field, value)
            yield
            if getattr(node, field) is value and not getattr(tree, "kept", False):
                setattr(node, field, old)
            else:
                tree.kept = False
                break


def reduce(source, shows, limit=4000):
    """The source, smaller, as long as `shows(source)`."""
    tries = 0
    source = _halves(source, shows)
    while True:
        before = source
        for statements in (True, False):
            tree = ast.parse(source)
            for _ in _attempts(tree, statements):
                try:
                    text = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
                    compile(text, "reduced", "exec")
                except (SyntaxError, ValueError, TypeError, AttributeError, RecursionError):
                    continue
                tries += 1
                if tries > limit:
                    return source
                if len(text) < len(source) and shows(text):
                    source = text
                    tree.kept = True
        if source == before:
            return source


def _halves(source, shows):
    """Top level statements first, many at once."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return source
    text = ast.unparse(ast.Module(body, [])) + "\n"
    if not shows(text):
        return source
    size = len(body) // 2
    while size:
        at = 0
        while at < len(body):
            shorter = body[:at] + body[at + size:]
            text = ast.unparse(ast.Module(shorter, [])) + "\n"
            if shorter and shows(text):
                body = shorter
            else:
                at += size
        size //= 2
    return ast.unparse(ast.Module(body, [])) + "\n"
