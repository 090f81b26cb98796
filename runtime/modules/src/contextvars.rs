//! `_contextvars`: context variables (PEP 567).
//!
//! A context is a dictionary from variables to values. A copy shares it until one of
//! the two is changed, so that copying, which `asyncio` does for each task and each
//! callback, costs one small object.

use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{
    Class, ClassFlags, GetSetDef, MemberDef, MethodDef, ModuleDef, TypeDef, slots,
};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::protocol::this;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// A mapping of context variables to values.
#[repr(C)]
pub struct Context {
    pub header: Header,
    values: GcField<Dict>,
    /// Another context or an iterator has the same dictionary.
    shared: Cell<bool>,
    entered: Cell<bool>,
    /// The context that this one was entered from.
    previous: Field,
}

heap_object!(Context, "Context", Kind::Other, |this, marker| {
    marker.gc_field(&this.values);
    marker.field(&this.previous);
});

/// A context variable.
#[repr(C)]
pub struct ContextVar {
    pub header: Header,
    name: Field,
    default: Field,
}

heap_object!(ContextVar, "ContextVar", Kind::Other, |this, marker| {
    marker.field(&this.name);
    marker.field(&this.default);
});

/// What `ContextVar.set` returns.
#[repr(C)]
pub struct Token {
    pub header: Header,
    context: GcField<Context>,
    var: GcField<ContextVar>,
    /// The value from before, if there was one.
    old: Field,
    used: Cell<bool>,
}

heap_object!(Token, "Token", Kind::Other, |this, marker| {
    marker.gc_field(&this.context);
    marker.gc_field(&this.var);
    marker.field(&this.old);
});

/// The type of `Token.MISSING`.
#[repr(C)]
pub struct Missing {
    pub header: Header,
}

heap_object!(Missing, "Token.MISSING", Kind::Other, |this, marker| {});

fn new_context(vm: &Vm, values: Option<Gc<Dict>>) -> Result<Gc<Context>> {
    let context = Context {
        header: Header::empty(),
        values: match values {
            Some(values) => GcField::new(values),
            None => GcField::empty(),
        },
        shared: Cell::new(values.is_some()),
        entered: Cell::new(false),
        previous: Field::empty(),
    };
    let class = vm.class_of_def(&CONTEXT)?;
    Ok(vm.heap.alloc(class.root_shape.get(), context))
}

/// Makes a context, or none, that of the running thread.
fn enter(vm: &Vm, context: Option<Value>) {
    vm.thread().context.set(context);
    vm.thread().note_variables();
}

/// The context of the running thread.
pub fn current(vm: &Vm) -> Result<Gc<Context>> {
    let thread = vm.thread();
    if let Some(context) = thread.context.get().and_then(|c| c.cast::<Context>()) {
        return Ok(context);
    }
    let context = new_context(vm, None)?;
    context.entered.set(true);
    enter(vm, Some(context.value()));
    Ok(context)
}

/// `copy_context()`.
pub fn copy_current(vm: &Vm) -> Result<Gc<Context>> {
    duplicate(vm, current(vm)?)
}

impl Context {
    fn get(&self, vm: &Vm, var: Value) -> Result<Option<Value>> {
        match self.values.get() {
            Some(values) => values.get(vm, var),
            None => Ok(None),
        }
    }

    fn len(&self) -> usize {
        self.values.get().map_or(0, |values| values.len())
    }

    /// The dictionary, for a change.
    fn own(&self, vm: &Vm) -> Result<Gc<Dict>> {
        let values = match self.values.get() {
            Some(values) if !self.shared.get() => return Ok(values),
            Some(values) => values.copy(vm)?,
            None => vm.new_dict(),
        };
        self.values.set(&self.header, values);
        self.shared.set(false);
        Ok(values)
    }

    /// The dictionary, for an iterator that shall not see changes.
    fn share(&self, vm: &Vm) -> Result<Gc<Dict>> {
        let values = match self.values.get() {
            Some(values) => values,
            None => self.own(vm)?,
        };
        self.shared.set(true);
        Ok(values)
    }
}

/// A context that a thread is in, until this is dropped.
struct Entered<'vm>(&'vm Vm, Gc<Context>);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        let Entered(vm, context) = self;
        enter(vm, context.previous.get());
        context.previous.clear();
        context.entered.set(false);
    }
}

/// A copy, which shares the dictionary until one of them is changed.
fn duplicate(vm: &Vm, context: Gc<Context>) -> Result<Gc<Context>> {
    let values = context.values.get();
    context.shared.set(values.is_some());
    new_context(vm, values)
}

/// Calls in a context.
///
/// # Errors
/// RuntimeError if it is entered already; what the call raises.
pub fn run_in(
    vm: &Vm,
    context: Gc<Context>,
    callable: Value,
    args: &[Value],
    names: Option<Gc<Tuple>>,
) -> Result {
    if context.entered.get() {
        let text = vm.repr_text(context.value())?;
        return Err(vm.runtime_error(format!("cannot enter context: {text} is already entered")));
    }
    let thread = vm.thread();
    match thread.context.get() {
        Some(previous) => context.previous.set(&context.header, previous),
        None => context.previous.clear(),
    }
    context.entered.set(true);
    enter(vm, Some(context.value()));
    let _entered = Entered(vm, context);
    vm.call_with(callable, args, names)
}

fn context_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    if args.len() > 1 || names.is_some_and(|n| !n.is_empty()) {
        return Err(vm.type_error("Context() does not accept any arguments"));
    }
    Ok(new_context(vm, None)?.value())
}

fn context_run(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let count = names.map_or(0, |n| n.len());
    if args.len() - count < 2 {
        return Err(vm.type_error("run() missing 1 required positional argument"));
    }
    run_in(vm, this(args[0]), args[1], &args[2..], names)
}

fn context_copy(vm: &Vm, args: &[Value]) -> Result {
    Ok(duplicate(vm, this(args[0]))?.value())
}

/// TypeError unless the key is a variable.
fn check_var(vm: &Vm, v: Value) -> Result<()> {
    if v.cast::<ContextVar>().is_some() {
        return Ok(());
    }
    let text = vm.repr_text(v)?;
    Err(vm.type_error(format!("a ContextVar key was expected, got {text}")))
}

fn context_getitem(vm: &Vm, args: &[Value]) -> Result {
    check_var(vm, args[1])?;
    match this::<Context>(args[0]).get(vm, args[1])? {
        Some(v) => Ok(v),
        None => Err(vm.key_error(args[1])),
    }
}

fn context_contains(vm: &Vm, args: &[Value]) -> Result {
    check_var(vm, args[1])?;
    let found = this::<Context>(args[0]).get(vm, args[1])?;
    Ok(Value::bool(found.is_some()))
}

fn context_get(vm: &Vm, args: &[Value]) -> Result {
    check_var(vm, args[1])?;
    let found = this::<Context>(args[0]).get(vm, args[1])?;
    Ok(found.or(args[2].given()).unwrap_or(Value::NONE))
}

fn context_len(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(this::<Context>(args[0]).len() as i64))
}

fn context_eq(vm: &Vm, args: &[Value]) -> Result {
    let (a, Some(b)) = (this::<Context>(args[0]), args[1].cast::<Context>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if a.len() != b.len() {
        return Ok(Value::FALSE);
    }
    let (x, y) = (a.share(vm)?.value(), b.share(vm)?.value());
    Ok(Value::bool(vm.equal(x, y)?))
}

/// An iterator over a view of what the context holds now.
fn iterate(vm: &Vm, context: Value, view: &str) -> Result {
    let values = this::<Context>(context).share(vm)?.value();
    let view = vm.call_method(values, view, &[])?;
    vm.iter(view)
}

/// `Context`.
pub static CONTEXT: TypeDef = TypeDef {
    module: "_contextvars",
    flags: ClassFlags::WEAKREFS,
    methods: &[
        slots::new(context_new),
        MethodDef::new(
            "__getitem__",
            "(self, key, /)",
            "Return self[key].",
            context_getitem,
        ),
        MethodDef::new(
            "__contains__",
            "(self, key, /)",
            "Return bool(key in self).",
            context_contains,
        ),
        MethodDef::new("__len__", "(self, /)", "Return len(self).", context_len),
        MethodDef::new(
            "__eq__",
            "(self, value, /)",
            "Return self==value.",
            context_eq,
        ),
        MethodDef::new(
            "__iter__",
            "(self, /)",
            "Implement iter(self).",
            |vm, args| iterate(vm, args[0], "keys"),
        ),
        MethodDef::new(
            "keys",
            "(self, /)",
            "Return a list of all variables in the context object.",
            |vm, args| iterate(vm, args[0], "keys"),
        ),
        MethodDef::new(
            "values",
            "(self, /)",
            "Return a list of all variables' values in the context object.",
            |vm, args| iterate(vm, args[0], "values"),
        ),
        MethodDef::new(
            "items",
            "(self, /)",
            "Return all variables and their values in the context object.\n\n\
             The result is returned as a list of 2-tuples (variable, value).",
            |vm, args| iterate(vm, args[0], "items"),
        ),
        MethodDef::new(
            "get",
            "(self, key, default=None, /)",
            "Return the value for `key` if `key` has the value in the context object.\n\n\
             If `key` does not exist, return `default`. If `default` is not given,\nreturn None.",
            context_get,
        ),
        MethodDef::new(
            "copy",
            "(self, /)",
            "Return a shallow copy of the context object.",
            context_copy,
        ),
        MethodDef::raw(
            "run",
            "(self, callable, /, *args, **kwargs)",
            "",
            context_run,
        ),
    ],
    ..TypeDef::new("Context", <Context as Object>::LAYOUT)
};

fn var_new(vm: &Vm, args: &[Value]) -> Result {
    if args[1].cast::<Str>().is_none() {
        return Err(vm.type_error("context variable name must be a str"));
    }
    // Those of subclasses may refuse.
    vm.hash(args[1])?;
    let var = ContextVar {
        header: Header::empty(),
        name: Field::new(args[1]),
        default: Field::opt(args[2].given()),
    };
    let class = vm.class_of_def(&CONTEXT_VAR)?;
    Ok(vm.heap.alloc(class.root_shape.get(), var).value())
}

fn var_get(vm: &Vm, args: &[Value]) -> Result {
    let var = this::<ContextVar>(args[0]);
    let context = vm.thread().context.get().and_then(|c| c.cast::<Context>());
    if let Some(context) = context
        && let Some(value) = context.get(vm, args[0])?
    {
        return Ok(value);
    }
    match args[1].given().or(var.default.get()) {
        Some(value) => Ok(value),
        None => Err(vm.raise_with(vm.exception_class(&exc::LOOKUP_ERROR), &[args[0]])),
    }
}

fn var_set(vm: &Vm, args: &[Value]) -> Result {
    let context = current(vm)?;
    let values = context.own(vm)?;
    let token = Token {
        header: Header::empty(),
        context: GcField::new(context),
        var: GcField::new(this::<ContextVar>(args[0])),
        old: Field::opt(values.get(vm, args[0])?),
        used: Cell::new(false),
    };
    let class = vm.class_of_def(&TOKEN)?;
    let token = vm.heap.alloc(class.root_shape.get(), token);
    values.set(vm, args[0], args[1])?;
    vm.thread().note_variables();
    Ok(token.value())
}

/// A new variable.
///
/// # Errors
/// MemoryError.
pub fn new_variable(vm: &Vm, name: &str) -> Result {
    let name = vm.new_str(name).value();
    var_new(vm, &[Value::NONE, name, Value::MISSING])
}

/// A variable's value in the running thread, without its default.
///
/// # Errors
/// MemoryError.
pub fn value_of(vm: &Vm, var: Value) -> Result<Option<Value>> {
    let context = vm.thread().context.get().and_then(|c| c.cast::<Context>());
    match context {
        Some(context) => context.get(vm, var),
        None => Ok(None),
    }
}

/// Sets a variable in the running thread.
///
/// # Errors
/// MemoryError.
pub fn set_value(vm: &Vm, var: Value, value: Value) -> Result<()> {
    let values = current(vm)?.own(vm)?;
    values.set(vm, var, value)?;
    vm.thread().note_variables();
    Ok(())
}

fn reset(vm: &Vm, var: Gc<ContextVar>, token: Gc<Token>) -> Result<()> {
    let wrong =
        |what: &str| -> Result<String> { Ok(format!("{} {what}", vm.repr_text(token.value())?)) };
    if token.used.get() {
        return Err(vm.runtime_error(wrong("has already been used once")?));
    }
    if token.var.get() != Some(var) {
        return Err(vm.value_error(wrong("was created by a different ContextVar")?));
    }
    let context = current(vm)?;
    vm.thread().note_variables();
    if token.context.get() != Some(context) {
        return Err(vm.value_error(wrong("was created in a different Context")?));
    }
    token.used.set(true);
    let values = context.own(vm)?;
    match token.old.get() {
        Some(old) => values.set(vm, var.value(), old),
        None => values.remove(vm, var.value()).map(|_| ()),
    }
}

fn var_reset(vm: &Vm, args: &[Value]) -> Result {
    let Some(token) = args[1].cast::<Token>() else {
        let text = vm.repr_text(args[1])?;
        return Err(vm.type_error(format!("expected an instance of Token, got {text}")));
    };
    reset(vm, this(args[0]), token)?;
    Ok(Value::NONE)
}

fn var_repr(vm: &Vm, args: &[Value]) -> Result {
    let var = this::<ContextVar>(args[0]);
    let name = vm.repr_text(var.name.or_none())?;
    let default = match var.default.get() {
        Some(v) => format!(" default={}", vm.repr_text(v)?),
        None => String::new(),
    };
    let address = vm.id(args[0]);
    let text = format!("<ContextVar name={name}{default} at {address:#x}>");
    Ok(vm.new_str(&text).value())
}

/// `ContextVar`.
pub static CONTEXT_VAR: TypeDef = TypeDef {
    module: "_contextvars",
    generic: true,
    flags: ClassFlags::WEAKREFS,
    methods: &[
        MethodDef::new(
            "__new__",
            "(cls, name, /, *, default=<unrepresentable>)",
            "Create and return a new object.  See help(type) for accurate signature.",
            var_new,
        )
        .static_(),
        slots::repr(var_repr),
        MethodDef::new(
            "get",
            "(self, default=<unrepresentable>, /)",
            "Return a value for the context variable for the current context.\n\n\
             If there is no value for the variable in the current context, the method will:\n \
             * return the value of the default argument of the method, if provided; or\n \
             * return the default value for the context variable, if it was created\n   \
             with one; or\n * raise a LookupError.",
            var_get,
        ),
        MethodDef::new(
            "set",
            "(self, value, /)",
            "Call to set a new value for the context variable in the current context.\n\n\
             The required *value* argument is the new value for the context variable.\n\n\
             Returns a Token object that can be used to restore the variable to its previous\n\
             value via the `ContextVar.reset()` method.",
            var_set,
        ),
        MethodDef::new(
            "reset",
            "(self, token, /)",
            "Reset the context variable.\n\n\
             The variable is reset to the value it had before the `ContextVar.set()` that\n\
             created the token was used.",
            var_reset,
        ),
    ],
    members: &[MemberDef {
        name: "name",
        doc: "",
        offset: std::mem::offset_of!(ContextVar, name),
        readonly: true,
        none_if_empty: true,
    }],
    ..TypeDef::new("ContextVar", <ContextVar as Object>::LAYOUT)
};

fn token_new(vm: &Vm, _: &[Value], _: Option<Gc<Tuple>>) -> Result {
    Err(vm.runtime_error("Tokens can only be created by ContextVars"))
}

fn token_repr(vm: &Vm, args: &[Value]) -> Result {
    let token = this::<Token>(args[0]);
    let used = if token.used.get() { " used" } else { "" };
    let var = token.var.get().map_or(Value::NONE, |v| v.value());
    let var = vm.repr_text(var)?;
    let address = vm.id(args[0]);
    let text = format!("<Token{used} var={var} at {address:#x}>");
    Ok(vm.new_str(&text).value())
}

fn token_old_value(vm: &Vm, v: Value) -> Result {
    match this::<Token>(v).old.get() {
        Some(old) => Ok(old),
        None => vm.get_attr(vm.class_of(v).value(), vm.intern("MISSING")),
    }
}

fn token_exit(vm: &Vm, args: &[Value]) -> Result {
    let token = this::<Token>(args[0]);
    if let Some(var) = token.var.get() {
        reset(vm, var, token)?;
    }
    Ok(Value::NONE)
}

fn finish_token(vm: &Vm, class: Gc<Class>) -> Result<()> {
    let missing = Missing {
        header: Header::empty(),
    };
    let shape = vm.class_of_def(&MISSING)?.root_shape.get();
    let missing = vm.heap.alloc(shape, missing).value();
    let namespace = class.namespace();
    namespace.set_str(vm, vm.intern("MISSING"), missing);
    // Nor can tokens be keys.
    namespace.set_str(vm, vm.intern("__hash__"), Value::NONE);
    Ok(())
}

/// `Token`.
pub static TOKEN: TypeDef = TypeDef {
    module: "_contextvars",
    generic: true,
    methods: &[
        slots::new(token_new),
        slots::repr(token_repr),
        MethodDef::new(
            "__enter__",
            "(self, /)",
            "Enter into Token context manager.",
            |_, args| Ok(args[0]),
        ),
        MethodDef::new(
            "__exit__",
            "(self, type, value, traceback, /)",
            "Exit from Token context manager, restore the linked ContextVar.",
            token_exit,
        ),
    ],
    getset: &[
        GetSetDef {
            name: "var",
            doc: "",
            get: |_, v| {
                Ok(this::<Token>(v)
                    .var
                    .get()
                    .map_or(Value::NONE, |v| v.value()))
            },
            set: None,
        },
        GetSetDef {
            name: "old_value",
            doc: "",
            get: token_old_value,
            set: None,
        },
    ],
    finish: Some(finish_token),
    ..TypeDef::new("Token", <Token as Object>::LAYOUT)
};

/// The type of `Token.MISSING`.
pub static MISSING: TypeDef = TypeDef {
    methods: &[slots::repr(|vm, _| {
        Ok(vm.new_str("<Token.MISSING>").value())
    })],
    ..TypeDef::new("Token.MISSING", <Missing as Object>::LAYOUT)
};

/// `_contextvars`.
pub static CONTEXTVARS: ModuleDef = ModuleDef {
    name: "_contextvars",
    doc: "Context Variables",
    functions: &[MethodDef::new("copy_context", "()", "", |vm, _| {
        Ok(copy_current(vm)?.value())
    })],
    types: &[&CONTEXT, &CONTEXT_VAR, &TOKEN],
    exec: None,
};
