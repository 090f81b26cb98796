"""Files before the standard library on the search path hide its modules; files behind it do not."""
import importlib
import os
import pkgutil
import sys
import tempfile


def forget(*names):
    for name in list(sys.modules):
        if name.partition(".")[0] in names:
            del sys.modules[name]
    importlib.invalidate_caches()


with tempfile.TemporaryDirectory() as folder:
    def write(name, text):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    write("colorsys.py", "whose = 'mine'\n")
    write("wave/__init__.py", "whose = 'my package'\n")
    write("wave/decoder.py", "whose = 'my submodule'\n")
    write("os.py", "raise RuntimeError('the system comes first')\n")
    write("html/readme.txt", "a folder without __init__ hides nothing\n")

    sys.path.insert(0, folder)
    forget("colorsys", "wave", "html", "json")
    import colorsys
    import wave.decoder
    import html.entities
    import json.decoder
    print(colorsys.whose, wave.whose, wave.decoder.whose)
    print(html.entities.name2codepoint["amp"], hasattr(json.decoder, "JSONDecoder"))
    print(os.path.samefile(colorsys.__file__, os.path.join(folder, "colorsys.py")))
    try:
        import wave.encoder
    except ModuleNotFoundError as e:
        print(e)

    # Written after the first look into the folder.
    write("graphlib.py", "whose = 'late'\n")
    forget("graphlib")
    import graphlib
    print(graphlib.whose)

    # Behind the library: nothing is hidden.
    sys.path.remove(folder)
    sys.path.append(folder)
    forget("colorsys", "wave", "graphlib")
    import colorsys
    import graphlib
    print(hasattr(colorsys, "whose"), hasattr(graphlib, "whose"))

    # Finders are made anew, and a folder that is not there is passed over.
    sys.path.insert(0, os.path.join(folder, "missing"))
    sys.path_importer_cache.clear()
    forget("colorsys", "graphlib")
    import colorsys
    print(hasattr(colorsys, "whose"), importlib.util.find_spec("colorsys").name)

    # A relative entry.
    os.chdir(folder)
    sys.path.insert(0, "")
    forget("colorsys")
    import colorsys
    print(colorsys.whose)
    os.chdir("/")
    sys.path[:] = [p for p in sys.path if p and not p.startswith(folder)]

# The modules of a package of the library are listed.
import email
names = [m.name for m in pkgutil.iter_modules(email.__path__, "email.")]
print("email.message" in names, "email.mime" in names, any("charset" in n for n in names))
print({m.ispkg for m in pkgutil.iter_modules(email.__path__) if m.name == "mime"})

# Without the library on the path, it is not found.
forget("colorsys")
kept, sys.path[:] = sys.path[:], []
try:
    import colorsys
except ModuleNotFoundError as e:
    print(e)
sys.path[:] = kept
import colorsys
print(hasattr(colorsys, "rgb_to_hsv"))
