//! What `--help` and its like print: every option and variable, shortly.

/// `--help`, behind the usage line.
pub const OPTIONS: &str = "\
Options (and corresponding environment variables):
-b     : issue warnings about converting bytes/bytearray to str and comparing
         bytes/bytearray with str or bytes with int (-bb: raise errors)
-B     : don't write .pyc files on import; also PYTHONDONTWRITEBYTECODE=x
-c cmd : program passed in as string (terminates option list)
-d     : turn on parser debugging output; also PYTHONDEBUG=x
-E     : ignore PYTHON* environment variables
-h     : print this help message and exit (also -? or --help)
-i     : inspect interactively after running script, also where standard input
         is no terminal; also PYTHONINSPECT=x
-I     : isolate from the user's environment (implies -E, -P and -s)
-m mod : run library module as a script (terminates option list)
-O     : remove assert and __debug__-dependent statements; also PYTHONOPTIMIZE=x
-OO    : do -O changes and also discard docstrings
-P     : don't prepend a potentially unsafe path to sys.path; also PYTHONSAFEPATH
-q     : don't print version and copyright messages on interactive startup
-s     : don't add user site directory to sys.path; also PYTHONNOUSERSITE=x
-S     : don't imply 'import site' on initialization
-u     : force the stdout and stderr streams to be unbuffered; also PYTHONUNBUFFERED=x
-v     : verbose (trace import statements); also PYTHONVERBOSE=x
-V     : print the Python version number and exit (also --version; -VV: more)
-W arg : warning control, as action:message:category:module:lineno;
         also PYTHONWARNINGS=arg
-x     : skip first line of source, allowing use of non-Unix forms of #!cmd
-X opt : set implementation-specific option (see --help-xoptions)
--check-hash-based-pycs always|default|never:
         how importlib is to treat the .pyc files that go by the source's hash
--jit=PARAMETERS: parameters of the JIT; `--jit off` runs without it
--help-env: print help about Python environment variables and exit
--help-xoptions: print help about implementation-specific -X options and exit
--help-all: print complete help information and exit

Arguments:
file   : program read from script file
-      : program read from stdin (default; interactive mode if a tty)
arg ...: arguments passed to program in sys.argv[1:]
";

/// `--help-env`.
pub const ENVIRONMENT: &str = "\
Environment variables that change behavior:
PYTHONASYNCIODEBUG : enable asyncio debug mode
PYTHON_BASIC_REPL  : use the prompt without editing
PYTHONBREAKPOINT   : what breakpoint() calls; 0 disables it
PYTHON_COLORS      : 1 colours output, 0 does not
PYTHONHASHSEED     : 'random', or an integer in range [0; 4294967295] for
                     predictable hashes of str and bytes
PYTHON_HISTORY     : where the prompt's history is kept
PYTHONIOENCODING   : encoding[:errors] used for stdin/stdout/stderr
PYTHONPATH         : ':'-separated directories before the default search path
PYTHONSTARTUP      : file executed on interactive startup (no default)
PYTHONUSERBASE     : the user base directory (site.USER_BASE)
TAIPAN_JIT         : parameters of the JIT, as --jit takes them
PYTHON_JIT         : 0 runs without the JIT

These variables have equivalent command-line options (see --help for details):
PYTHON_CONTEXT_AWARE_WARNINGS: warnings filters by context (-X context_aware_warnings)
PYTHON_CPU_COUNT              : what os.cpu_count() returns (-X cpu_count)
PYTHONDEBUG                   : parser debugging (-d)
PYTHONDEVMODE                 : development mode (-X dev)
PYTHONDONTWRITEBYTECODE       : don't write .pyc files (-B)
PYTHONFAULTHANDLER            : tracebacks at crashes (-X faulthandler)
PYTHON_GIL                    : only 1 is possible (-X gil)
PYTHONINSPECT                 : the prompt after the program (-i)
PYTHONINTMAXSTRDIGITS         : limit of int<->str conversions (-X int_max_str_digits)
PYTHONNODEBUGRANGES           : no columns in code objects (-X no_debug_ranges)
PYTHONNOUSERSITE              : no user site directory (-s)
PYTHONOPTIMIZE                : optimisation (-O)
PYTHONPROFILEIMPORTTIME       : times of imports (-X importtime)
PYTHONPYCACHEPREFIX           : where .pyc files are written (-X pycache_prefix)
PYTHONSAFEPATH                : no unsafe path on sys.path (-P)
PYTHON_THREAD_INHERIT_CONTEXT : threads inherit context variables (-X thread_inherit_context)
PYTHONTRACEMALLOC             : trace allocations (-X tracemalloc)
PYTHONUNBUFFERED              : unbuffered stdout and stderr (-u)
PYTHONUTF8                    : UTF-8 mode (-X utf8)
PYTHONVERBOSE                 : trace imports (-v)
PYTHONWARNDEFAULTENCODING     : warn of default encodings (-X warn_default_encoding)
PYTHONWARNINGS                : warning filters (-W)
";

/// `--help-xoptions`.
pub const X_OPTIONS: &str = "\
The following implementation-specific options are available:
-X context_aware_warnings=[0|1]: whether warnings filters belong to the context
-X cpu_count=N: what os.cpu_count() returns; `default` for what the system says
-X dev: development mode: more checks at run time
-X faulthandler: write the Python traceback at crashes
-X frozen_modules=[on|off]: accepted; the library is in the program either way
-X gcstress: collect at every allocation, to find references that nothing roots
-X importtime[=2]: how long each import takes; 2 also tells of modules that are there
-X int_max_str_digits=N: limit of int<->str conversions; 0 for none
-X jitlog=FILE: write what the JIT compiles and why guards fail to a file
-X maxheap=SIZE: raise MemoryError beyond so many bytes (with K, M or G behind)
-X no_debug_ranges: show no columns of code
-X pycache_prefix=PATH: write .pyc files to a parallel tree
-X thread_inherit_context=[0|1]: whether threads inherit context variables
-X tracemalloc[=N]: trace allocations, with N frames each (default: 1)
-X utf8[=0|1]: enable (1) or disable (0) UTF-8 mode
-X warn_default_encoding: warn where a text file is opened without an encoding
";
