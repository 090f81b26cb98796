# What tools ask of code and of modules: imports of a program, files and classes of the library.
import dis
import importlib.util
import modulefinder
import os
import pyclbr
import sys
import tempfile

code = compile("import a.b, c as d\nfrom ..e import f, g\nfrom h import *\nx = 1\nglobal y\ny = 2\nx = 3\n", "f", "exec")
print(list(dis._find_imports(code)))
print(list(dis._find_store_names(code)))

with tempfile.TemporaryDirectory() as folder:
    os.mkdir(folder + "/pack")
    for name, text in {
        "main.py": "import one, missing\nfrom pack import two\nfrom pack.two import *\n",
        "one.py": "value = 1\n",
        "pack/__init__.py": "",
        "pack/two.py": "from . import three\nfrom .three import absent\nother = 2\n",
        "pack/three.py": "",
    }.items():
        with open(f"{folder}/{name}", "w") as file:
            file.write(text)
    finder = modulefinder.ModuleFinder(path=[folder])
    finder.run_script(folder + "/main.py")
    print(sorted(finder.modules), finder.any_missing_maybe())
    print(sorted(finder.modules["pack.two"].globalnames))

classes = pyclbr.readmodule_ex("textwrap")
print(sorted(classes), classes["TextWrapper"].name)
loader = importlib.util.find_spec("textwrap").loader
print(os.path.basename(loader.get_filename("textwrap")))
package = importlib.util.find_spec("json")
print(package.loader.get_filename("json").endswith("/json/__init__.py"), "sys" in sys.modules)
