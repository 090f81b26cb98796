//! The types of `_sha3`.

use super::{
    ATTRIBUTES, Algorithm, COPY, DIGEST, HEXDIGEST, Hash, Hasher, UPDATE, fixed, hex, make,
};
use ::sha3::digest::{ExtendableOutput, Update, XofReader};
use taipan_runtime::heap::Object;
use taipan_runtime::object::{GetSetDef, MethodDef, TypeDef};
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// A function whose digest may have any length.
#[derive(Clone)]
pub struct Shake<D>(pub D);

impl<D: Update + ExtendableOutput + Clone + 'static> Hasher for Shake<D> {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }
    fn digest(&self, len: usize) -> Vec<u8> {
        let mut out = vec![0; len];
        self.0.clone().finalize_xof().read(&mut out);
        out
    }
    fn duplicate(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}

/// The bits of the sponge that data enter.
fn rate(v: Value) -> i64 {
    8 * this::<Hash>(v).algorithm.block_size as i64
}

const fn attribute(name: &'static str, get: fn(&Vm, Value) -> Result) -> GetSetDef {
    GetSetDef {
        name,
        doc: "",
        get,
        set: None,
    }
}

const GETSET: &[GetSetDef] = &[
    attribute("name", ATTRIBUTES[0].get),
    attribute("digest_size", ATTRIBUTES[1].get),
    attribute("block_size", ATTRIBUTES[2].get),
    attribute("_rate_bits", |vm, v| Ok(vm.new_int(rate(v)))),
    attribute("_capacity_bits", |vm, v| Ok(vm.new_int(1600 - rate(v)))),
    attribute("_suffix", |vm, v| {
        let shake = this::<Hash>(v).algorithm.digest_size == 0;
        Ok(vm.new_bytes(if shake { b"\x1f" } else { b"\x06" })?.value())
    }),
];

const NEW_SIGNATURE: &str = "(type, /, data=b'', *, usedforsecurity=True, string=None)";
const NEW_DOC: &str = "Create and return a new object.  See help(type) for accurate signature.";

fn length(vm: &Vm, v: Value) -> Result<usize> {
    let negative = vm.index(v)?.as_int_ref().is_some_and(|i| i.is_negative());
    if negative {
        return Err(vm.value_error("Cannot convert negative int"));
    }
    match vm.to_ssize_arg(v)? {
        n if n >= 1 << 29 => Err(vm.value_error("length is too large")),
        n => Ok(n as usize),
    }
}

fn shake_digest(vm: &Vm, args: &[Value]) -> Result<Vec<u8>> {
    let len = length(vm, args[1])?;
    Ok(this::<Hash>(args[0]).hasher.borrow().digest(len))
}

macro_rules! sha3_types {
    ($($static:ident $name:literal $doc:literal $hasher:expr, $digest:literal, $block:literal, $shake:literal;)*) => {
        $(
            static $static: TypeDef = {
                static ALGORITHM: Algorithm =
                    Algorithm { name: $name, digest_size: $digest, block_size: $block };
                fn new(vm: &Vm, args: &[Value]) -> Result {
                    let class = class_argument(vm, args, vm.class_of_def(&$static)?)?;
                    make(vm, class, &ALGORITHM, $hasher, (args[1], args[3]))
                }
                const FIXED: &[MethodDef] =
                    &[MethodDef::new("__new__", NEW_SIGNATURE, NEW_DOC, new).static_(), COPY, UPDATE, DIGEST, HEXDIGEST];
                const EXTENDABLE: &[MethodDef] = &[
                    MethodDef::new("__new__", NEW_SIGNATURE, NEW_DOC, new).static_(),
                    COPY,
                    UPDATE,
                    MethodDef::new(
                        "digest",
                        "(self, /, length)",
                        "Return the digest value as a bytes object.",
                        |vm, args| Ok(vm.new_bytes(&shake_digest(vm, args)?)?.value()),
                    ),
                    MethodDef::new(
                        "hexdigest",
                        "(self, /, length)",
                        "Return the digest value as a string of hexadecimal digits.",
                        |vm, args| hex(vm, &shake_digest(vm, args)?),
                    ),
                ];
                TypeDef {
                    module: "_sha3",
                    doc: $doc,
                    methods: if $shake { EXTENDABLE } else { FIXED },
                    getset: GETSET,
                    ..TypeDef::new($name, <Hash as Object>::LAYOUT)
                }
            };
        )*
        /// All of them.
        pub const TYPES: &[&TypeDef] = &[$(&$static),*];
    };
}

sha3_types! {
    SHA3_224 "sha3_224" "sha3_224([data], *, usedforsecurity=True) -> SHA3 object\n\nReturn a new SHA3 hash object with a hashbit length of 28 bytes." fixed::<::sha3::Sha3_224>(), 28, 144, false;
    SHA3_256 "sha3_256" "sha3_256([data], *, usedforsecurity=True) -> SHA3 object\n\nReturn a new SHA3 hash object with a hashbit length of 32 bytes." fixed::<::sha3::Sha3_256>(), 32, 136, false;
    SHA3_384 "sha3_384" "sha3_384([data], *, usedforsecurity=True) -> SHA3 object\n\nReturn a new SHA3 hash object with a hashbit length of 48 bytes." fixed::<::sha3::Sha3_384>(), 48, 104, false;
    SHA3_512 "sha3_512" "sha3_512([data], *, usedforsecurity=True) -> SHA3 object\n\nReturn a new SHA3 hash object with a hashbit length of 64 bytes." fixed::<::sha3::Sha3_512>(), 64, 72, false;
    SHAKE_128 "shake_128" "shake_128([data], *, usedforsecurity=True) -> SHAKE object\n\nReturn a new SHAKE hash object." Box::new(Shake(::sha3::Shake128::default())), 0, 168, true;
    SHAKE_256 "shake_256" "shake_256([data], *, usedforsecurity=True) -> SHAKE object\n\nReturn a new SHAKE hash object." Box::new(Shake(::sha3::Shake256::default())), 0, 136, true;
}
