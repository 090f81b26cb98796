# What tools ask of code and of modules: the imports of a program, and files of the library.
import dis
import textwrap

code = compile("import a.b, c as d\nfrom ..e import f, g\nfrom h import *\nx = 1\nglobal y\ny = 2\nx = 3\n", "f", "exec")
print(list(dis._find_imports(code)))
print(list(dis._find_store_names(code)))
loader = textwrap.__spec__.loader
print(loader.get_filename("textwrap") == textwrap.__file__)
try:
    loader.get_filename("no_such_module")
except ImportError as e:
    print("no_such_module" in str(e))
