//! The Python side of frames.

use super::{Frame, FrameObject};
use crate::heap::{Field, Gc, GcField, Header, Object};
use crate::object::{ClassFlags, GetSetDef, MethodDef, TypeDef};
use crate::types::cell::CellObject;
use crate::types::dict::Dict;
use crate::types::generator::GeneratorState;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;
use taipan_bytecode::{CodeFlags, LocalKind};

impl Vm {
    /// Python's view of an activation; the same object each time.
    pub fn frame_object(&self, frame: &Frame) -> Gc<FrameObject> {
        if let Some(object) = frame.object.get() {
            return object;
        }
        let object = self.heap.alloc(
            self.shapes.frame.get(),
            FrameObject {
                header: Header::empty(),
                frame: Cell::new(frame as *const Frame as *mut Frame),
                code: frame.code,
                function: frame.function,
                back: GcField::empty(),
                slots: GcField::empty(),
                locals: Field::opt(frame.locals),
                extra_locals: Field::empty(),
                trace: Field::empty(),
                trace_lines: Cell::new(true),
                trace_opcodes: Cell::new(false),
                last_line: Cell::new(None),
                monitored_line: Cell::new(None),
                last_instruction: Cell::new(0),
            },
        );
        if let Some(generator) = frame.generator {
            generator.header.barrier();
        }
        frame.object.set(Some(object));
        object
    }

    /// Lets the view of an activation that ends stand by itself.
    #[cold]
    pub fn detach_frame_object(&self, frame: &Frame) {
        let Some(object) = frame.object.get() else {
            return;
        };
        let count = frame.code.locals_plus as usize;
        if let Ok(slots) = self.new_array(count) {
            for i in 0..count {
                slots.slot(i).set(frame.slot(i));
            }
            object.slots.set(&object.header, slots);
        }
        object.last_instruction.set(frame.instruction());
        if let Some(back) = frame.caller()
            && object.back.get().is_none()
            && frame.generator.is_none()
        {
            let back = self.frame_object(back);
            object.back.set(&object.header, back);
        }
        object.frame.set(std::ptr::null_mut());
        frame.object.set(None);
    }

    /// The innermost Python activation that is not hidden.
    pub fn current_frame(&self) -> Option<&Frame> {
        // SAFETY: activations are alive while their thread runs.
        unsafe { self.thread().frame.get().as_ref() }?.visible()
    }

    /// `locals()` of an activation: the mapping of a class body or module, a
    /// fresh snapshot for functions (PEP 667).
    pub fn frame_locals(&self, frame: &Frame) -> Result {
        if !frame.code.has(CodeFlags::OPTIMIZED) && !has_hidden_locals(frame) {
            let globals = || frame.function.globals().value();
            return Ok(frame.locals.unwrap_or_else(globals));
        }
        let object = self.frame_object(frame);
        Ok(snapshot(self, object)?.value())
    }
}

/// Whether a class body or module is within a comprehension, whose variables are slots:
/// `locals()` are those alone then, as in CPython.
fn has_hidden_locals(frame: &Frame) -> bool {
    let kinds = &frame.code.local_kinds;
    (0..frame.code.locals_plus as usize)
        .any(|i| kinds[i].0 & LocalKind::HIDDEN != 0 && frame.slot(i).is_some())
}

/// The variable's value, seen through its cell.
fn variable(f: Gc<FrameObject>, i: usize) -> Option<Value> {
    let kind = f.code.local_kinds[i];
    let v = f.slot(i)?;
    if kind.is_cell() || kind.is_free() {
        // Before MAKE_CELL has run, an argument is still plain.
        return match v.cast::<CellObject>() {
            Some(cell) => cell.get(),
            None => Some(v),
        };
    }
    Some(v)
}

/// Names and values of a function's variables.
pub fn snapshot(vm: &Vm, f: Gc<FrameObject>) -> Result<Gc<Dict>> {
    let dict = vm.new_dict();
    for i in 0..f.code.locals_plus as usize {
        if let Some(v) = variable(f, i) {
            dict.set(vm, f.code.local_names.get(i), v)?;
        }
    }
    if let Some(extra) = f.extra_locals.get().and_then(|e| e.cast::<Dict>()) {
        dict.update_from(vm, &extra)?;
    }
    Ok(dict)
}

fn this(v: Value) -> Gc<FrameObject> {
    // SAFETY: descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn f_code(_: &Vm, v: Value) -> Result {
    Ok(this(v).code.value())
}
fn f_globals(_: &Vm, v: Value) -> Result {
    Ok(this(v).function.globals().value())
}
fn f_builtins(_: &Vm, v: Value) -> Result {
    Ok(this(v).function.builtins().value())
}

fn f_back(vm: &Vm, v: Value) -> Result {
    let f = this(v);
    match f.activation() {
        Some(frame) => Ok(match frame.caller() {
            Some(back) => vm.frame_object(back).value(),
            None => Value::NONE,
        }),
        None => Ok(f.back.get().map_or(Value::NONE, |b| b.value())),
    }
}

fn f_locals(vm: &Vm, v: Value) -> Result {
    let f = this(v);
    if !f.code.has(CodeFlags::OPTIMIZED) && !f.activation().is_some_and(has_hidden_locals) {
        return Ok(f
            .locals
            .get()
            .unwrap_or_else(|| f.function.globals().value()));
    }
    super::proxy::new_proxy(vm, f)
}

fn f_lasti(vm: &Vm, v: Value) -> Result {
    Ok(vm.new_int(i64::from(this(v).instruction()) * 2))
}

fn f_lineno(vm: &Vm, v: Value) -> Result {
    let f = this(v);
    Ok(match f.code.line_of(f.instruction()) {
        Some(line) => vm.new_int(line.into()),
        None => Value::NONE,
    })
}

fn set_f_lineno(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    match value {
        Some(value) => super::jump::set_line(vm, this(v), value),
        None => Err(vm.raise_str(
            vm.exception_class(&crate::types::exception::classes::ATTRIBUTE_ERROR),
            "attribute 'f_lineno' of 'frame' objects cannot be deleted",
        )),
    }
}

fn f_generator(_: &Vm, v: Value) -> Result {
    Ok(this(v)
        .activation()
        .and_then(|f| f.generator)
        .map_or(Value::NONE, |g| g.value()))
}

fn f_trace(_: &Vm, v: Value) -> Result {
    Ok(this(v).trace.or_none())
}

fn set_f_trace(_: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    let f = this(v);
    match value.filter(|t| !t.is_none()) {
        Some(t) => f.trace.set(&f.header, t),
        None => f.trace.clear(),
    }
    Ok(())
}

fn f_trace_lines(_: &Vm, v: Value) -> Result {
    Ok(Value::bool(this(v).trace_lines.get()))
}

fn set_f_trace_lines(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    if value.is_none() {
        return Err(vm.type_error("can't delete numeric/char attribute"));
    }
    match value.filter(|b| b.is_bool()) {
        Some(b) => {
            this(v).trace_lines.set(b == Value::TRUE);
            Ok(())
        }
        None => Err(vm.type_error("attribute value type must be bool")),
    }
}

fn f_trace_opcodes(_: &Vm, v: Value) -> Result {
    Ok(Value::bool(this(v).trace_opcodes.get()))
}

fn set_f_trace_opcodes(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    match value.filter(|b| b.is_bool()) {
        Some(b) => {
            this(v).trace_opcodes.set(b == Value::TRUE);
            Ok(())
        }
        None => Err(vm.type_error("attribute value type must be bool")),
    }
}

fn frame_repr(vm: &Vm, args: &[Value]) -> Result {
    let f = this(args[0]);
    let file = vm.repr(f.code.filename.get().value())?;
    let line = f
        .code
        .line_of(f.instruction())
        .map_or("None".to_owned(), |l| l.to_string());
    Ok(vm
        .new_str(&format!(
            "<frame at {:#x}, file {file}, line {line}, code {}>",
            args[0].bits(),
            f.code.name
        ))
        .value())
}

fn frame_clear(vm: &Vm, args: &[Value]) -> Result {
    let f = this(args[0]);
    if let Some(frame) = f.activation() {
        return match frame.generator {
            Some(g) if g.state.get() == GeneratorState::Suspended => {
                Err(vm.runtime_error("cannot clear a suspended frame"))
            }
            Some(g) if g.state.get() != GeneratorState::Running => {
                g.state.set(GeneratorState::Finished);
                vm.detach_frame_object(frame);
                f.slots.clear();
                Ok(Value::NONE)
            }
            Some(_) | None => Err(vm.runtime_error("cannot clear an executing frame")),
        };
    }
    f.slots.clear();
    f.extra_locals.clear();
    Ok(Value::NONE)
}

/// The name's slot, if it is one of the function's variables.
pub(super) fn slot_of(f: Gc<FrameObject>, name: Gc<Str>) -> Option<usize> {
    (0..f.code.locals_plus as usize).find(|i| f.code.local_name(*i).equals(&name))
}

/// Reads a variable by slot, for the proxy.
pub(super) fn read_slot(f: Gc<FrameObject>, slot: usize) -> Option<Value> {
    variable(f, slot)
}

/// Writes a variable by slot, for the proxy.
pub(super) fn write_slot(f: Gc<FrameObject>, slot: usize, value: Value) {
    let kind = f.code.local_kinds[slot];
    if (kind.is_cell() || kind.is_free())
        && let Some(cell) = f.slot(slot).and_then(|v| v.cast::<CellObject>())
    {
        cell.set(value);
        return;
    }
    match f.activation() {
        // SAFETY: a slot of the live activation, whose thread is this one or waits.
        Some(frame) => unsafe { *frame.slots().add(slot) = Some(value) },
        None => {
            if let Some(slots) = f.slots.get() {
                slots.set(slot, value);
            }
        }
    }
}

const fn ro(name: &'static str, get: fn(&Vm, Value) -> Result) -> GetSetDef {
    GetSetDef {
        name,
        doc: "",
        get,
        set: None,
    }
}

/// `types.FrameType`.
pub static FRAME: TypeDef = TypeDef {
    methods: &[
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", frame_repr),
        MethodDef::new(
            "clear",
            "(self, /)",
            "Clear all references held by the frame.",
            frame_clear,
        ),
    ],
    getset: &[
        ro("f_code", f_code),
        ro("f_globals", f_globals),
        ro("f_builtins", f_builtins),
        ro("f_back", f_back),
        ro("f_locals", f_locals),
        ro("f_lasti", f_lasti),
        GetSetDef {
            name: "f_lineno",
            doc: "",
            get: f_lineno,
            set: Some(set_f_lineno),
        },
        ro("f_generator", f_generator),
        GetSetDef {
            name: "f_trace",
            doc: "",
            get: f_trace,
            set: Some(set_f_trace),
        },
        GetSetDef {
            name: "f_trace_lines",
            doc: "",
            get: f_trace_lines,
            set: Some(set_f_trace_lines),
        },
        GetSetDef {
            name: "f_trace_opcodes",
            doc: "",
            get: f_trace_opcodes,
            set: Some(set_f_trace_opcodes),
        },
    ],
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("frame", <FrameObject as Object>::LAYOUT)
};
