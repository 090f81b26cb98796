# Warnings of the compiler that filters make errors: their places, in the columns that CPython reckons.
import warnings, sys, io
def t(src, mode='exec', cat=SyntaxWarning):
    with warnings.catch_warnings():
        warnings.simplefilter('error', cat)
        try: compile(src, 'f.py', mode)
        except SyntaxError as e: print(repr(src), type(e).__name__, e.msg, e.lineno, e.offset, e.end_lineno, e.end_offset, repr(e.text), e.filename)
        except Warning as e: print(repr(src), type(e), e)
for s in [r'"\d"', r'x = "\d"', '\n\nx = "abc\\d"', r'f"\d{1}\q"', r'f"{1}\q"', r'b"\d"', '"""\n\n\\d\n"""', r'"\777"', r'b"\777"', r'"a" "\d"', 'x=[1,\n "\\d"]', '"""a\n\\d\n\\e"""', r't"\d{1}\q"', 'f"""\n{1}\n \\q"""', "x = 1\ny = '\\ \\q'", r'"\8"', "'éé\\d'", "def f():\n  return '\\d'", r"f'{x:\d}'", r"rb'\d' b'\q'",
  '1 is 1', 'assert (1, 2)', '"a" is x','\n\n  1()' , '1()', '[1][1,2]', '[1]["a"]','0or 1', '1if 1 else 2', '0x1for x in ()', '1.0e3in x',
  'def f():\n  try: pass\n  finally: return 1', 'for x in y:\n  try: pass\n  finally:\n    break']:
    t(s)
def w(src):
    with warnings.catch_warnings(record=True) as l:
        warnings.simplefilter('always')
        try: compile(src, 'f.py', 'exec')
        except SyntaxError as e: print(e)
        for x in l: print(repr(src), x.category.__name__, x.message, x.lineno, x.filename)
for s in [r'"\d"', r'x = "\d"', '\n\nx = "abc\\d"', r'f"\d{1}\q"', r'f"{1}\q"', r'b"\d"', '"""\n\n\\d\n"""', r'"\777"', r'b"\777"', r'"a" "\d"', 'x=[1,\n "\\d"]', '"""a\n\\d\n\\e"""', r't"\d{1}\q"', 'f"""\n{1}\n \\q"""', "x = 1\ny = '\\ \\q'", r'"\8"', "'éé\\d'", "def f():\n  return '\\d'", r"f'{x:\d}'", r"rb'\d' b'\q'"]: w(s)
