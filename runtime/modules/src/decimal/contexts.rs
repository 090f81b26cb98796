//! `Context`, the views of its flags, and the functions that set a thread's context.

use super::context::{Context, MAX_EMAX, MAX_PREC, MIN_EMIN, Rounding, status};
use super::state::{self, SIGNALS, State};
use crate::common::Parameters;
use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Class, ClassFlags, GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::ops::compare::CompareOp;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::list::List;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// A `Context`.
#[repr(C)]
pub struct ContextObject {
    pub header: Header,
    pub parameters: Cell<Context>,
    pub traps: Cell<u32>,
    pub status: Cell<u32>,
    pub capitals: Cell<bool>,
    /// The attributes `traps` and `flags`, once somebody asked for them.
    traps_view: Field,
    flags_view: Field,
}

heap_object!(
    ContextObject,
    "decimal.Context",
    Kind::Other,
    |this, marker| {
        marker.field(&this.traps_view);
        marker.field(&this.flags_view);
    }
);

/// A view of a context's flags or traps.
#[repr(C)]
pub struct SignalDict {
    pub header: Header,
    context: GcField<ContextObject>,
    of_traps: Cell<bool>,
}

heap_object!(
    SignalDict,
    "decimal.SignalDictMixin",
    Kind::Other,
    |this, marker| {
        marker.gc_field(&this.context);
    }
);

/// What `localcontext()` returns.
#[repr(C)]
pub struct ContextManager {
    pub header: Header,
    local: Field,
    global: Field,
}

heap_object!(
    ContextManager,
    "decimal.ContextManager",
    Kind::Other,
    |this, marker| {
        marker.field(&this.local);
        marker.field(&this.global);
    }
);

const DEFAULT: Context = Context {
    prec: 28,
    emax: 999_999,
    emin: -999_999,
    rounding: Rounding::HalfEven,
    clamp: false,
};
const DEFAULT_TRAPS: u32 = status::INVALID | status::DIVISION_BY_ZERO | status::OVERFLOW;

impl ContextObject {
    /// Notes what happened.
    ///
    /// # Errors
    /// The exception of a condition that is trapped.
    #[inline(always)]
    pub fn note(&self, vm: &Vm, happened: u32) -> Result<()> {
        if happened == 0 {
            return Ok(());
        }
        self.note_any(vm, happened)
    }

    fn note_any(&self, vm: &Vm, happened: u32) -> Result<()> {
        self.status.set(self.status.get() | happened);
        let trapped = happened & (self.traps.get() | status::OUT_OF_MEMORY);
        if trapped != 0 {
            return Err(state::get(vm)?.raise(vm, trapped));
        }
        Ok(())
    }
}

fn alloc(
    vm: &Vm,
    class: Gc<Class>,
    parameters: Context,
    traps: u32,
    status: u32,
    capitals: bool,
) -> Gc<ContextObject> {
    let object = ContextObject {
        header: Header::empty(),
        parameters: Cell::new(parameters),
        traps: Cell::new(traps),
        status: Cell::new(status),
        capitals: Cell::new(capitals),
        traps_view: Field::empty(),
        flags_view: Field::empty(),
    };
    vm.heap.alloc(class.root_shape.get(), object)
}

/// The default context's parameters and traps, as the program left them.
fn defaults(vm: &Vm) -> (Context, u32) {
    let default = state::find(vm)
        .and_then(|s| s.default_context.get())
        .and_then(|v| v.cast::<ContextObject>());
    match default {
        Some(c) => (c.parameters.get(), c.traps.get()),
        None => (DEFAULT, DEFAULT_TRAPS),
    }
}

/// A context for the module: the default one, or the basic or the extended one.
///
/// # Errors
/// MemoryError.
pub fn new_template(vm: &Vm, basic: Option<bool>) -> Result {
    let (parameters, traps) = match basic {
        None => (DEFAULT, DEFAULT_TRAPS),
        Some(true) => (
            Context {
                prec: 9,
                rounding: Rounding::HalfUp,
                ..DEFAULT
            },
            DEFAULT_TRAPS | status::UNDERFLOW | status::CLAMPED,
        ),
        Some(false) => (Context { prec: 9, ..DEFAULT }, 0),
    };
    let class = vm.class_of_def(&CONTEXT)?;
    Ok(alloc(vm, class, parameters, traps, 0, true).value())
}

fn copy(vm: &Vm, context: Gc<ContextObject>, status: u32) -> Result<Gc<ContextObject>> {
    Ok(alloc(
        vm,
        vm.class_of_def(&CONTEXT)?,
        context.parameters.get(),
        context.traps.get(),
        status,
        context.capitals.get(),
    ))
}

/// A copy of the default context without flags, for a thread.
///
/// # Errors
/// TypeError if it is no context.
pub fn copy_of_template(vm: &Vm, template: Value) -> Result<Gc<ContextObject>> {
    copy(vm, checked(vm, template)?, 0)
}

/// A context argument.
///
/// # Errors
/// TypeError for other values.
pub fn checked(vm: &Vm, v: Value) -> Result<Gc<ContextObject>> {
    v.cast()
        .ok_or_else(|| vm.type_error("argument must be a context"))
}

/// An optional context argument, the thread's context if it is None.
///
/// # Errors
/// TypeError for other values.
#[inline]
pub fn optional(vm: &Vm, v: Value) -> Result<(Gc<State>, Gc<ContextObject>)> {
    match v.given_not_none() {
        None => state::current(vm),
        Some(v) => match v.cast() {
            Some(context) => Ok((state::get(vm)?, context)),
            None => Err(vm.type_error("optional argument must be a context")),
        },
    }
}

/// A rounding mode by its name.
///
/// # Errors
/// TypeError for what is none.
pub fn rounding(vm: &Vm, v: Value) -> Result<Rounding> {
    let text = v.cast::<Str>();
    Rounding::ALL
        .into_iter()
        .find(|(_, name)| text.is_some_and(|t| t.is_text(name)))
        .map(|(rounding, _)| rounding)
        .ok_or_else(|| {
            vm.type_error(
                "valid values for rounding are:\n  \
                 [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   \
                 ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]",
            )
        })
}

/// An integer of 64 bits.
fn integer(vm: &Vm, v: Value) -> Result<i64> {
    match v.as_int_ref() {
        Some(IntRef::Small(i)) => Ok(i),
        Some(IntRef::Big(b)) => b
            .to_i64()
            .ok_or_else(|| vm.overflow_error("Python int too large to convert to C ssize_t")),
        None => Err(vm.type_error("an integer is required")),
    }
}

#[cold]
fn invalid_signals(vm: &Vm) -> Raised {
    let message = vm.new_str(
        "valid values for signals are:\n  \
         [InvalidOperation, FloatOperation, DivisionByZero,\n   \
         Overflow, Underflow, Subnormal, Inexact, Rounded,\n   Clamped]",
    );
    vm.raise_with(vm.exception_class(&exc::KEY_ERROR), &[message.value()])
}

#[cold]
fn invalid_dict(vm: &Vm) -> Raised {
    let message = vm.new_str("invalid signal dict").value();
    vm.raise_with(vm.exception_class(&exc::KEY_ERROR), &[message])
}

/// The flags that a dictionary of all signals sets.
fn dict_bits(vm: &Vm, state: &State, dict: Gc<Dict>) -> Result<u32> {
    if dict.len() != SIGNALS.len() {
        return Err(invalid_dict(vm));
    }
    let mut bits = 0;
    for (at, (_, bit)) in SIGNALS.into_iter().enumerate() {
        let Some(on) = dict.get(vm, state.signal(at))? else {
            return Err(invalid_dict(vm));
        };
        if vm.truth(on)? {
            bits |= bit;
        }
    }
    Ok(bits)
}

/// The flags that a value means which is assigned to `traps` or `flags`.
fn assigned_bits(vm: &Vm, v: Value) -> Result<u32> {
    if let Some(view) = v.cast::<SignalDict>() {
        return bits(vm, &view);
    }
    match v.cast::<Dict>() {
        Some(dict) => dict_bits(vm, &*state::get(vm)?, dict),
        None => Err(vm.type_error("argument must be a signal dict")),
    }
}

/// As [`assigned_bits`], or those of a list of signals.
fn argument_bits(vm: &Vm, v: Value) -> Result<u32> {
    let Some(list) = v.cast::<List>() else {
        return assigned_bits(vm, v);
    };
    let state = state::get(vm)?;
    let mut bits = 0;
    for signal in list.as_slice() {
        bits |= state
            .signal_bits(*signal)
            .ok_or_else(|| invalid_signals(vm))?;
    }
    Ok(bits)
}

fn with(c: &ContextObject, change: impl FnOnce(&mut Context)) {
    let mut parameters = c.parameters.get();
    change(&mut parameters);
    c.parameters.set(parameters);
}

type Set = fn(&Vm, &ContextObject, Value) -> Result<()>;

fn set_prec(vm: &Vm, c: &ContextObject, v: Value) -> Result<()> {
    let n = integer(vm, v)?;
    if !(1..=MAX_PREC).contains(&n) {
        return Err(vm.value_error("valid range for prec is [1, MAX_PREC]"));
    }
    with(c, |p| p.prec = n);
    Ok(())
}

fn set_emin(vm: &Vm, c: &ContextObject, v: Value) -> Result<()> {
    let n = integer(vm, v)?;
    if !(MIN_EMIN..=0).contains(&n) {
        return Err(vm.value_error("valid range for Emin is [MIN_EMIN, 0]"));
    }
    with(c, |p| p.emin = n);
    Ok(())
}

fn set_emax(vm: &Vm, c: &ContextObject, v: Value) -> Result<()> {
    let n = integer(vm, v)?;
    if !(0..=MAX_EMAX).contains(&n) {
        return Err(vm.value_error("valid range for Emax is [0, MAX_EMAX]"));
    }
    with(c, |p| p.emax = n);
    Ok(())
}

fn set_rounding(vm: &Vm, c: &ContextObject, v: Value) -> Result<()> {
    let rounding = rounding(vm, v)?;
    with(c, |p| p.rounding = rounding);
    Ok(())
}

fn set_capitals(vm: &Vm, c: &ContextObject, v: Value) -> Result<()> {
    match integer(vm, v)? {
        n @ (0 | 1) => {
            c.capitals.set(n == 1);
            Ok(())
        }
        _ => Err(vm.value_error("valid values for capitals are 0 or 1")),
    }
}

fn set_clamp(vm: &Vm, c: &ContextObject, v: Value) -> Result<()> {
    match integer(vm, v)? {
        n @ (0 | 1) => {
            with(c, |p| p.clamp = n == 1);
            Ok(())
        }
        _ => Err(vm.value_error("valid values for clamp are 0 or 1")),
    }
}

fn set_flags(vm: &Vm, c: &ContextObject, v: Value) -> Result<()> {
    c.status.set(assigned_bits(vm, v)?);
    Ok(())
}

fn set_traps(vm: &Vm, c: &ContextObject, v: Value) -> Result<()> {
    c.traps.set(assigned_bits(vm, v)?);
    Ok(())
}

/// In the order in which they are set.
const SETTERS: [Set; 6] = [
    set_prec,
    set_rounding,
    set_emin,
    set_emax,
    set_capitals,
    set_clamp,
];

/// Sets what of the eight parameters was given.
fn set_all(vm: &Vm, c: &ContextObject, given: &[Value]) -> Result<()> {
    for (set, v) in SETTERS.into_iter().zip(given) {
        if let Some(v) = v.given_not_none() {
            set(vm, c, v)?;
        }
    }
    if let Some(v) = given[7].given_not_none() {
        c.traps.set(argument_bits(vm, v)?);
    }
    if let Some(v) = given[6].given_not_none() {
        c.status.set(argument_bits(vm, v)?);
    }
    Ok(())
}

static INIT: Parameters<8> = Parameters {
    function: "",
    names: [
        "prec", "rounding", "Emin", "Emax", "capitals", "clamp", "flags", "traps",
    ],
    required: 0,
    positional: 8,
    convert: None,
};

fn context_new(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&CONTEXT)?)?;
    let (parameters, traps) = defaults(vm);
    Ok(alloc(vm, class, parameters, traps, 0, true).value())
}

fn context_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let given = INIT.bind(vm, &args[1..], names)?;
    set_all(vm, &this::<ContextObject>(args[0]), &given)?;
    Ok(Value::NONE)
}

/// The names of the signals in a status, as `repr` shows them: by their bits.
fn names(bits: u32) -> String {
    let mut all: Vec<&str> = vec![];
    for at in 0..u32::BITS {
        let bit = bits & 1 << at;
        let signal = SIGNALS.iter().find(|(_, signal)| bit & signal != 0);
        if let Some((name, _)) = signal
            && !all.contains(name)
        {
            all.push(name);
        }
    }
    format!("[{}]", all.join(", "))
}

fn context_repr(vm: &Vm, args: &[Value]) -> Result {
    let c = this::<ContextObject>(args[0]);
    let p = c.parameters.get();
    let text = format!(
        "Context(prec={}, rounding={}, Emin={}, Emax={}, capitals={}, clamp={}, flags={}, traps={})",
        p.prec,
        p.rounding.name(),
        p.emin,
        p.emax,
        u8::from(c.capitals.get()),
        u8::from(p.clamp),
        names(c.status.get()),
        names(c.traps.get()),
    );
    Ok(vm.new_str(&text).value())
}

fn context_copy(vm: &Vm, args: &[Value]) -> Result {
    let c = this::<ContextObject>(args[0]);
    Ok(copy(vm, c, c.status.get())?.value())
}

fn context_reduce(vm: &Vm, args: &[Value]) -> Result {
    let c = this::<ContextObject>(args[0]);
    let state = state::get(vm)?;
    let p = c.parameters.get();
    let flags = state.signal_list(vm, c.status.get())?;
    let traps = state.signal_list(vm, c.traps.get())?;
    let parts = [
        vm.new_int(p.prec),
        vm.intern(p.rounding.name()).value(),
        vm.new_int(p.emin),
        vm.new_int(p.emax),
        Value::small_int(c.capitals.get().into()),
        Value::small_int(p.clamp.into()),
        flags,
        traps,
    ];
    let parts = vm.new_tuple(&parts)?.value();
    vm.pair(vm.class_of(args[0]).value(), parts)
}

fn no_deletion(vm: &Vm, _: &[Value]) -> Result {
    Err(vm.attribute_error("context attributes cannot be deleted"))
}

fn view(vm: &Vm, v: Value, of_traps: bool) -> Result {
    let c = this::<ContextObject>(v);
    let field = if of_traps {
        &c.traps_view
    } else {
        &c.flags_view
    };
    if let Some(view) = field.get() {
        return Ok(view);
    }
    let class = state::get(vm)?.signal_dict.get();
    let class = class
        .and_then(|v| v.cast::<Class>())
        .ok_or_else(|| vm.runtime_error("_decimal is not imported"))?;
    let object = SignalDict {
        header: Header::empty(),
        context: GcField::new(c),
        of_traps: Cell::new(of_traps),
    };
    let view = vm.heap.alloc(class.root_shape.get(), object).value();
    let field = if of_traps {
        &c.traps_view
    } else {
        &c.flags_view
    };
    field.set(&c.header, view);
    Ok(view)
}

macro_rules! attribute {
    ($name:literal, $get:expr, $set:path) => {
        GetSetDef {
            name: $name,
            doc: "",
            get: |vm, v| {
                let get: fn(&Vm, &ContextObject) -> Value = $get;
                Ok(get(vm, &this::<ContextObject>(v)))
            },
            set: Some(|vm, v, new| match new {
                Some(new) => $set(vm, &this::<ContextObject>(v), new),
                None => no_deletion(vm, &[]).map(drop),
            }),
        }
    };
}

/// `Context`.
pub static CONTEXT: TypeDef = TypeDef {
    module: "decimal",
    doc: "What decimal arithmetic is done by: the precision, the bounds of exponents, how results \
          are rounded,\nwhich signals were raised, and which of them raise exceptions.",
    subclassable: true,
    flags: ClassFlags::FULL_NAME,
    methods: taipan_runtime::method_table![
        [
            MethodDef::raw(
                "__new__",
                "(type, /, prec=None, rounding=None, Emin=None, Emax=None, capitals=None, \
                 clamp=None, flags=None, traps=None)",
                "Create and return a new object.  See help(type) for accurate signature.",
                context_new,
            )
            .static_(),
            slots::init(context_init),
            slots::repr(context_repr),
            MethodDef::new(
                "__delattr__",
                "(self, name, /)",
                "Implement delattr(self, name).",
                no_deletion,
            ),
            MethodDef::new("__copy__", "(self, /)", "", context_copy),
            MethodDef::new("__reduce__", "(self, /)", "", context_reduce),
            MethodDef::new(
                "copy",
                "(self, /)",
                "Return a copy of the context.",
                context_copy
            ),
            MethodDef::new(
                "clear_flags",
                "(self, /)",
                "Reset all flags to False.",
                |_, args| {
                    this::<ContextObject>(args[0]).status.set(0);
                    Ok(Value::NONE)
                },
            ),
            MethodDef::new(
                "clear_traps",
                "(self, /)",
                "Set all traps to False.",
                |_, args| {
                    this::<ContextObject>(args[0]).traps.set(0);
                    Ok(Value::NONE)
                },
            ),
            MethodDef::new(
                "Etiny",
                "(self, /)",
                "Return the exponent of the smallest subnormal number.",
                |vm, args| {
                    let c = this::<ContextObject>(args[0]);
                    Ok(vm.new_int(c.parameters.get().etiny()))
                },
            ),
            MethodDef::new(
                "Etop",
                "(self, /)",
                "Return the largest exponent of a number with all digits.",
                |vm, args| {
                    let c = this::<ContextObject>(args[0]);
                    Ok(vm.new_int(c.parameters.get().etop()))
                },
            ),
        ],
        super::context_methods::METHODS,
    ],
    getset: &[
        attribute!(
            "prec",
            |vm, c| vm.new_int(c.parameters.get().prec),
            set_prec
        ),
        attribute!(
            "Emax",
            |vm, c| vm.new_int(c.parameters.get().emax),
            set_emax
        ),
        attribute!(
            "Emin",
            |vm, c| vm.new_int(c.parameters.get().emin),
            set_emin
        ),
        attribute!(
            "rounding",
            |vm, c| vm.intern(c.parameters.get().rounding.name()).value(),
            set_rounding
        ),
        attribute!(
            "capitals",
            |_, c| Value::small_int(c.capitals.get().into()),
            set_capitals
        ),
        attribute!(
            "clamp",
            |_, c| Value::small_int(c.parameters.get().clamp.into()),
            set_clamp
        ),
        GetSetDef {
            name: "traps",
            doc: "",
            get: |vm, v| view(vm, v, true),
            set: Some(|vm, v, new| match new {
                Some(new) => set_traps(vm, &this::<ContextObject>(v), new),
                None => no_deletion(vm, &[]).map(drop),
            }),
        },
        GetSetDef {
            name: "flags",
            doc: "",
            get: |vm, v| view(vm, v, false),
            set: Some(|vm, v, new| match new {
                Some(new) => set_flags(vm, &this::<ContextObject>(v), new),
                None => no_deletion(vm, &[]).map(drop),
            }),
        },
    ],
    ..TypeDef::new("Context", <ContextObject as Object>::LAYOUT)
};

/// The cell that a view shows.
fn cell<'a>(vm: &Vm, view: &'a SignalDict) -> Result<(Gc<ContextObject>, &'a Cell<bool>)> {
    match view.context.get() {
        Some(context) => Ok((context, &view.of_traps)),
        None => Err(vm.value_error("invalid signal dict")),
    }
}

fn bits(vm: &Vm, view: &SignalDict) -> Result<u32> {
    let (context, of_traps) = cell(vm, view)?;
    Ok(if of_traps.get() {
        context.traps.get()
    } else {
        context.status.get()
    })
}

fn set_bits(vm: &Vm, view: &SignalDict, bits: u32) -> Result<()> {
    let (context, of_traps) = cell(vm, view)?;
    if of_traps.get() {
        context.traps.set(bits);
    } else {
        context.status.set(bits);
    }
    Ok(())
}

fn signal_key(vm: &Vm, key: Value) -> Result<u32> {
    state::get(vm)?
        .signal_bits(key)
        .ok_or_else(|| invalid_signals(vm))
}

fn dict_new(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&SIGNAL_DICT_MIXIN)?)?;
    let object = SignalDict {
        header: Header::empty(),
        context: GcField::empty(),
        of_traps: Cell::new(false),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn dict_repr(vm: &Vm, args: &[Value]) -> Result {
    let bits = bits(vm, &this::<SignalDict>(args[0]))?;
    let items: Vec<String> = SIGNALS
        .iter()
        .map(|(name, bit)| {
            let on = if bits & bit != 0 { "True" } else { "False" };
            format!("<class 'decimal.{name}'>:{on}")
        })
        .collect();
    Ok(vm.new_str(&format!("{{{}}}", items.join(", "))).value())
}

fn dict_len(vm: &Vm, args: &[Value]) -> Result {
    bits(vm, &this::<SignalDict>(args[0]))?;
    Ok(Value::small_int(SIGNALS.len() as i64))
}

fn dict_iter(vm: &Vm, args: &[Value]) -> Result {
    bits(vm, &this::<SignalDict>(args[0]))?;
    vm.iter(state::get(vm)?.signal_tuple.or_none())
}

fn dict_getitem(vm: &Vm, args: &[Value]) -> Result {
    let now = bits(vm, &this::<SignalDict>(args[0]))?;
    Ok(Value::bool(now & signal_key(vm, args[1])? != 0))
}

fn dict_setitem(vm: &Vm, args: &[Value]) -> Result {
    let view = this::<SignalDict>(args[0]);
    bits(vm, &view)?;
    let bit = signal_key(vm, args[1])?;
    let on = vm.truth(args[2])?;
    let now = bits(vm, &view)?;
    set_bits(vm, &view, if on { now | bit } else { now & !bit })?;
    Ok(Value::NONE)
}

fn dict_delitem(vm: &Vm, _: &[Value]) -> Result {
    Err(vm.value_error("signal keys cannot be deleted"))
}

fn dict_compare(vm: &Vm, op: CompareOp, a: Value, b: Value) -> Result {
    let now = bits(vm, &this::<SignalDict>(a))?;
    let other = if let Some(view) = b.cast::<SignalDict>() {
        bits(vm, &view)?
    } else if let Some(dict) = b.cast::<Dict>() {
        match dict_bits(vm, &*state::get(vm)?, dict) {
            Ok(bits) => bits,
            Err(_) if vm.raised_is(vm.exception_class(&exc::KEY_ERROR)) => {
                vm.clear_raised();
                return Ok(Value::NOT_IMPLEMENTED);
            }
            Err(raised) => return Err(raised),
        }
    } else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool((now == other) == (op == CompareOp::Eq)))
}

fn dict_copy(vm: &Vm, args: &[Value]) -> Result {
    let bits = bits(vm, &this::<SignalDict>(args[0]))?;
    let state = state::get(vm)?;
    let dict = vm.new_dict();
    for (at, (_, bit)) in SIGNALS.into_iter().enumerate() {
        dict.set(vm, state.signal(at), Value::bool(bits & bit != 0))?;
    }
    Ok(dict.value())
}

/// What `SignalDict` derives from beside `MutableMapping`.
pub static SIGNAL_DICT_MIXIN: TypeDef = TypeDef {
    module: "decimal",
    subclassable: true,
    flags: ClassFlags::FULL_NAME,
    methods: &[
        slots::new(dict_new),
        slots::init(|_, _, _| Ok(Value::NONE)),
        slots::repr(dict_repr),
        slots::len(dict_len),
        slots::iter(dict_iter),
        slots::getitem(dict_getitem),
        slots::setitem(dict_setitem),
        slots::delitem(dict_delitem),
        slots::eq(|vm, args| dict_compare(vm, CompareOp::Eq, args[0], args[1])),
        slots::ne(|vm, args| dict_compare(vm, CompareOp::Ne, args[0], args[1])),
        MethodDef::new("copy", "(self, /)", "", dict_copy),
    ],
    finish: Some(|vm, class| {
        let namespace = class.namespace();
        namespace.set_str(vm, vm.intern("__hash__"), Value::NONE);
        Ok(())
    }),
    ..TypeDef::new("SignalDictMixin", <SignalDict as Object>::LAYOUT)
};

fn manager_enter(vm: &Vm, args: &[Value]) -> Result {
    let local = this::<ContextManager>(args[0]).local.or_none();
    make_current(vm, local)?;
    Ok(local)
}

fn manager_exit(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    make_current(vm, this::<ContextManager>(args[0]).global.or_none())?;
    Ok(Value::NONE)
}

/// The class of [`ContextManager`].
pub static CONTEXT_MANAGER: TypeDef = TypeDef {
    module: "decimal",
    flags: ClassFlags::FULL_NAME,
    methods: &[
        slots::new(|vm, _, _| {
            Err(vm.type_error("cannot create 'decimal.ContextManager' instances"))
        }),
        MethodDef::new("__enter__", "(self, /)", "", manager_enter),
        MethodDef::raw("__exit__", "", "", manager_exit),
    ],
    ..TypeDef::new("ContextManager", <ContextManager as Object>::LAYOUT)
};

/// Makes a context that of the thread, or a copy of it if it is one of the module's.
fn make_current(vm: &Vm, v: Value) -> Result<()> {
    let context = checked(vm, v)?;
    let state = state::get(vm)?;
    let templates = [
        &state.default_context,
        &state.basic_context,
        &state.extended_context,
    ];
    let context = if templates.iter().any(|t| t.get() == Some(v)) {
        copy(vm, context, 0)?
    } else {
        context
    };
    state.set_current(vm, context.value())
}

static LOCAL: Parameters<9> = Parameters {
    function: "",
    names: [
        "ctx", "prec", "rounding", "Emin", "Emax", "capitals", "clamp", "flags", "traps",
    ],
    required: 0,
    positional: 9,
    convert: None,
};

fn local_context(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let (_, global) = state::current(vm)?;
    let given = LOCAL.bind(vm, args, names)?;
    let (_, from) = optional(vm, given[0])?;
    let local = copy(vm, from, from.status.get())?;
    set_all(vm, &local, &given[1..])?;
    let object = ContextManager {
        header: Header::empty(),
        local: Field::new(local),
        global: Field::new(global),
    };
    let class = vm.class_of_def(&CONTEXT_MANAGER)?;
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

/// Largest interchange format, in bits.
pub const MOST_BITS: i64 = 512;

fn ieee_context(vm: &Vm, args: &[Value]) -> Result {
    let bits = integer(vm, args[0])?;
    if bits <= 0 || bits > MOST_BITS || bits % 32 != 0 {
        return Err(vm.value_error(format!(
            "argument must be a multiple of 32, with a maximum of {MOST_BITS}"
        )));
    }
    let emax = 3 << (bits / 16 + 3);
    let parameters = Context {
        prec: 9 * (bits / 32) - 2,
        emax,
        emin: 1 - emax,
        rounding: Rounding::HalfEven,
        clamp: true,
    };
    let class = vm.class_of_def(&CONTEXT)?;
    Ok(alloc(vm, class, parameters, 0, 0, true).value())
}

/// The module's functions.
pub static FUNCTIONS: &[MethodDef] = &[
    MethodDef::new(
        "getcontext",
        "()",
        "Return the context of the running thread.",
        |vm, _| Ok(state::current(vm)?.1.value()),
    ),
    MethodDef::new(
        "setcontext",
        "(context, /)",
        "Make a context that of the running thread.",
        |vm, args| {
            make_current(vm, args[0])?;
            Ok(Value::NONE)
        },
    ),
    MethodDef::raw(
        "localcontext",
        "(ctx=None, **kwargs)",
        "Return a context manager that makes a copy of ctx the current context\n\
         while it is entered; keyword arguments change the copy.",
        local_context,
    ),
    MethodDef::new(
        "IEEEContext",
        "(bits, /)",
        "Return a context for the interchange format of so many bits.",
        ieee_context,
    ),
];
