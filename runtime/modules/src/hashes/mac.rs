//! HMAC (RFC 2104) over any of the hash functions.

use super::openssl::{Function, by_argument, described};
use super::{Hasher, feed, hex};
use std::cell::RefCell;
use taipan_runtime::heap::{Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, TypeDef};
use taipan_runtime::types::protocol::this;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// The two hashes of an HMAC, each fed with the key.
pub struct Keyed {
    inner: Box<dyn Hasher>,
    outer: Box<dyn Hasher>,
    digest_size: usize,
}

impl Keyed {
    pub fn new(function: &Function, key: &[u8]) -> Keyed {
        let algorithm = &function.algorithm;
        let mut block = if key.len() > algorithm.block_size {
            let mut hasher = (function.start)();
            hasher.update(key);
            hasher.digest(algorithm.digest_size)
        } else {
            key.to_vec()
        };
        block.resize(algorithm.block_size, 0);
        let padded = |by: u8| {
            let mut hasher = (function.start)();
            let block: Vec<u8> = block.iter().map(|b| b ^ by).collect();
            hasher.update(&block);
            hasher
        };
        Keyed {
            inner: padded(0x36),
            outer: padded(0x5c),
            digest_size: algorithm.digest_size,
        }
    }

    fn digest(&self) -> Vec<u8> {
        let mut outer = self.outer.duplicate();
        outer.update(&self.inner.digest(self.digest_size));
        outer.digest(self.digest_size)
    }

    fn duplicate(&self) -> Keyed {
        Keyed {
            inner: self.inner.duplicate(),
            outer: self.outer.duplicate(),
            digest_size: self.digest_size,
        }
    }

    /// The digest of one message, given in parts.
    pub fn digest_of(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut inner = self.inner.duplicate();
        parts.iter().for_each(|part| inner.update(part));
        let mut outer = self.outer.duplicate();
        outer.update(&inner.digest(self.digest_size));
        outer.digest(self.digest_size)
    }
}

/// `_hashlib.HMAC`.
#[repr(C)]
pub struct Hmac {
    pub header: Header,
    function: &'static Function,
    keyed: RefCell<Keyed>,
}

heap_object!(Hmac, "HMAC", Kind::Other, |this, marker| {}, drop);

/// The function that an HMAC is asked for.
fn function(vm: &Vm, v: Value) -> Result<&'static Function> {
    let function = by_argument(vm, v)?;
    if function.is_extendable() {
        return Err(vm.value_error("no reason supplied"));
    }
    Ok(function)
}

fn alloc(vm: &Vm, function: &'static Function, keyed: Keyed) -> Result {
    let object = Hmac {
        header: Header::empty(),
        function,
        keyed: RefCell::new(keyed),
    };
    let class = vm.class_of_def(&HMAC)?;
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

pub fn hmac_new(vm: &Vm, args: &[Value]) -> Result {
    let key = vm.bytes_like(args[0])?.contiguous_bytes().into_owned();
    let Some(digestmod) = args[2].given_not_none() else {
        return Err(vm.type_error("Missing required parameter 'digestmod'."));
    };
    let function = function(vm, digestmod)?;
    let mut keyed = Keyed::new(function, &key);
    if let Some(message) = args[1].given_not_none() {
        feed(vm, &mut *keyed.inner, message)?;
    }
    alloc(vm, function, keyed)
}

pub fn hmac_digest(vm: &Vm, args: &[Value]) -> Result {
    let key = vm.bytes_like(args[0])?.contiguous_bytes().into_owned();
    let message = vm.bytes_like(args[1])?.contiguous_bytes().into_owned();
    let keyed = Keyed::new(function(vm, args[2])?, &key);
    Ok(vm.new_bytes(&keyed.digest_of(&[&message]))?.value())
}

fn update(vm: &Vm, args: &[Value]) -> Result {
    let hmac = this::<Hmac>(args[0]);
    feed(vm, &mut *hmac.keyed.borrow_mut().inner, args[1])?;
    Ok(Value::NONE)
}

fn copy(vm: &Vm, args: &[Value]) -> Result {
    let hmac = this::<Hmac>(args[0]);
    let keyed = hmac.keyed.borrow().duplicate();
    alloc(vm, hmac.function, keyed)
}

fn digest(v: Value) -> Vec<u8> {
    this::<Hmac>(v).keyed.borrow().digest()
}

const fn attribute(name: &'static str, get: fn(&Vm, Value) -> Result) -> GetSetDef {
    GetSetDef {
        name,
        doc: "",
        get,
        set: None,
    }
}

/// The type.
pub static HMAC: TypeDef = TypeDef {
    module: "_hashlib",
    doc: "A message authentication code that is fed piece by piece.",
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[
        MethodDef::new(
            "copy",
            "(self, /)",
            "Return a copy of the HMAC object.",
            copy,
        ),
        MethodDef::new(
            "update",
            "(self, /, msg)",
            "Go on with a further part of the message.",
            update,
        ),
        MethodDef::new(
            "digest",
            "(self, /)",
            "The code of what was fed so far, as bytes.",
            |vm, args| Ok(vm.new_bytes(&digest(args[0]))?.value()),
        ),
        MethodDef::new(
            "hexdigest",
            "(self, /)",
            "The code of what was fed so far, as hexadecimal digits.",
            |vm, args| hex(vm, &digest(args[0])),
        ),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", |vm, args| {
            let name = this::<Hmac>(args[0]).function.algorithm.name;
            described(vm, args[0], name, "HMAC")
        }),
    ],
    getset: &[
        attribute("digest_size", |vm, v| {
            let size = this::<Hmac>(v).function.algorithm.digest_size;
            Ok(vm.new_int(size as i64))
        }),
        attribute("block_size", |vm, v| {
            let size = this::<Hmac>(v).function.algorithm.block_size;
            Ok(vm.new_int(size as i64))
        }),
        attribute("name", |vm, v| {
            let name = this::<Hmac>(v).function.algorithm.name;
            Ok(vm.new_str(&format!("hmac-{name}")).value())
        }),
    ],
    ..TypeDef::new("HMAC", <Hmac as Object>::LAYOUT)
};
