//! `Pickler`: where a pickle goes, the settings, and the memo, which outlives a run.

use super::opcodes::HIGHEST;
use super::save::Saver;
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};
use taipan_runtime::heap::{Field, Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MemberDef, MethodDef, TypeDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::list::List;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// A pickler.
#[repr(C)]
pub struct Pickler {
    pub header: Header,
    /// The file's `write`; empty before `__init__`, None for `dumps`.
    pub write: Field,
    pub buffer_callback: Field,
    /// What Python code set as `dispatch_table`.
    dispatch_table: Field,
    pub protocol: Cell<i64>,
    pub bin: Cell<i64>,
    pub fast: Cell<i64>,
    pub fix_imports: Cell<bool>,
    running: Cell<bool>,
    /// The number of an object by its identity. Objects do not move, and those in here live
    /// as long, for `kept` holds them.
    memo: RefCell<FxHashMap<u64, u32>>,
    kept: GcField<List>,
}

heap_object!(
    Pickler,
    "Pickler",
    Kind::Other,
    |this, marker| {
        marker.field(&this.write);
        marker.field(&this.buffer_callback);
        marker.field(&this.dispatch_table);
        marker.gc_field(&this.kept);
    },
    drop
);

impl Pickler {
    fn empty() -> Pickler {
        Pickler {
            header: Header::empty(),
            write: Field::default(),
            buffer_callback: Field::default(),
            dispatch_table: Field::default(),
            protocol: Cell::new(HIGHEST),
            bin: Cell::new(1),
            fast: Cell::new(0),
            fix_imports: Cell::new(false),
            running: Cell::new(false),
            memo: RefCell::default(),
            kept: GcField::opt(None),
        }
    }

    /// The object's number in the memo.
    #[inline]
    pub fn memo_index(&self, v: Value) -> Option<u32> {
        self.memo.borrow().get(&v.bits()).copied()
    }

    /// Enters an object into the memo; returns its number.
    pub fn memoize(&self, vm: &Vm, v: Value) -> Result<u32> {
        let index = self.memo.borrow().len() as u32;
        self.enter(vm, v, index)?;
        Ok(index)
    }

    fn enter(&self, vm: &Vm, v: Value, index: u32) -> Result<()> {
        let kept = match self.kept.get() {
            Some(kept) => kept,
            None => {
                let kept = vm.new_list(&[])?;
                self.kept.set(&self.header, kept);
                kept
            }
        };
        kept.push(vm, v)?;
        self.memo.borrow_mut().insert(v.bits(), index);
        Ok(())
    }

    fn clear_memo(&self) {
        self.memo.borrow_mut().clear();
        self.kept.clear();
    }

    fn memo_dict(&self, vm: &Vm) -> Result<Gc<Dict>> {
        let dict = vm.new_dict();
        if let Some(kept) = self.kept.get() {
            for i in 0..kept.len() {
                let Some(v) = kept.get(i) else { break };
                let index = self.memo_index(v).unwrap_or(0);
                let entry = vm.pair(vm.new_int(index.into()), v)?;
                dict.set(vm, vm.new_uint(vm.id(v)), entry)?;
            }
        }
        Ok(dict)
    }
}

/// Marks a pickler or unpickler as running until it is dropped.
pub struct InUse<'a>(&'a Cell<bool>);

impl<'a> InUse<'a> {
    /// # Errors
    /// RuntimeError if it is running already.
    pub fn enter(vm: &Vm, running: &'a Cell<bool>, what: &str) -> Result<InUse<'a>> {
        if running.replace(true) {
            return Err(vm.runtime_error(format!("{what} object is already in use")));
        }
        Ok(InUse(running))
    }
}

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

fn pickler_new(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&PICKLER)?)?;
    Ok(vm
        .heap
        .alloc(class.root_shape.get(), Pickler::empty())
        .value())
}

/// Settings, from the arguments protocol, fix_imports and buffer_callback.
fn set_up(vm: &Vm, p: Gc<Pickler>, settings: [Value; 3]) -> Result<()> {
    let [protocol, fix_imports, callback] = settings;
    let protocol = match protocol.given_not_none() {
        None => HIGHEST,
        Some(v) => match vm.to_i64(v)? {
            n if n < 0 => HIGHEST,
            n if n > HIGHEST => {
                return Err(vm.value_error(format!("pickle protocol must be <= {HIGHEST}")));
            }
            n => n,
        },
    };
    let fix_imports = fix_imports.given().map_or(Ok(true), |v| vm.truth(v))?;
    match callback.given_not_none() {
        Some(_) if protocol < 5 => {
            return Err(vm.value_error("buffer_callback needs protocol >= 5"));
        }
        Some(f) => p.buffer_callback.set(&p.header, f),
        None => p.buffer_callback.clear(),
    }
    p.protocol.set(protocol);
    p.bin.set((protocol > 0).into());
    p.fast.set(0);
    p.fix_imports.set(fix_imports && protocol < 3);
    Ok(())
}

fn set_output(vm: &Vm, p: Gc<Pickler>, file: Value) -> Result<()> {
    match vm.find_attr(file, vm.names.write.get())? {
        Some(write) => {
            p.write.set(&p.header, write);
            Ok(())
        }
        None => Err(vm.type_error("file must have a 'write' attribute")),
    }
}

fn pickler_init(vm: &Vm, args: &[Value]) -> Result {
    let p = this::<Pickler>(args[0]);
    let _running = InUse::enter(vm, &p.running, "Pickler")?;
    p.write.clear();
    set_up(vm, p, [args[2], args[3], args[4]])?;
    set_output(vm, p, args[1])?;
    p.clear_memo();
    Ok(Value::NONE)
}

fn fresh(vm: &Vm) -> Result<Gc<Pickler>> {
    let shape = vm.class_of_def(&PICKLER)?.root_shape.get();
    Ok(vm.heap.alloc(shape, Pickler::empty()))
}

/// `dump`.
pub fn dump(vm: &Vm, args: &[Value]) -> Result {
    let p = fresh(vm)?;
    set_up(vm, p, [args[2], args[3], args[4]])?;
    set_output(vm, p, args[1])?;
    Saver::new(vm, p)?.run(args[0])?;
    Ok(Value::NONE)
}

/// `dumps`.
pub fn dumps(vm: &Vm, args: &[Value]) -> Result {
    let p = fresh(vm)?;
    set_up(vm, p, [args[1], args[2], args[3]])?;
    p.write.set(&p.header, Value::NONE);
    let bytes = Saver::new(vm, p)?.run(args[0])?;
    Ok(vm.new_bytes(&bytes)?.value())
}

fn pickler_dump(vm: &Vm, args: &[Value]) -> Result {
    let p = this::<Pickler>(args[0]);
    if p.write.get().is_none() {
        let name = vm.class_of(args[0]).qualified_name();
        return Err(super::pickling_error(
            vm,
            format!("Pickler.__init__() was not called by {name}.__init__()"),
        ));
    }
    let _running = InUse::enter(vm, &p.running, "Pickler")?;
    Saver::new(vm, p)?.run(args[1])?;
    Ok(Value::NONE)
}

fn set_memo(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    let p = this::<Pickler>(v);
    let Some(value) = value else {
        return Err(vm.type_error("attribute deletion is not supported"));
    };
    let dict = if let Some(proxy) = super::objects::proxied::<Pickler>(value) {
        proxy.memo_dict(vm)?
    } else if let Some(dict) = value.cast::<Dict>() {
        dict
    } else {
        return Err(vm.type_error(format!(
            "'memo' attribute must be a PicklerMemoProxy object or dict, not {}",
            vm.type_name(value)
        )));
    };
    let mut entries = Vec::new();
    for (_, entry) in dict.items() {
        let Some(pair) = entry.cast::<Tuple>().filter(|t| t.len() == 2) else {
            return Err(vm.type_error("'memo' values must be 2-item tuples"));
        };
        entries.push((vm.to_i64(pair.get(0))? as u32, pair));
    }
    p.clear_memo();
    for (index, pair) in entries {
        p.enter(vm, pair.get(1), index)?;
    }
    Ok(())
}

fn flag_value(vm: &Vm, value: Option<Value>) -> Result<i64> {
    let Some(value) = value else {
        return Err(vm.type_error("can't delete numeric/char attribute"));
    };
    match vm.index(value)?.as_int_ref() {
        Some(IntRef::Small(i)) => Ok(i),
        Some(IntRef::Big(b)) => b
            .to_i64()
            .ok_or_else(|| vm.overflow_error("Python int too large to convert to C long")),
        None => Err(vm.type_error("an integer is required")),
    }
}

/// `Pickler`.
pub static PICKLER: TypeDef = TypeDef {
    module: "_pickle",
    doc: "This takes a binary file for writing a pickle data stream.\n\n\
          The protocol is the default for None and the newest for a negative number. The file\n\
          needs a write() method that takes bytes. With fix_imports and a protocol below 3,\n\
          modules are named as in Python 2. A buffer_callback takes the buffers that go beside\n\
          the stream, from protocol 5.",
    subclassable: true,
    has_dict: true,
    flags: ClassFlags::WEAKREFS,
    methods: &[
        taipan_runtime::object::slots::new(pickler_new),
        MethodDef::new(
            "__init__",
            "(self, /, file, protocol=None, fix_imports=True, buffer_callback=None)",
            "Initialize self.  See help(type(self)) for accurate signature.",
            pickler_init,
        ),
        MethodDef::new("persistent_id", "(self, obj, /)", "", |_, _| {
            Ok(Value::NONE)
        }),
        MethodDef::new(
            "dump",
            "(self, obj, /)",
            "Write a pickled representation of the given object to the open file.",
            pickler_dump,
        ),
        MethodDef::new(
            "clear_memo",
            "(self, /)",
            "Clears the pickler's \"memo\", so that objects seen before are written again.",
            |_, args| {
                this::<Pickler>(args[0]).clear_memo();
                Ok(Value::NONE)
            },
        ),
    ],
    members: &[MemberDef {
        name: "dispatch_table",
        doc: "",
        offset: std::mem::offset_of!(Pickler, dispatch_table),
        readonly: false,
        none_if_empty: false,
    }],
    getset: &[
        GetSetDef {
            name: "bin",
            doc: "",
            get: |vm, v| Ok(vm.new_int(this::<Pickler>(v).bin.get())),
            set: Some(|vm, v, value| {
                this::<Pickler>(v).bin.set(flag_value(vm, value)?);
                Ok(())
            }),
        },
        GetSetDef {
            name: "fast",
            doc: "",
            get: |vm, v| Ok(vm.new_int(this::<Pickler>(v).fast.get())),
            set: Some(|vm, v, value| {
                this::<Pickler>(v).fast.set(flag_value(vm, value)?);
                Ok(())
            }),
        },
        GetSetDef {
            name: "memo",
            doc: "",
            get: |vm, v| super::objects::proxy(vm, v, &MEMO_PROXY),
            set: Some(set_memo),
        },
    ],
    ..TypeDef::new("Pickler", <Pickler as Object>::LAYOUT)
};

/// The memo of a pickler as Python code sees it.
static MEMO_PROXY: TypeDef = super::objects::proxy_def(
    "PicklerMemoProxy",
    &[
        super::objects::no_hash(),
        MethodDef::new(
            "clear",
            "(self, /)",
            "Remove all items from memo.",
            |_, args| {
                super::objects::owner::<Pickler>(args[0]).clear_memo();
                Ok(Value::NONE)
            },
        ),
        MethodDef::new(
            "copy",
            "(self, /)",
            "Copy the memo to a new object.",
            |vm, args| {
                Ok(super::objects::owner::<Pickler>(args[0])
                    .memo_dict(vm)?
                    .value())
            },
        ),
        MethodDef::new(
            "__reduce__",
            "(self, /)",
            "Implement pickle support.",
            |vm, args| {
                let dict = super::objects::owner::<Pickler>(args[0]).memo_dict(vm)?;
                super::objects::reduce_as_dict(vm, dict)
            },
        ),
    ],
);
