//! `_decimal`: decimal floating point numbers, by the General Decimal Arithmetic specification.
//!
//! The arithmetic knows nothing of Python: [`limbs`] and [`transform`] have natural numbers in
//! decimal limbs, [`number`] decimal numbers and how results are rounded, [`arith`] and
//! [`functions`] the operations, [`text`] and [`format`] their text. [`fast`] does again what most
//! programs do most of the time: operations whose numbers have at most 38 digits. The other
//! modules are the binding: [`object`] the layout of a `Decimal`, [`contexts`] that of a `Context`.

mod arith;
mod context;
mod context_methods;
mod contexts;
mod convert;
mod fast;
mod format;
mod functions;
mod limbs;
mod methods;
mod number;
mod object;
mod state;
mod text;
mod transform;

use context::{MAX_EMAX, MAX_PREC, MIN_EMIN, MIN_ETINY, Rounding};
use taipan_runtime::heap::Object;
use taipan_runtime::object::{ModuleDef, TypeDef};
use taipan_runtime::value::Value;

/// The class of the limbs of long numbers.
static LONG: TypeDef = TypeDef::new("Long", <object::Long as Object>::LAYOUT);

/// The module.
pub static DECIMAL: ModuleDef = ModuleDef {
    name: "_decimal",
    doc: "C decimal arithmetic module",
    functions: contexts::FUNCTIONS,
    types: &[&methods::DECIMAL, &contexts::CONTEXT],
    exec: Some(|vm, module| {
        let state = state::make(vm)?;
        module.set(vm, "DecimalTuple", state.decimal_tuple.or_none());
        for (name, class) in state.exceptions() {
            module.set(vm, name, class);
        }
        module.set(vm, "DefaultContext", state.default_context.or_none());
        module.set(vm, "BasicContext", state.basic_context.or_none());
        module.set(vm, "ExtendedContext", state.extended_context.or_none());
        module.set(vm, "HAVE_CONTEXTVAR", Value::TRUE);
        module.set(vm, "HAVE_THREADS", Value::TRUE);
        for (name, n) in [
            ("MAX_PREC", MAX_PREC),
            ("MAX_EMAX", MAX_EMAX),
            ("MIN_EMIN", MIN_EMIN),
            ("MIN_ETINY", MIN_ETINY),
            ("IEEE_CONTEXT_MAX_BITS", contexts::MOST_BITS),
        ] {
            module.set(vm, name, vm.new_int(n));
        }
        for (_, name) in Rounding::ALL {
            module.set(vm, name, vm.intern(name));
        }
        module.set(vm, "__version__", vm.new_str("1.70"));
        module.set(vm, "__libmpdec_version__", vm.new_str("2.5.1"));
        Ok(())
    }),
};
