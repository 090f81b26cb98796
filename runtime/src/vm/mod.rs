//! An interpreter instance: heap, built-in types, names, threads, pending exception.

mod audit;
mod bootstrap;
mod depth;
mod errors;
mod lock;
mod monitoring;
mod names;
mod roots;
mod thread;

pub use audit::AuditHooks;
pub use errors::errno_text;
pub use lock::InterpreterLock;
pub use monitoring::{Event, Monitoring, TOOLS};
pub use names::{Names, Shapes, Types};
pub use roots::RootedVec;
pub use thread::{Breaker, EXIT_WORDS, Thread};

use crate::heap::{Gc, Header, Heap};
use crate::object::{Class, ClassVariables, LookupCache, SharedSites, Special, TypeDef};
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::generator::Generator;
use crate::types::str::{InternTable, Str};
use crate::types::tuple::Tuple;
use crate::value::Value;
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};
use std::sync::atomic::AtomicU32;

/// Entries of the cache before the table of the classes of definitions.
const RECENT_DEFS: usize = 256;
/// The address of a definition and its class.
type RecentDef = Cell<Option<(usize, Gc<Class>)>>;

/// That an exception is pending: it was stored in the machine by whoever made
/// this. One byte short of nothing, so that `Result<Value>` is one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raised(());

/// The result of whatever can raise a Python exception.
pub type Result<T = Value> = std::result::Result<T, Raised>;

/// What happened when a generator was resumed.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Yield(Value),
    Return(Value),
}

/// The part of the interpreter that native code calls.
pub trait Interpreter {
    /// Calls a Python function with positional arguments followed by the values
    /// of the keywords in `names`.
    fn call_function(
        &self,
        vm: &Vm,
        function: Gc<Function>,
        args: &[Value],
        names: Option<Gc<Tuple>>,
    ) -> Result;
    /// Runs code in given namespaces: module bodies, `exec`, class bodies.
    fn run_code(&self, vm: &Vm, function: Gc<Function>, locals: Value) -> Result;
    /// Resumes a generator with a value, or by raising the pending exception if there is none.
    fn resume(&self, vm: &Vm, generator: Gc<Generator>, value: Option<Value>) -> Result<Step>;
    /// Compiles source to a code object: (source, filename, mode, flags, dont_inherit, optimize).
    fn compile(&self, vm: &Vm, request: &CompileRequest) -> Result;
    /// The namespace with the functions that take generators' items, see
    /// [`crate::object::Consumer`].
    fn consumers(&self, vm: &Vm) -> Result<Gc<Dict>>;
    /// The namespace with the steps of iterators, see [`crate::object::TypeDef::step`].
    fn steps(&self, vm: &Vm) -> Result<Gc<Dict>>;
    /// Runs the handlers of signals that arrived, from a call that they interrupted.
    fn check_signals(&self, vm: &Vm) -> Result<()>;

    /// Runs the finalisers of objects that died, unless one is running.
    fn run_finalizers(&self, vm: &Vm);
}

/// What `compile()` was asked for.
pub struct CompileRequest {
    /// `str`, bytes, or an AST node.
    pub source: Value,
    pub filename: Value,
    /// `exec`, `eval`, `single` or `func_type`.
    pub mode: Value,
    pub flags: u32,
    /// -1 for the interpreter's own level.
    pub optimize: i32,
}

/// Implementations that the flags of classes are decided by.
#[derive(Default)]
pub struct Defaults {
    /// `object.__getattribute__`.
    pub getattribute: Cell<Option<Value>>,
    /// `type.__getattribute__`.
    pub type_getattribute: Cell<Option<Value>>,
    /// `object.__setattr__`.
    pub setattr: Cell<Option<Value>>,
    /// `object.__delattr__`.
    pub delattr: Cell<Option<Value>>,
    pub hash: Cell<Option<Value>>,
    /// `object.__init__`.
    pub init: Cell<Option<Value>>,
    /// `object.__new__`.
    pub new: Cell<Option<Value>>,
    /// `BaseException.__init__`.
    pub exception_init: Cell<Option<Value>>,
    /// `BaseException.args`.
    pub exception_args: Cell<Option<Value>>,
    /// `BaseException.__new__`.
    pub exception_new: Cell<Option<Value>>,
}

/// How the program was started: what `sys.flags` and its like show.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub debug: bool,
    pub inspect: bool,
    pub interactive: bool,
    pub optimize: u8,
    pub dont_write_bytecode: bool,
    pub no_user_site: bool,
    pub no_site: bool,
    pub ignore_environment: bool,
    pub verbose: u8,
    pub bytes_warning: u8,
    pub quiet: bool,
    pub isolated: bool,
    pub dev_mode: bool,
    pub utf8_mode: bool,
    /// Code shows no columns.
    pub no_debug_ranges: bool,
    pub safe_path: bool,
    /// What the command line put first on `sys.path`.
    pub script_path: Option<String>,
    pub unbuffered: bool,
    pub warn_options: Vec<String>,
    pub x_options: Vec<(String, Option<String>)>,
    /// `None`: randomised.
    pub hash_seed: Option<u32>,
    pub argv: Vec<std::ffi::OsString>,
    pub orig_argv: Vec<std::ffi::OsString>,
    pub executable: String,
    pub int_max_str_digits: u32,
    /// Frames for `tracemalloc` to note from the start; zero if it is not to run.
    pub tracemalloc: i64,
    /// What `os.cpu_count` is to return; `None`: what the system says.
    pub cpu_count: Option<i32>,
    pub check_hash_based_pycs: PycChecks,
    pub pycache_prefix: Option<String>,
    /// Times of imports are printed; 2: also those of modules that are there.
    pub import_time: u8,
    pub faulthandler: bool,
    pub warn_default_encoding: bool,
    pub context_aware_warnings: bool,
    pub thread_inherit_context: bool,
}

/// `--check-hash-based-pycs`: whether `.pyc` files that go by the source's hash are compared with
/// the source: as each says, all, or none.
#[derive(Clone, Copy, Debug, Default)]
pub enum PycChecks {
    #[default]
    Default,
    Always,
    Never,
}

/// One interpreter. Everything Python code can change hangs on it.
pub struct Vm {
    pub heap: Box<Heap>,
    pub types: Types,
    pub shapes: Shapes,
    pub names: Names,
    pub defaults: Defaults,
    pub settings: RefCell<Settings>,
    pub interned: RefCell<InternTable>,
    pub lookup_cache: LookupCache,
    pub shared_sites: SharedSites,
    pub variables: ClassVariables,
    pub lock: InterpreterLock,
    /// Flags that make running code stop at its next safepoint.
    pub breaker: Breaker,
    /// Changes whenever a class that exists gets a data descriptor, or another way of
    /// attribute access: until then an object's own attribute stays the one to find.
    pub attribute_epoch: Cell<u32>,
    interpreter: Cell<Option<&'static dyn Interpreter>>,
    /// The exception being propagated.
    raised: Cell<Option<Value>>,
    /// The thread that holds the lock.
    thread: Cell<*const Thread>,
    pub threads: RefCell<Vec<Box<Thread>>>,
    /// `sys.modules` and the namespace of `builtins`.
    pub modules: Cell<Option<Gc<Dict>>>,
    pub builtins: Cell<Option<Gc<Dict>>>,
    pub sys_dict: Cell<Option<Gc<Dict>>>,
    /// The built-in `__import__`, and the module `importlib._bootstrap`.
    pub builtin_import: Cell<Option<Value>>,
    /// `sys.getswitchinterval()`, in seconds. The lock's own interval is fixed.
    pub switch_interval: Cell<f64>,
    /// The program has ended; only finalisers run.
    pub finalizing: Cell<bool>,
    /// `all` and `any` as they were made, for calls that the compiler unrolls.
    pub builtin_all: Cell<Option<Value>>,
    pub builtin_any: Cell<Option<Value>>,
    pub importlib: Cell<Option<Value>>,
    specials: RefCell<FxHashMap<Value, Special>>,
    def_classes: RefCell<FxHashMap<usize, Gc<Class>>>,
    /// What was asked of `def_classes` last, by address.
    recent_def_classes: [RecentDef; RECENT_DEFS],
    /// Weak: from an object's address to the references to it; filled by `add_weakref`.
    pub weakrefs: RefCell<FxHashMap<u64, smallvec::SmallVec<[Value; 1]>>>,
    /// Keys of `weakrefs` and bases of classes that gained entries since the last collection.
    new_weakref_keys: RefCell<Vec<u64>>,
    new_bases: RefCell<Vec<Gc<Class>>>,
    rooted: RefCell<Vec<*const RefCell<Vec<Value>>>>,
    /// Weak: `asyncio` tasks that may not have ended.
    pub unfinished: RefCell<Vec<Value>>,
    /// Objects that live as long as the interpreter, for native modules.
    pub permanent: RefCell<Vec<Value>>,
    hash_key: Cell<(u64, u64)>,
    versions: Cell<u32>,
    keys_versions: Cell<u32>,
    function_versions: Cell<u32>,
    /// The depth from which on [`Vm::too_deep`] is asked: `recursion_setting`, or less.
    pub recursion_limit: Cell<u32>,
    /// `sys.getrecursionlimit()`.
    pub recursion_setting: Cell<u32>,
    /// `threading.stack_size()`; 0 for the default.
    pub thread_stack_size: Cell<usize>,
    /// Set when an exception that has nowhere to go should be reported by `sys.unraisablehook`.
    pub async_error: RefCell<Option<Value>>,
    /// Native modules by name.
    pub native_modules: RefCell<FxHashMap<&'static str, &'static crate::object::ModuleDef>>,
    /// By [`crate::object::Consumer`], once loaded; kept alive by `permanent`.
    pub consumers: RefCell<Vec<Gc<Function>>>,
    /// The steps of iterators, once loaded; kept alive in the same way.
    pub steps: RefCell<Option<Gc<Dict>>>,
    /// The JIT's state, which only it reads; null while it is off.
    pub jit: Cell<*const ()>,
    /// The second result of a call from compiled code, or the only one of a call by a way that has
    /// none, to be fetched at once.
    pub second: Cell<u64>,
    /// How many NaNs were made that are not identical with others.
    pub(crate) nans: Cell<u64>,
    /// Hashes of tuples that take long to compute.
    pub(crate) tuple_hashes: crate::ops::hash::TupleHashes,
    pub(crate) keyword_places: crate::object::KeywordPlaces,
    /// Backward jumps after which a loop is hot; never while the JIT is off.
    pub jit_threshold: Cell<u32>,
    /// Calls after which a function is hot; never while the JIT is off.
    pub jit_call_threshold: Cell<u32>,
    /// What `sys.addaudithook` was given.
    audit_hooks: AuditHooks,
    /// What tools asked of `sys.monitoring`.
    pub monitoring: Monitoring,
    /// Set while signals are to be handled: one bit a signal.
    pub pending_signals: std::sync::atomic::AtomicU64,
}

impl Vm {
    /// The class of a value.
    #[inline(always)]
    pub fn class_of(&self, v: Value) -> Gc<Class> {
        match v.header() {
            Some(header) => header.shape().class(),
            None => self.class_of_immediate(v),
        }
    }

    #[inline]
    fn class_of_immediate(&self, v: Value) -> Gc<Class> {
        if v.is_int() {
            self.types.int.get()
        } else if v.is_float() {
            self.types.float.get()
        } else if v.is_bool() {
            self.types.bool.get()
        } else if v.is_none() {
            self.types.none.get()
        } else if v == Value::ELLIPSIS {
            self.types.ellipsis.get()
        } else {
            self.types.not_implemented.get()
        }
    }

    /// `id(v)`.
    pub fn id(&self, v: Value) -> u64 {
        if v.is_object() {
            v.bits()
        } else {
            v.bits().rotate_left(4) & (u64::MAX >> 1)
        }
    }

    /// The interpreter that runs Python code.
    #[inline]
    pub fn interpreter(&self) -> &'static dyn Interpreter {
        match self.interpreter.get() {
            Some(i) => i,
            None => unreachable!("the interpreter is installed at start-up"),
        }
    }

    /// Installs the interpreter.
    pub fn set_interpreter(&self, interpreter: &'static dyn Interpreter) {
        self.interpreter.set(Some(interpreter));
    }

    /// The running thread.
    #[inline(always)]
    pub fn thread(&self) -> &Thread {
        // SAFETY: set when a thread takes the lock; threads are boxed.
        unsafe { &*self.thread.get() }
    }

    /// The special method of a name such as `__add__`.
    pub fn special_of(&self, name: Gc<Str>) -> Option<Special> {
        let text = name.as_ascii()?;
        if !text.starts_with("__") {
            return None;
        }
        self.specials
            .borrow()
            .get(&self.intern_str(name).value())
            .copied()
    }

    /// As [`Vm::special_of`] by Rust text.
    pub fn special_by_name(&self, name: &str) -> Option<Special> {
        name.starts_with("__")
            .then(|| Special::ALL.into_iter().find(|s| s.name() == name))?
    }

    /// The class that a definition describes, made on first use.
    #[inline]
    pub fn class_of_def(&self, def: &'static TypeDef) -> Result<Gc<Class>> {
        let key = def as *const TypeDef as usize;
        match self.recent_def_classes[key / 64 % RECENT_DEFS].get() {
            Some((known, class)) if known == key => Ok(class),
            _ => self.find_class_of_def(def),
        }
    }

    fn find_class_of_def(&self, def: &'static TypeDef) -> Result<Gc<Class>> {
        let key = def as *const TypeDef as usize;
        if let Some(&class) = self.def_classes.borrow().get(&key) {
            self.recent_def_classes[key / 64 % RECENT_DEFS].set(Some((key, class)));
            return Ok(class);
        }
        let base = match def.base {
            Some(base) => self.class_of_def(base)?,
            None => self.types.object.get(),
        };
        let class = Gc::<Class>::from_def(self, def, self.types.type_.get(), Some(base))?;
        self.def_classes.borrow_mut().insert(key, class);
        Ok(class)
    }

    /// Says which class a definition made at start-up became.
    pub fn register_def(&self, def: &'static TypeDef, class: Gc<Class>) {
        let key = def as *const TypeDef as usize;
        self.def_classes.borrow_mut().insert(key, class);
        self.recent_def_classes[key / 64 % RECENT_DEFS].set(Some((key, class)));
    }

    /// A class version never given before.
    pub fn next_class_version(&self) -> u32 {
        let next = self.versions.get().wrapping_add(1);
        if next == 0 {
            self.lookup_cache.clear();
        }
        self.versions.set(next.max(1));
        next.max(1)
    }

    /// A version for a dictionary's keys never given before.
    pub fn next_keys_version(&self) -> u32 {
        let next = self.keys_versions.get().wrapping_add(1).max(1);
        self.keys_versions.set(next);
        next
    }

    /// A version for a function never given before.
    pub fn next_function_version(&self) -> u32 {
        let next = self.function_versions.get().wrapping_add(1).max(1);
        self.function_versions.set(next);
        next
    }

    /// The namespace of built-ins that code with these globals uses; an empty one if
    /// its `__builtins__` is neither a dictionary nor a module, see [`Vm::find_builtin`].
    pub fn builtins_of(&self, globals: Gc<Dict>) -> Gc<Dict> {
        let name = self.names.__builtins__.get();
        match globals.get_str(name) {
            Some(v) => match v.cast::<Dict>() {
                Some(dict) => dict,
                None => match v.cast::<crate::types::module::Module>() {
                    Some(module) => module.dict(),
                    None => self.new_dict(),
                },
            },
            None => self.builtins_dict(),
        }
    }

    /// A built-in of a function's code, which may be in any mapping.
    ///
    /// # Errors
    /// What looking it up raises, KeyError aside.
    pub fn find_builtin(
        &self,
        function: Gc<crate::types::function::Function>,
        name: Gc<Str>,
    ) -> Result<Option<Value>> {
        let builtins = function.builtins();
        if let Some(v) = builtins.get(self, name.value())? {
            return Ok(Some(v));
        }
        let given = function.globals().get_str(self.names.__builtins__.get());
        let Some(mapping) = given.filter(|v| {
            v.cast::<Dict>().is_none() && v.cast::<crate::types::module::Module>().is_none()
        }) else {
            return Ok(None);
        };
        let found = self.get_item(mapping, name.value());
        self.catch(found, &crate::types::exception::classes::KEY_ERROR)
    }

    /// The namespace of the module `builtins`.
    pub fn builtins_dict(&self) -> Gc<Dict> {
        match self.builtins.get() {
            Some(dict) => dict,
            None => unreachable!("builtins are made at start-up"),
        }
    }

    /// Keyed hash of bytes, as for `str` and `bytes`: zero for no bytes, and for nothing else.
    #[inline]
    pub fn hash_bytes(&self, bytes: &[u8]) -> u64 {
        if bytes.is_empty() {
            return 0;
        }
        let (k0, k1) = self.hash_key.get();
        crate::ops::hash::bytes(k0, k1, bytes)
    }

    /// Where flags for running code are set by other threads and signal handlers.
    pub fn breaker_word(&self) -> &AtomicU32 {
        self.breaker.word()
    }

    /// The module `importlib._bootstrap`.
    pub fn import_library(&self) -> Value {
        match self.importlib.get() {
            Some(m) => m,
            None => unreachable!("the import system is set up at start-up"),
        }
    }

    /// Keeps `v` alive for good.
    pub fn keep(&self, v: Value) -> Value {
        self.permanent.borrow_mut().push(v);
        v
    }

    /// The header of a value known to be an object.
    #[inline]
    pub fn header_of(&self, v: Value) -> Option<&'static Header> {
        v.header()
    }
}
