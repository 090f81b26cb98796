//! Exceptions and tracebacks.

pub mod classes;
pub mod group;
mod methods;

use crate::heap::{Field, Gc, GcField, Header, Kind, Object};
use crate::heap_object;
use crate::object::{Class, GetSetDef, MethodDef, TypeDef};
use crate::types::frame::FrameObject;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;

/// An instance of `BaseException` or a subclass. Fields of particular
/// exceptions (`errno`, `value`) are members behind this layout.
#[repr(C)]
pub struct Exception {
    pub header: Header,
    pub args: GcField<Tuple>,
    pub traceback: Field,
    pub context: Field,
    pub cause: Field,
    pub suppress_context: Cell<bool>,
}

heap_object!(
    Exception,
    "BaseException",
    Kind::Exception,
    |this, marker| {
        marker.gc_field(&this.args);
        marker.field(&this.traceback);
        marker.field(&this.context);
        marker.field(&this.cause);
    }
);

/// One entry of a traceback.
#[repr(C)]
pub struct Traceback {
    pub header: Header,
    pub next: Field,
    pub frame: GcField<FrameObject>,
    /// Twice the index of the instruction, as `tb_lasti` shows it.
    pub lasti: i32,
    /// Line, computed on demand from the instruction unless set by the constructor.
    pub line: Cell<i32>,
}

heap_object!(Traceback, "traceback", Kind::Traceback, |this, marker| {
    marker.field(&this.next);
    marker.gc_field(&this.frame);
});

impl Vm {
    /// An exception of `class`, without calling any Python code.
    pub fn new_exception(&self, class: Gc<Class>, args: &[Value]) -> Result<Gc<Exception>> {
        let args = self.new_tuple(args)?;
        Ok(self.alloc_exception(class, args))
    }

    /// The bare object.
    pub fn alloc_exception(&self, class: Gc<Class>, args: Gc<Tuple>) -> Gc<Exception> {
        self.heap.alloc(
            class.root_shape.get(),
            Exception {
                header: Header::empty(),
                args: GcField::new(args),
                traceback: Field::empty(),
                context: Field::empty(),
                cause: Field::empty(),
                suppress_context: Cell::new(false),
            },
        )
    }
}

fn traceback(v: Value) -> Gc<Traceback> {
    // SAFETY: descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn tb_new(vm: &Vm, args: &[Value]) -> Result {
    if !args[1].is_none() && args[1].cast::<Traceback>().is_none() {
        return Err(vm.type_error(format!(
            "expected traceback object or None, got '{}'",
            vm.class_of(args[1]).qualified_name()
        )));
    }
    let Some(frame) = args[2].cast::<FrameObject>() else {
        return Err(vm.type_error(format!(
            "traceback() argument 'tb_frame' must be frame, not {}",
            vm.class_of(args[2]).qualified_name()
        )));
    };
    let (instruction, line) = (vm.to_i64(args[3])?, vm.to_i64(args[4])?);
    let next = Some(args[1]).filter(|n| !n.is_none());
    Ok(vm
        .new_traceback(next, frame, instruction as i32, line as i32)
        .value())
}

impl Vm {
    /// A traceback entry in front of `next`.
    pub fn new_traceback(
        &self,
        next: Option<Value>,
        frame: Gc<FrameObject>,
        lasti: i32,
        line: i32,
    ) -> Gc<Traceback> {
        self.heap.alloc(
            self.shapes.traceback.get(),
            Traceback {
                header: Header::empty(),
                next: Field::opt(next),
                frame: GcField::new(frame),
                lasti,
                line: Cell::new(line),
            },
        )
    }
}

fn tb_frame(_: &Vm, v: Value) -> Result {
    Ok(traceback(v).frame.get().map_or(Value::NONE, |f| f.value()))
}

fn tb_lasti(vm: &Vm, v: Value) -> Result {
    Ok(vm.new_int(i64::from(traceback(v).lasti)))
}

fn tb_lineno(vm: &Vm, v: Value) -> Result {
    let tb = traceback(v);
    if tb.line.get() >= 0 {
        return Ok(vm.new_int(tb.line.get().into()));
    }
    match tb
        .frame
        .get()
        .and_then(|f| f.code.line_of(tb.lasti as u32 / 2))
    {
        Some(line) => Ok(vm.new_int(line.into())),
        None => Ok(Value::NONE),
    }
}

fn tb_next(_: &Vm, v: Value) -> Result {
    Ok(traceback(v).next.or_none())
}

fn set_tb_next(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    let tb = traceback(v);
    match value {
        None => return Err(vm.type_error("can't delete tb_next attribute")),
        Some(n) if n.is_none() => tb.next.clear(),
        Some(n) => {
            let Some(mut at) = n.cast::<Traceback>() else {
                return Err(vm.type_error(format!(
                    "expected traceback object, got '{}'",
                    vm.class_of(n).qualified_name()
                )));
            };
            loop {
                if at == tb {
                    return Err(vm.value_error("traceback loop detected"));
                }
                match at.next.get().and_then(|n| n.cast::<Traceback>()) {
                    Some(next) => at = next,
                    None => break,
                }
            }
            tb.next.set(&tb.header, n);
        }
    }
    Ok(())
}

fn tb_dir(vm: &Vm, _: &[Value]) -> Result {
    let names: Vec<Value> = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"]
        .iter()
        .map(|n| vm.intern(n).value())
        .collect();
    Ok(vm.new_list(&names)?.value())
}

/// `types.TracebackType`.
pub static TRACEBACK: TypeDef = TypeDef {
    doc: "Create a new traceback object.",
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, tb_next, tb_frame, tb_lasti, tb_lineno)",
            "Create and return a new object.",
            tb_new,
        )
        .static_(),
        MethodDef::new("__dir__", "(self, /)", "", tb_dir),
    ],
    getset: &[
        GetSetDef {
            name: "tb_frame",
            doc: "",
            get: tb_frame,
            set: None,
        },
        GetSetDef {
            name: "tb_lasti",
            doc: "",
            get: tb_lasti,
            set: None,
        },
        GetSetDef {
            name: "tb_lineno",
            doc: "",
            get: tb_lineno,
            set: None,
        },
        GetSetDef {
            name: "tb_next",
            doc: "",
            get: tb_next,
            set: Some(set_tb_next),
        },
    ],
    ..TypeDef::new("traceback", <Traceback as Object>::LAYOUT)
};
