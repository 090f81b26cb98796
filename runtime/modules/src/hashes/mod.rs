//! `_md5`, `_sha1`, `_sha2`, `_sha3`, `_blake2` and `_hashlib`: what `hashlib` and `hmac` are
//! made of.

mod blake2;
mod kdf;
mod mac;
mod openssl;
mod sha3;

pub use openssl::HASHLIB;

use smallvec::SmallVec;
use std::cell::RefCell;
use taipan_runtime::heap::{Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Class, ClassFlags, GetSetDef, MethodDef, ModuleDef, TypeDef};
use taipan_runtime::types::protocol::this;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// A hash function being fed.
trait Hasher {
    fn update(&mut self, data: &[u8]);
    /// The digest, which has `len` bytes where the function lets them be chosen.
    fn digest(&self, len: usize) -> Vec<u8>;
    fn duplicate(&self) -> Box<dyn Hasher>;
}

/// What is fixed about an algorithm.
struct Algorithm {
    name: &'static str,
    digest_size: usize,
    block_size: usize,
}

/// A hash object of any of the types.
#[repr(C)]
pub struct Hash {
    pub header: Header,
    algorithm: &'static Algorithm,
    digest_size: usize,
    hasher: RefCell<Box<dyn Hasher>>,
}

heap_object!(Hash, "hash", Kind::Other, |this, marker| {}, drop);

/// Hashers of the RustCrypto crates.
#[derive(Clone)]
struct Fixed<D>(D);

impl<D: sha2::Digest + Clone + 'static> Hasher for Fixed<D> {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }
    fn digest(&self, _: usize) -> Vec<u8> {
        self.0.clone().finalize().to_vec()
    }
    fn duplicate(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}

fn fixed<D: sha2::Digest + Clone + 'static>() -> Box<dyn Hasher> {
    Box::new(Fixed(D::new()))
}

/// Feeds a bytes-like argument.
fn feed(vm: &Vm, hasher: &mut dyn Hasher, v: Value) -> Result<()> {
    if v.cast::<Str>().is_some() {
        return Err(vm.type_error("Strings must be encoded before hashing"));
    }
    if !vm.supports_buffer(v) {
        return Err(vm.type_error("object supporting the buffer API required"));
    }
    vm.with_bytes(v, |data| hasher.update(data))
}

/// The first data from the arguments `data` and `string`.
fn initial(vm: &Vm, data: Value, string: Value) -> Result<Option<Value>> {
    match (data.given(), string.given_not_none()) {
        (Some(_), Some(_)) => Err(vm.type_error(
            "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for \
             removal in a future version.",
        )),
        (data, string) => Ok(data.or(string)),
    }
}

fn alloc(
    vm: &Vm,
    class: Gc<Class>,
    algorithm: &'static Algorithm,
    digest_size: usize,
    hasher: Box<dyn Hasher>,
) -> Value {
    let object = Hash {
        header: Header::empty(),
        algorithm,
        digest_size,
        hasher: RefCell::new(hasher),
    };
    vm.heap.alloc(class.root_shape.get(), object).value()
}

/// A hash object with its first data.
fn make(
    vm: &Vm,
    class: Gc<Class>,
    algorithm: &'static Algorithm,
    mut hasher: Box<dyn Hasher>,
    (data, string): (Value, Value),
) -> Result {
    if let Some(v) = initial(vm, data, string)? {
        feed(vm, &mut *hasher, v)?;
    }
    Ok(alloc(vm, class, algorithm, algorithm.digest_size, hasher))
}

fn copy(vm: &Vm, args: &[Value]) -> Result {
    let hash = this::<Hash>(args[0]);
    let hasher = hash.hasher.borrow().duplicate();
    Ok(alloc(
        vm,
        hash.class(),
        hash.algorithm,
        hash.digest_size,
        hasher,
    ))
}

fn update(vm: &Vm, args: &[Value]) -> Result {
    let hash = this::<Hash>(args[0]);
    feed(vm, &mut **hash.hasher.borrow_mut(), args[1])?;
    Ok(Value::NONE)
}

fn digest_of(v: Value) -> Vec<u8> {
    let hash = this::<Hash>(v);
    hash.hasher.borrow().digest(hash.digest_size)
}

fn hex(vm: &Vm, digest: &[u8]) -> Result {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let text: SmallVec<[u8; 128]> = digest
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]])
        .collect();
    Ok(vm.try_new_str_latin1(&text, true)?.value())
}

const COPY: MethodDef = MethodDef::new(
    "copy",
    "(self, /)",
    "Return a copy of the hash object.",
    copy,
);
const UPDATE: MethodDef = MethodDef::new(
    "update",
    "(self, data, /)",
    "Update this hash object's state with the provided bytes-like object.",
    update,
);
const DIGEST: MethodDef = MethodDef::new(
    "digest",
    "(self, /)",
    "Return the digest value as a bytes object.",
    |vm, args| Ok(vm.new_bytes(&digest_of(args[0]))?.value()),
);
const HEXDIGEST: MethodDef = MethodDef::new(
    "hexdigest",
    "(self, /)",
    "Return the digest value as a string of hexadecimal digits.",
    |vm, args| hex(vm, &digest_of(args[0])),
);
const METHODS: &[MethodDef] = &[COPY, UPDATE, DIGEST, HEXDIGEST];

const ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef {
        name: "name",
        doc: "",
        get: |vm, v| Ok(vm.new_str(this::<Hash>(v).algorithm.name).value()),
        set: None,
    },
    GetSetDef {
        name: "digest_size",
        doc: "",
        get: |vm, v| Ok(vm.new_int(this::<Hash>(v).digest_size as i64)),
        set: None,
    },
    GetSetDef {
        name: "block_size",
        doc: "",
        get: |vm, v| Ok(vm.new_int(this::<Hash>(v).algorithm.block_size as i64)),
        set: None,
    },
];

const CONSTRUCTOR: &str = "(data=b'', *, usedforsecurity=True, string=None)";

const fn hash_type(module: &'static str, name: &'static str) -> TypeDef {
    TypeDef {
        module,
        flags: ClassFlags::NO_INSTANTIATION,
        methods: METHODS,
        getset: ATTRIBUTES,
        ..TypeDef::new(name, <Hash as Object>::LAYOUT)
    }
}

macro_rules! functions {
    ($($function:ident $ty:ident $module:literal $type_name:literal $name:literal $hasher:ty, $digest:literal, $block:literal;)*) => {
        $(
            static $ty: TypeDef = hash_type($module, $type_name);

            fn $function(vm: &Vm, args: &[Value]) -> Result {
                static ALGORITHM: Algorithm =
                    Algorithm { name: $name, digest_size: $digest, block_size: $block };
                make(vm, vm.class_of_def(&$ty)?, &ALGORITHM, fixed::<$hasher>(), (args[0], args[2]))
            }
        )*
    };
}

functions! {
    md5 MD5_TYPE "_md5" "md5" "md5" ::md5::Md5, 16, 64;
    sha1 SHA1_TYPE "_sha1" "sha1" "sha1" ::sha1::Sha1, 20, 64;
    sha224 SHA224_TYPE "_sha2" "SHA224Type" "sha224" ::sha2::Sha224, 28, 64;
    sha256 SHA256_TYPE "_sha2" "SHA256Type" "sha256" ::sha2::Sha256, 32, 64;
    sha384 SHA384_TYPE "_sha2" "SHA384Type" "sha384" ::sha2::Sha384, 48, 128;
    sha512 SHA512_TYPE "_sha2" "SHA512Type" "sha512" ::sha2::Sha512, 64, 128;
}

fn set_gil_size(vm: &Vm, module: Gc<taipan_runtime::types::module::Module>) {
    module.set(vm, "_GIL_MINSIZE", vm.new_int(2048));
}

/// `_md5`.
pub static MD5: ModuleDef = ModuleDef {
    name: "_md5",
    doc: "",
    functions: &[MethodDef::new(
        "md5",
        CONSTRUCTOR,
        "Return a new MD5 hash object; optionally initialized with a string.",
        md5,
    )],
    types: &[],
    exec: Some(|vm, module| {
        module.set(vm, "MD5Type", vm.class_of_def(&MD5_TYPE)?);
        set_gil_size(vm, module);
        Ok(())
    }),
};

/// `_sha1`.
pub static SHA1: ModuleDef = ModuleDef {
    name: "_sha1",
    doc: "",
    functions: &[MethodDef::new(
        "sha1",
        CONSTRUCTOR,
        "Return a new SHA1 hash object; optionally initialized with a string.",
        sha1,
    )],
    types: &[],
    exec: Some(|vm, module| {
        module.set(vm, "SHA1Type", vm.class_of_def(&SHA1_TYPE)?);
        set_gil_size(vm, module);
        Ok(())
    }),
};

/// `_sha2`.
pub static SHA2: ModuleDef = ModuleDef {
    name: "_sha2",
    doc: "",
    functions: &[
        MethodDef::new(
            "sha224",
            CONSTRUCTOR,
            "Return a new SHA-224 hash object; optionally initialized with a string.",
            sha224,
        ),
        MethodDef::new(
            "sha256",
            CONSTRUCTOR,
            "Return a new SHA-256 hash object; optionally initialized with a string.",
            sha256,
        ),
        MethodDef::new(
            "sha384",
            CONSTRUCTOR,
            "Return a new SHA-384 hash object; optionally initialized with a string.",
            sha384,
        ),
        MethodDef::new(
            "sha512",
            CONSTRUCTOR,
            "Return a new SHA-512 hash object; optionally initialized with a string.",
            sha512,
        ),
    ],
    types: &[&SHA224_TYPE, &SHA256_TYPE, &SHA384_TYPE, &SHA512_TYPE],
    exec: Some(|vm, module| {
        set_gil_size(vm, module);
        Ok(())
    }),
};

/// `_sha3`.
pub static SHA3: ModuleDef = ModuleDef {
    name: "_sha3",
    doc: "",
    functions: &[],
    types: sha3::TYPES,
    exec: Some(|vm, module| {
        module.set(vm, "implementation", vm.new_str("RustCrypto"));
        set_gil_size(vm, module);
        Ok(())
    }),
};

/// `_blake2`.
pub static BLAKE2: ModuleDef = ModuleDef {
    name: "_blake2",
    doc: "_blake2b provides BLAKE2b for hashlib\n",
    functions: &[],
    types: &[&blake2::BLAKE2B, &blake2::BLAKE2S],
    exec: Some(|vm, module| {
        for (name, n) in [
            ("BLAKE2B_SALT_SIZE", 16),
            ("BLAKE2B_PERSON_SIZE", 16),
            ("BLAKE2B_MAX_KEY_SIZE", 64),
            ("BLAKE2B_MAX_DIGEST_SIZE", 64),
            ("BLAKE2S_SALT_SIZE", 8),
            ("BLAKE2S_PERSON_SIZE", 8),
            ("BLAKE2S_MAX_KEY_SIZE", 32),
            ("BLAKE2S_MAX_DIGEST_SIZE", 32),
        ] {
            module.set(vm, name, vm.new_int(n));
        }
        set_gil_size(vm, module);
        Ok(())
    }),
};
