//! The interpreter: frames, the instruction loop, calls, generators, unwinding.
//!
//! Python calls do not recurse on the native stack: a frame is pushed on the
//! thread's value stack and the loop goes on in it. Only native code that calls
//! back (a sort key, `__eq__` in a dictionary lookup) enters the loop anew.

mod attributes;
mod binary;
mod binding;
mod calls;
mod classes;
mod containers;
mod dispatch;
mod frames;
mod implicit;
mod imports;
mod intrinsics;
mod matching;
mod names;
mod polymorphic;
mod trace;
mod unwind;

pub use classes::build_class;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::generator::{Generator, GeneratorState};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::{CompileRequest, Interpreter, Step};
use taipan_runtime::{Result, Value, Vm};
pub use trace::HOOKS;

/// The implementation of [`Interpreter`]; all state is in the [`Vm`].
pub struct Engine;

/// The one instance.
pub static ENGINE: Engine = Engine;

impl Interpreter for Engine {
    fn call_function(
        &self,
        vm: &Vm,
        function: Gc<Function>,
        args: &[Value],
        names: Option<Gc<Tuple>>,
    ) -> Result {
        vm.check_native_stack()?;
        let frame = frames::push_call(vm, function, args, names)?;
        // SAFETY: just pushed.
        unsafe { (*frame).flags.set(Frame::ENTRY) };
        if let Some(result) = trace::enter_at_once(vm, frame) {
            return result;
        }
        dispatch::run(vm, frame)
    }

    fn run_code(&self, vm: &Vm, function: Gc<Function>, locals: Value) -> Result {
        vm.check_native_stack()?;
        let frame = frames::push_code(vm, function, Some(locals))?;
        // SAFETY: just pushed.
        unsafe { (*frame).flags.set(Frame::ENTRY) };
        dispatch::run(vm, frame)
    }

    fn consumers(&self, vm: &Vm) -> Result<Gc<Dict>> {
        let native = crate::modules::sorting::add_to;
        run_own_module(vm, "_taipan_consumers", native)
    }

    fn steps(&self, vm: &Vm) -> Result<Gc<Dict>> {
        let namespace = run_own_module(vm, "_taipan_steps", crate::modules::steps::add_to)?;
        crate::modules::steps::prepare(vm, namespace)?;
        Ok(namespace)
    }

    fn resume(&self, vm: &Vm, generator: Gc<Generator>, value: Option<Value>) -> Result<Step> {
        match generator.state.get() {
            GeneratorState::Running => {
                if value.is_none() {
                    vm.clear_raised();
                }
                let kind = if generator.class() == vm.types.coroutine.get() {
                    "coroutine"
                } else if generator.class() == vm.types.async_generator.get() {
                    "async generator"
                } else {
                    "generator"
                };
                return Err(vm.value_error(format!("{kind} already executing")));
            }
            GeneratorState::Finished => {
                return match value {
                    Some(_) => Ok(Step::Return(Value::NONE)),
                    None => Err(vm.raised_marker()),
                };
            }
            GeneratorState::Created | GeneratorState::Suspended => {}
        }
        vm.check_native_stack()?;
        let frame = frames::enter_generator(vm, generator, value)?;
        // SAFETY: the generator's own frame.
        unsafe { (*frame).flags.set(Frame::ENTRY) };
        let result = if value.is_none() {
            dispatch::run_raising(vm, frame)
        } else {
            dispatch::run(vm, frame)
        }?;
        Ok(if generator.is_finished() {
            Step::Return(result)
        } else {
            Step::Yield(result)
        })
    }

    fn compile(&self, vm: &Vm, request: &CompileRequest) -> Result {
        crate::compile::compile(vm, request)
    }

    fn check_signals(&self, vm: &Vm) -> Result<()> {
        if vm.breaker.get() & taipan_runtime::vm::Breaker::SIGNAL == 0 {
            return Ok(());
        }
        crate::signals::handle_pending(vm)
    }

    fn run_finalizers(&self, vm: &Vm) {
        crate::safepoint::run_finalizers(vm);
    }
}

/// Runs a module of our own that is no module of the program: its namespace, in which it finds what `add` puts
/// there.
fn run_own_module(vm: &Vm, name: &str, add: fn(&Vm, Gc<Dict>)) -> Result<Gc<Dict>> {
    let Some(module) = crate::frozen::find(name) else {
        return Err(vm.import_error(format!("No module named '{name}'")));
    };
    let code = crate::modules::imp::load_frozen(vm, &module)?;
    let namespace = vm.new_dict();
    namespace.set_str(vm, vm.names.__name__.get(), vm.intern(name).value());
    add(vm, namespace);
    let function = vm.new_function(code, namespace);
    vm.interpreter().run_code(vm, function, namespace.value())?;
    Ok(namespace)
}
