"""Lists made before the program starts hold what they should, whenever garbage is collected."""
import posix
import sys

for name in "argv", "orig_argv", "warnoptions", "path", "builtin_module_names", "stdlib_module_names":
    print(name, {type(item).__name__ for item in getattr(sys, name)} <= {"str"})
print({type(item).__name__ for item in posix._have_functions})
