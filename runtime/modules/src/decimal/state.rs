//! What the module keeps for an interpreter, and the context that a thread computes in.

use super::contexts::{self, ContextObject};
use super::object::Decimal;
use crate::contextvars;
use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Class, Shape, TypeDef};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

use super::context::status;

/// The signals: names, and the conditions each stands for.
pub const SIGNALS: [(&str, u32); 9] = [
    ("InvalidOperation", status::INVALID),
    ("FloatOperation", status::FLOAT_OPERATION),
    ("DivisionByZero", status::DIVISION_BY_ZERO),
    ("Overflow", status::OVERFLOW),
    ("Underflow", status::UNDERFLOW),
    ("Subnormal", status::SUBNORMAL),
    ("Inexact", status::INEXACT),
    ("Rounded", status::ROUNDED),
    ("Clamped", status::CLAMPED),
];

/// The conditions that make up `InvalidOperation`, by exceptions of their own but for the first.
const CONDITIONS: [(&str, u32); 5] = [
    ("InvalidOperation", status::INVALID_OPERATION),
    ("ConversionSyntax", status::CONVERSION_SYNTAX),
    ("DivisionImpossible", status::DIVISION_IMPOSSIBLE),
    ("DivisionUndefined", status::DIVISION_UNDEFINED),
    ("InvalidContext", status::INVALID_CONTEXT),
];

/// Objects that the module's functions use.
#[repr(C)]
pub struct State {
    pub header: Header,
    shape: Cell<Option<&'static Shape>>,
    pub base_exception: Field,
    signals: [Field; 9],
    conditions: [Field; 5],
    /// All signals, in order.
    pub signal_tuple: Field,
    pub signal_dict: Field,
    pub decimal_tuple: Field,
    pub rational: Field,
    variable: Field,
    pub default_context: Field,
    pub basic_context: Field,
    pub extended_context: Field,
}

heap_object!(State, "decimal state", Kind::Other, |this, marker| {
    for field in this.signals.iter().chain(&this.conditions) {
        marker.field(field);
    }
    for field in [
        &this.base_exception,
        &this.signal_tuple,
        &this.signal_dict,
        &this.decimal_tuple,
        &this.rational,
        &this.variable,
        &this.default_context,
        &this.basic_context,
        &this.extended_context,
    ] {
        marker.field(field);
    }
});

/// The class of [`State`].
pub static STATE: TypeDef = TypeDef::new("State", <State as Object>::LAYOUT);

/// What a thread asked for last.
#[derive(Clone, Copy)]
struct Recent {
    vm: *const Vm,
    state: Gc<State>,
    /// The thread's context, as long as its variables are those of this number.
    context: Option<(u64, Gc<ContextObject>)>,
}

thread_local! {
    static RECENT: Cell<Option<Recent>> = const { Cell::new(None) };
}

/// The state, if the module was ever imported.
pub fn find(vm: &Vm) -> Option<Gc<State>> {
    if let Some(recent) = RECENT.get()
        && std::ptr::eq(recent.vm, vm)
    {
        return Some(recent.state);
    }
    let state = vm
        .permanent
        .borrow()
        .iter()
        .find_map(|v| v.cast::<State>())?;
    RECENT.set(Some(Recent {
        vm,
        state,
        context: None,
    }));
    Some(state)
}

/// The state; there are no decimal objects without.
///
/// # Errors
/// RuntimeError before the module was imported.
pub fn get(vm: &Vm) -> Result<Gc<State>> {
    find(vm).ok_or_else(|| vm.runtime_error("_decimal is not imported"))
}

/// The state, and the context of the running thread.
#[inline]
pub fn current(vm: &Vm) -> Result<(Gc<State>, Gc<ContextObject>)> {
    if let Some(recent) = RECENT.get()
        && std::ptr::eq(recent.vm, vm)
        && let Some((variables, context)) = recent.context
        && variables == vm.thread().variables()
    {
        return Ok((recent.state, context));
    }
    look_up(vm)
}

#[cold]
fn look_up(vm: &Vm) -> Result<(Gc<State>, Gc<ContextObject>)> {
    let state = get(vm)?;
    let variable = state.variable.or_none();
    let known = contextvars::value_of(vm, variable)?.and_then(|v| v.cast::<ContextObject>());
    let context = match known {
        Some(context) => context,
        None => {
            let context = contexts::copy_of_template(vm, state.default_context.or_none())?;
            contextvars::set_value(vm, variable, context.value())?;
            context
        }
    };
    // The thread's variables hold the context until their number changes.
    RECENT.set(Some(Recent {
        vm,
        state,
        context: Some((vm.thread().variables(), context)),
    }));
    Ok((state, context))
}

impl State {
    /// The shape of `Decimal`'s own instances.
    #[inline(always)]
    pub fn shape(&self) -> &'static Shape {
        match self.shape.get() {
            Some(shape) => shape,
            None => unreachable!("set when the state is made"),
        }
    }

    /// Makes a context that of the running thread.
    pub fn set_current(&self, vm: &Vm, context: Value) -> Result<()> {
        contextvars::set_value(vm, self.variable.or_none(), context)
    }

    /// The conditions that a signal's class stands for; nothing for other values.
    pub fn signal_bits(&self, class: Value) -> Option<u32> {
        let at = self.signals.iter().position(|s| s.get() == Some(class))?;
        Some(SIGNALS[at].1)
    }

    /// The classes of the signals in a status.
    pub fn signal_list(&self, vm: &Vm, bits: u32) -> Result {
        let mut list = vm.rooted();
        for (field, (_, bit)) in self.signals.iter().zip(SIGNALS) {
            if bits & bit != 0 {
                list.push(field.or_none());
            }
        }
        Ok(vm.new_list(&list)?.value())
    }

    /// The class of a signal, by its place in [`SIGNALS`].
    pub fn signal(&self, at: usize) -> Value {
        self.signals[at].or_none()
    }

    /// Raises what these trapped conditions ask for.
    #[cold]
    pub fn raise(&self, vm: &Vm, bits: u32) -> Raised {
        if bits & status::OUT_OF_MEMORY != 0 {
            return vm.memory_error();
        }
        let mut list = vm.rooted();
        for (field, (_, bit)) in self.conditions.iter().zip(CONDITIONS) {
            if bits & bit != 0 {
                list.push(field.or_none());
            }
        }
        for (field, (_, bit)) in self.signals.iter().zip(SIGNALS).skip(1) {
            if bits & bit != 0 {
                list.push(field.or_none());
            }
        }
        let list = match vm.new_list(&list) {
            Ok(list) => list.value(),
            Err(raised) => return raised,
        };
        let first = SIGNALS.iter().position(|(_, bit)| bits & bit != 0);
        let class = first.and_then(|at| self.signals[at].get()?.cast::<Class>());
        match class {
            Some(class) => vm.raise_with(class, &[list]),
            None => vm.system_error("no such signal"),
        }
    }

    /// All exceptions with their names.
    pub fn exceptions(&self) -> impl Iterator<Item = (&'static str, Value)> + '_ {
        let signals = self.signals.iter().zip(SIGNALS);
        let conditions = self.conditions.iter().zip(CONDITIONS).skip(1);
        [("DecimalException", self.base_exception.or_none())]
            .into_iter()
            .chain(
                signals
                    .chain(conditions)
                    .map(|(field, (name, _))| (name, field.or_none())),
            )
    }
}

/// Makes a class by calling `type` or its like.
fn make_class(vm: &Vm, meta: Value, name: &str, bases: &[Value], module: Option<&str>) -> Result {
    let dict = vm.new_dict();
    if let Some(module) = module {
        dict.set_str(vm, vm.names.__module__.get(), vm.intern(module).value());
    }
    let bases = vm.new_tuple(bases)?.value();
    let name = vm.intern(name).value();
    vm.call(meta, &[name, bases, dict.value()])
}

/// Makes the state, which lives as long as the interpreter.
///
/// # Errors
/// What importing `numbers` and `collections` raises.
pub fn make(vm: &Vm) -> Result<Gc<State>> {
    if let Some(state) = find(vm) {
        return Ok(state);
    }
    let decimal = vm.class_of_def(&super::methods::DECIMAL)?;
    let empty = || Field::empty();
    let state = State {
        header: Header::empty(),
        shape: Cell::new(Some(decimal.root_shape.get())),
        base_exception: empty(),
        signals: [const { Field::empty() }; 9],
        conditions: [const { Field::empty() }; 5],
        signal_tuple: empty(),
        signal_dict: empty(),
        decimal_tuple: empty(),
        rational: empty(),
        variable: empty(),
        default_context: empty(),
        basic_context: empty(),
        extended_context: empty(),
    };
    let class = vm.class_of_def(&STATE)?;
    let state = vm.heap.alloc(class.root_shape.get(), state);
    let header = &state.header;
    let type_ = vm.types.type_.get().value();
    let exception =
        |name: &str, bases: &[Value]| make_class(vm, type_, name, bases, Some("decimal"));
    let builtin = |def: &'static TypeDef| vm.exception_class(def).value();
    let base = exception("DecimalException", &[builtin(&exc::ARITHMETIC_ERROR)])?;
    state.base_exception.set(header, base);
    for at in (0..SIGNALS.len()).rev() {
        let signal = |at: usize| state.signal(at);
        let (subnormal, inexact, rounded) = (5, 6, 7);
        let class = match SIGNALS[at].0 {
            name @ "FloatOperation" => exception(name, &[base, builtin(&exc::TYPE_ERROR)]),
            name @ "DivisionByZero" => exception(name, &[base, builtin(&exc::ZERO_DIVISION_ERROR)]),
            name @ "Overflow" => exception(name, &[signal(inexact), signal(rounded)]),
            name @ "Underflow" => {
                exception(name, &[signal(inexact), signal(rounded), signal(subnormal)])
            }
            name => exception(name, &[base]),
        }?;
        state.signals[at].set(header, class);
    }
    let invalid = state.signal(0);
    state.conditions[0].set(header, invalid);
    for (field, (name, bit)) in state.conditions.iter().zip(CONDITIONS).skip(1) {
        let class = if bit == status::DIVISION_UNDEFINED {
            exception(name, &[invalid, builtin(&exc::ZERO_DIVISION_ERROR)])
        } else {
            exception(name, &[invalid])
        };
        field.set(header, class?);
    }
    let signals: [Value; 9] = std::array::from_fn(|at| state.signal(at));
    state
        .signal_tuple
        .set(header, vm.new_tuple(&signals)?.value());

    let number = vm.import_attr("numbers", "Number")?;
    vm.call_method(number, "register", &[decimal.value()])?;
    let rational = vm.import_attr("numbers", "Rational")?;
    state.rational.set(header, rational);
    let namedtuple = vm.import_attr("collections", "namedtuple")?;
    let name = vm.new_str("DecimalTuple").value();
    let fields = vm.new_str("sign digits exponent").value();
    let tuple = vm.call(namedtuple, &[name, fields])?;
    state.decimal_tuple.set(header, tuple);
    let module = vm.intern("decimal").value();
    vm.set_attr(tuple, vm.names.__module__.get(), Some(module))?;
    let mapping = vm.import_attr("collections.abc", "MutableMapping")?;
    let mixin = vm.class_of_def(&contexts::SIGNAL_DICT_MIXIN)?.value();
    let meta = vm.class_of(mapping).value();
    let dict = make_class(vm, meta, "SignalDict", &[mixin, mapping], Some("abc"))?;
    state.signal_dict.set(header, dict);
    let variable = contextvars::new_variable(vm, "decimal_context")?;
    state.variable.set(header, variable);
    vm.keep(state.value());
    let default = contexts::new_template(vm, None)?;
    state.default_context.set(header, default);
    let basic = contexts::new_template(vm, Some(true))?;
    state.basic_context.set(header, basic);
    let extended = contexts::new_template(vm, Some(false))?;
    state.extended_context.set(header, extended);
    Ok(state)
}

/// Whether an object is a `Decimal`.
pub fn is_decimal(v: Value) -> bool {
    v.cast::<Decimal>().is_some()
}
