//! `Unpickler`: where a pickle comes from, the settings, and the memo, which outlives a run.

use super::input::{File, Input};
use super::load::Loader;
use super::objects;
use super::pickler::InUse;
use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, TypeDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::List;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// An unpickler.
#[repr(C)]
pub struct Unpickler {
    pub header: Header,
    /// The file's methods; `read` is empty before `__init__`.
    read: Field,
    readline: Field,
    peek: Field,
    /// An iterator of out-of-band buffers.
    pub buffers: Field,
    pub encoding: Field,
    pub errors: Field,
    pub fix_imports: Cell<bool>,
    /// The protocol of the pickle read last.
    pub protocol: Cell<u8>,
    running: Cell<bool>,
    /// The memo's objects by number, up to the first number without one.
    memo: GcField<List>,
    /// The memo's objects with higher numbers.
    sparse: GcField<Dict>,
}

heap_object!(Unpickler, "Unpickler", Kind::Other, |this, marker| {
    marker.field(&this.read);
    marker.field(&this.readline);
    marker.field(&this.peek);
    marker.field(&this.buffers);
    marker.field(&this.encoding);
    marker.field(&this.errors);
    marker.gc_field(&this.memo);
    marker.gc_field(&this.sparse);
});

impl Unpickler {
    /// How many objects the memo holds.
    pub fn memo_len(&self) -> usize {
        self.memo.get().map_or(0, |m| m.len()) + self.sparse.get().map_or(0, |s| s.len())
    }

    /// The object with this number.
    #[inline]
    pub fn memo_get(&self, vm: &Vm, index: usize) -> Result<Option<Value>> {
        if let Some(v) = self.memo.get().and_then(|m| m.get(index)) {
            return Ok(Some(v));
        }
        match self.sparse.get() {
            Some(sparse) => sparse.get(vm, vm.new_size(index)),
            None => Ok(None),
        }
    }

    /// Enters an object under a number.
    #[inline]
    pub fn memo_put(&self, vm: &Vm, index: usize, v: Value) -> Result<()> {
        let memo = match self.memo.get() {
            Some(memo) => memo,
            None => {
                let memo = vm.new_list(&[])?;
                self.memo.set(&self.header, memo);
                memo
            }
        };
        if index < memo.len() {
            memo.set(index, v);
            return Ok(());
        }
        let key = vm.new_size(index);
        if index > memo.len() {
            let sparse = match self.sparse.get() {
                Some(sparse) => sparse,
                None => {
                    let sparse = vm.new_dict();
                    self.sparse.set(&self.header, sparse);
                    sparse
                }
            };
            return sparse.set(vm, key, v);
        }
        memo.push(vm, v)?;
        // Numbers that were ahead may follow now.
        while let Some(sparse) = self.sparse.get().filter(|s| !s.is_empty()) {
            sparse.remove(vm, key)?;
            match sparse.remove(vm, vm.new_size(memo.len()))? {
                Some(next) => memo.push(vm, next)?,
                None => break,
            }
        }
        Ok(())
    }

    fn clear_memo(&self) {
        self.memo.clear();
        self.sparse.clear();
    }

    fn memo_dict(&self, vm: &Vm) -> Result<Gc<Dict>> {
        let dict = match self.sparse.get() {
            Some(sparse) => sparse.copy(vm)?,
            None => vm.new_dict(),
        };
        if let Some(memo) = self.memo.get() {
            for (i, v) in memo.as_slice().iter().enumerate() {
                dict.set(vm, vm.new_size(i), *v)?;
            }
        }
        Ok(dict)
    }

    fn file(&self) -> Option<File> {
        Some(File {
            read: self.read.get()?,
            readline: self.readline.get()?,
            peek: self.peek.get(),
        })
    }
}

fn alloc(vm: &Vm, class: Gc<taipan_runtime::object::Class>) -> Gc<Unpickler> {
    let object = Unpickler {
        header: Header::empty(),
        read: Field::default(),
        readline: Field::default(),
        peek: Field::default(),
        buffers: Field::default(),
        encoding: Field::default(),
        errors: Field::default(),
        fix_imports: Cell::new(true),
        protocol: Cell::new(0),
        running: Cell::new(false),
        memo: GcField::opt(None),
        sparse: GcField::opt(None),
    };
    vm.heap.alloc(class.root_shape.get(), object)
}

fn unpickler_new(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&UNPICKLER)?)?;
    Ok(alloc(vm, class).value())
}

/// Settings, from the arguments fix_imports, encoding, errors and buffers.
fn set_up(vm: &Vm, u: Gc<Unpickler>, function: &str, settings: &[Value]) -> Result<()> {
    let fix_imports = settings[0].given().map_or(Ok(true), |v| vm.truth(v))?;
    u.fix_imports.set(fix_imports);
    for (i, field) in [(1, &u.encoding), (2, &u.errors)] {
        match settings[i].given() {
            None => field.clear(),
            Some(v) if v.cast::<Str>().is_some() => field.set(&u.header, v),
            Some(v) => {
                let name = ["encoding", "errors"][i - 1];
                let got = vm.type_name(v);
                return Err(vm.type_error(format!(
                    "{function}() argument '{name}' must be str, not {got}"
                )));
            }
        }
    }
    match settings[3].given_not_none() {
        None => u.buffers.clear(),
        Some(v) => u.buffers.set(&u.header, vm.iter(v)?),
    }
    Ok(())
}

fn set_input(vm: &Vm, u: Gc<Unpickler>, file: Value) -> Result<()> {
    match vm.find_attr(file, vm.intern("peek"))? {
        Some(peek) => u.peek.set(&u.header, peek),
        None => u.peek.clear(),
    }
    let read = vm.find_attr(file, vm.names.read.get())?;
    let readline = vm.find_attr(file, vm.names.readline.get())?;
    let (Some(read), Some(readline)) = (read, readline) else {
        return Err(vm.type_error("file must have 'read' and 'readline' attributes"));
    };
    u.readline.set(&u.header, readline);
    u.read.set(&u.header, read);
    Ok(())
}

fn unpickler_init(vm: &Vm, args: &[Value]) -> Result {
    let u = this::<Unpickler>(args[0]);
    let _running = InUse::enter(vm, &u.running, "Unpickler")?;
    u.read.clear();
    set_up(vm, u, "Unpickler", &args[2..])?;
    set_input(vm, u, args[1])?;
    u.clear_memo();
    Ok(Value::NONE)
}

/// `load`.
pub fn load(vm: &Vm, args: &[Value]) -> Result {
    let u = alloc(vm, vm.class_of_def(&UNPICKLER)?);
    set_up(vm, u, "load", &args[1..])?;
    set_input(vm, u, args[0])?;
    run(vm, u)
}

/// `loads`.
pub fn loads(vm: &Vm, args: &[Value]) -> Result {
    let u = alloc(vm, vm.class_of_def(&UNPICKLER)?);
    set_up(vm, u, "loads", &args[1..])?;
    let view = vm.bytes_like(args[0])?;
    let data = view.contiguous_bytes();
    let (result, _) = Loader::new(vm, u, Input::of_bytes(vm, &data))?.run();
    result
}

fn run(vm: &Vm, u: Gc<Unpickler>) -> Result {
    let Some(file) = u.file() else {
        let name = vm.class_of(u.value()).qualified_name();
        return Err(super::unpickling_error(
            vm,
            format!("Unpickler.__init__() was not called by {name}.__init__()"),
        ));
    };
    let (result, mut input) = Loader::new(vm, u, Input::of_file(vm, file))?.run();
    let result = result?;
    input.settle()?;
    Ok(result)
}

fn unpickler_load(vm: &Vm, args: &[Value]) -> Result {
    let u = this::<Unpickler>(args[0]);
    let _running = InUse::enter(vm, &u.running, "Unpickler")?;
    run(vm, u)
}

fn set_memo(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    let u = this::<Unpickler>(v);
    let Some(value) = value else {
        return Err(vm.type_error("attribute deletion is not supported"));
    };
    let dict = if let Some(proxy) = objects::proxied::<Unpickler>(value) {
        proxy.memo_dict(vm)?
    } else if let Some(dict) = value.cast::<Dict>() {
        dict.copy(vm)?
    } else {
        return Err(vm.type_error(format!(
            "'memo' attribute must be an UnpicklerMemoProxy object or dict, not {}",
            vm.type_name(value)
        )));
    };
    for (key, _) in dict.items() {
        if key.exact_int().is_none() {
            return Err(vm.type_error("memo key must be integers"));
        }
        if vm.to_i64(key)? < 0 {
            return Err(vm.value_error("memo key must be positive integers."));
        }
    }
    u.clear_memo();
    for (key, value) in dict.items() {
        u.memo_put(vm, vm.to_i64(key)? as usize, value)?;
    }
    Ok(())
}

/// `Unpickler`.
pub static UNPICKLER: TypeDef = TypeDef {
    module: "_pickle",
    doc: "This takes a binary file for reading a pickle data stream.\n\n\
          The protocol is found in the stream; bytes behind the pickle are left alone. The file\n\
          needs read() and readline(), which return bytes. With fix_imports names of Python 2\n\
          are mapped to those of Python 3; encoding and errors say how its 8-bit strings are\n\
          decoded, the encoding 'bytes' leaving them as they are.",
    subclassable: true,
    has_dict: true,
    flags: ClassFlags::WEAKREFS,
    methods: &[
        taipan_runtime::object::slots::new(unpickler_new),
        MethodDef::new(
            "__init__",
            "(self, /, file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())",
            "Initialize self.  See help(type(self)) for accurate signature.",
            unpickler_init,
        ),
        MethodDef::new("persistent_load", "(self, pid, /)", "", |vm, _| {
            Err(super::unpickling_error(
                vm,
                "A load persistent id instruction was encountered, \
                 but no persistent_load function was specified.",
            ))
        }),
        MethodDef::new("load", "(self, /)", "Load a pickle.", unpickler_load),
        MethodDef::new(
            "find_class",
            "(self, module_name, global_name, /)",
            "Return an object from a specified module, which is imported if need be.",
            |vm, args| super::load::find_class(vm, this(args[0]), args[1], args[2]),
        ),
    ],
    getset: &[GetSetDef {
        name: "memo",
        doc: "",
        get: |vm, v| objects::proxy(vm, v, &MEMO_PROXY),
        set: Some(set_memo),
    }],
    ..TypeDef::new("Unpickler", <Unpickler as Object>::LAYOUT)
};

/// The memo of an unpickler as Python code sees it.
static MEMO_PROXY: TypeDef = objects::proxy_def(
    "UnpicklerMemoProxy",
    &[
        objects::no_hash(),
        MethodDef::new(
            "clear",
            "(self, /)",
            "Remove all items from memo.",
            |_, args| {
                objects::owner::<Unpickler>(args[0]).clear_memo();
                Ok(Value::NONE)
            },
        ),
        MethodDef::new(
            "copy",
            "(self, /)",
            "Copy the memo to a new object.",
            |vm, args| Ok(objects::owner::<Unpickler>(args[0]).memo_dict(vm)?.value()),
        ),
        MethodDef::new(
            "__reduce__",
            "(self, /)",
            "Implement pickle support.",
            |vm, args| {
                let dict = objects::owner::<Unpickler>(args[0]).memo_dict(vm)?;
                objects::reduce_as_dict(vm, dict)
            },
        ),
    ],
);
