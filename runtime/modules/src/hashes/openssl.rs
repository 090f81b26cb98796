//! `_hashlib`: what `hashlib` and `hmac` look for first. In CPython it is OpenSSL's; here the
//! same interface stands on the hash functions of this folder.

use super::kdf::{pbkdf2_hmac, scrypt};
use super::mac::{HMAC, hmac_digest, hmac_new};
use super::sha3::Shake;
use super::{
    ATTRIBUTES, Algorithm, CONSTRUCTOR, COPY, DIGEST, HEXDIGEST, Hash, Hasher, UPDATE, fixed, hex,
    make,
};
use std::fmt::Write;
use taipan_runtime::heap::Object;
use taipan_runtime::object::{
    ClassFlags, GetSetDef, MethodDef, ModuleDef, NativeFunction, TypeDef,
};
use taipan_runtime::types::exception::{Exception, classes as exc};
use taipan_runtime::types::protocol::this;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// Derives a key by PBKDF2 with the HMAC of one function: password, salt, rounds, key.
pub type Derive = fn(&[u8], &[u8], u32, &mut [u8]);

/// A hash function by the names that OpenSSL has for it.
pub struct Function {
    pub algorithm: Algorithm,
    /// Other names, in lower case.
    aliases: &'static [&'static str],
    pub start: fn() -> Box<dyn Hasher>,
    /// Faster than by way of [`super::mac::Keyed`].
    pub derive: Option<Derive>,
}

impl Function {
    /// Whether the length of the digest is chosen, which HMAC has no use for.
    pub fn is_extendable(&self) -> bool {
        self.algorithm.digest_size == 0
    }
}

/// MD5 and SHA-1 of the same data, one behind the other, as early TLS has it.
#[derive(Clone, Default)]
struct Md5Sha1(::md5::Md5, ::sha1::Sha1);

impl Hasher for Md5Sha1 {
    fn update(&mut self, data: &[u8]) {
        sha2::Digest::update(&mut self.0, data);
        sha2::Digest::update(&mut self.1, data);
    }
    fn digest(&self, _: usize) -> Vec<u8> {
        let mut all = sha2::Digest::finalize(self.0.clone()).to_vec();
        all.extend_from_slice(&sha2::Digest::finalize(self.1.clone()));
        all
    }
    fn duplicate(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}

macro_rules! table {
    ($($name:literal $digest:literal $block:literal [$($alias:literal)*] $start:expr, $derive:expr;)*) => {
        &[$(Function {
            algorithm: Algorithm { name: $name, digest_size: $digest, block_size: $block },
            aliases: &[$($alias),*],
            start: $start,
            derive: $derive,
        }),*]
    };
}

static FUNCTIONS: &[Function] = table! {
    "md5" 16 64 ["ssl3-md5"] fixed::<::md5::Md5>, Some(pbkdf2::pbkdf2_hmac::<::md5::Md5>);
    "sha1" 20 64 ["sha-1" "ssl3-sha1"] fixed::<::sha1::Sha1>, Some(pbkdf2::pbkdf2_hmac::<::sha1::Sha1>);
    "sha224" 28 64 ["sha2-224" "sha-224"] fixed::<sha2::Sha224>, Some(pbkdf2::pbkdf2_hmac::<sha2::Sha224>);
    "sha256" 32 64 ["sha2-256" "sha-256"] fixed::<sha2::Sha256>, Some(pbkdf2::pbkdf2_hmac::<sha2::Sha256>);
    "sha384" 48 128 ["sha2-384" "sha-384"] fixed::<sha2::Sha384>, Some(pbkdf2::pbkdf2_hmac::<sha2::Sha384>);
    "sha512" 64 128 ["sha2-512" "sha-512"] fixed::<sha2::Sha512>, Some(pbkdf2::pbkdf2_hmac::<sha2::Sha512>);
    "sha512_224" 28 128 ["sha2-512/224" "sha-512/224" "sha512-224"] fixed::<sha2::Sha512_224>, Some(pbkdf2::pbkdf2_hmac::<sha2::Sha512_224>);
    "sha512_256" 32 128 ["sha2-512/256" "sha-512/256" "sha512-256"] fixed::<sha2::Sha512_256>, Some(pbkdf2::pbkdf2_hmac::<sha2::Sha512_256>);
    "sha3_224" 28 144 ["sha3-224"] fixed::<::sha3::Sha3_224>, Some(pbkdf2::pbkdf2_hmac::<::sha3::Sha3_224>);
    "sha3_256" 32 136 ["sha3-256"] fixed::<::sha3::Sha3_256>, Some(pbkdf2::pbkdf2_hmac::<::sha3::Sha3_256>);
    "sha3_384" 48 104 ["sha3-384"] fixed::<::sha3::Sha3_384>, Some(pbkdf2::pbkdf2_hmac::<::sha3::Sha3_384>);
    "sha3_512" 64 72 ["sha3-512"] fixed::<::sha3::Sha3_512>, Some(pbkdf2::pbkdf2_hmac::<::sha3::Sha3_512>);
    "shake_128" 0 168 ["shake-128" "shake128"] || Box::new(Shake(::sha3::Shake128::default())), None;
    "shake_256" 0 136 ["shake-256" "shake256"] || Box::new(Shake(::sha3::Shake256::default())), None;
    "blake2b" 64 128 ["blake2b512" "blake2b-512"] super::blake2::plain_b, None;
    "blake2s" 32 64 ["blake2s256" "blake2s-256"] super::blake2::plain_s, None;
    "ripemd160" 20 64 ["ripemd-160" "ripemd" "rmd160"] fixed::<ripemd::Ripemd160>, Some(pbkdf2::pbkdf2_hmac::<ripemd::Ripemd160>);
    "sm3" 32 64 [] fixed::<::sm3::Sm3>, Some(pbkdf2::pbkdf2_hmac::<::sm3::Sm3>);
    "md5-sha1" 36 64 [] || Box::new(Md5Sha1::default()), None;
};

/// Those that are functions of the module, too.
const CONSTRUCTORS: usize = 12;

/// `_hashlib.UnsupportedDigestmodError`.
static UNSUPPORTED: TypeDef = TypeDef {
    module: "_hashlib",
    subclassable: true,
    base: Some(&exc::VALUE_ERROR),
    flags: ClassFlags::EXCEPTION,
    ..TypeDef::new("UnsupportedDigestmodError", <Exception as Object>::LAYOUT)
};

#[cold]
pub fn unsupported(vm: &Vm, message: &str) -> Raised {
    vm.raise_str(vm.exception_class(&UNSUPPORTED), message)
}

/// The function of a name, in any case.
///
/// # Errors
/// There is none.
pub fn by_name(vm: &Vm, name: &str) -> Result<&'static Function> {
    let name = name.to_ascii_lowercase();
    FUNCTIONS
        .iter()
        .find(|f| f.algorithm.name == name || f.aliases.contains(&name.as_str()))
        .ok_or_else(|| unsupported(vm, "[digital envelope routines] unsupported"))
}

/// The function that an argument `digestmod` means: a name, or a constructor of this module.
///
/// # Errors
/// It means none.
pub fn by_argument(vm: &Vm, v: Value) -> Result<&'static Function> {
    if let Some(name) = v.cast::<Str>() {
        return by_name(vm, &name.to_text());
    }
    let constructor = v
        .cast::<NativeFunction>()
        .and_then(|f| f.def.name.strip_prefix("openssl_"));
    match constructor {
        Some(name) => by_name(vm, name),
        None => {
            let text = vm.repr_text(v)?;
            Err(unsupported(vm, &format!("Unsupported digestmod {text}")))
        }
    }
}

fn construct(vm: &Vm, function: &'static Function, data: Value, string: Value) -> Result {
    let def = if function.is_extendable() {
        &HASHXOF
    } else {
        &HASH
    };
    let class = vm.class_of_def(def)?;
    let hasher = (function.start)();
    make(vm, class, &function.algorithm, hasher, (data, string))
}

fn new(vm: &Vm, args: &[Value]) -> Result {
    let Some(name) = args[0].cast::<Str>() else {
        return Err(vm.type_error(format!(
            "new() argument 'name' must be str, not {}",
            taipan_runtime::types::support::arg_name(vm, args[0])
        )));
    };
    let function = by_name(vm, &name.to_text())?;
    construct(vm, function, args[1], args[3])
}

/// The text `<name kind object @ address>`.
pub fn described(vm: &Vm, v: Value, name: &str, kind: &str) -> Result {
    let mut text = String::new();
    let _ = write!(text, "<{name} {kind} object @ {:#x}>", vm.id(v));
    Ok(vm.new_str(&text).value())
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    let hash = this::<Hash>(args[0]);
    let class = vm.full_type_name(args[0]);
    described(vm, args[0], hash.algorithm.name, &class)
}

const REPR: MethodDef = MethodDef::new("__repr__", "(self, /)", "Return repr(self).", repr);

static HASH: TypeDef = TypeDef {
    module: "_hashlib",
    doc: "A hash function that is fed piece by piece.",
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[COPY, UPDATE, DIGEST, HEXDIGEST, REPR],
    getset: ATTRIBUTES,
    ..TypeDef::new("HASH", <Hash as Object>::LAYOUT)
};

fn chosen_digest(vm: &Vm, args: &[Value]) -> Result<Vec<u8>> {
    let len = vm.to_ssize_arg(args[1])?;
    let Ok(len) = usize::try_from(len) else {
        return Err(vm.raise_str(
            vm.exception_class(&exc::SYSTEM_ERROR),
            "Negative size passed to PyBytes_FromStringAndSize",
        ));
    };
    if Vec::<u8>::new().try_reserve_exact(len).is_err() {
        return Err(vm.memory_error());
    }
    Ok(this::<Hash>(args[0]).hasher.borrow().digest(len))
}

static HASHXOF: TypeDef = TypeDef {
    module: "_hashlib",
    doc: "A hash function whose digest may have any length.",
    base: Some(&HASH),
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[
        COPY,
        UPDATE,
        MethodDef::new(
            "digest",
            "(self, /, length)",
            "Return the digest value as a bytes object.",
            |vm, args| Ok(vm.new_bytes(&chosen_digest(vm, args)?)?.value()),
        ),
        MethodDef::new(
            "hexdigest",
            "(self, /, length)",
            "Return the digest value as a string of hexadecimal digits.",
            |vm, args| hex(vm, &chosen_digest(vm, args)?),
        ),
        REPR,
    ],
    getset: &[GetSetDef {
        name: "digest_size",
        doc: "",
        get: |_, _| Ok(Value::small_int(0)),
        set: None,
    }],
    ..TypeDef::new("HASHXOF", <Hash as Object>::LAYOUT)
};

macro_rules! constructor {
    ($name:literal $index:literal) => {
        MethodDef::new(
            $name,
            CONSTRUCTOR,
            "Start a hash of this kind, perhaps with first data.",
            |vm, args| construct(vm, &FUNCTIONS[$index], args[0], args[2]),
        )
    };
}

/// The module.
pub static HASHLIB: ModuleDef = ModuleDef {
    name: "_hashlib",
    doc: "Hash functions, HMAC, and keys from passwords.",
    functions: &[
        constructor!("openssl_md5" 0),
        constructor!("openssl_sha1" 1),
        constructor!("openssl_sha224" 2),
        constructor!("openssl_sha256" 3),
        constructor!("openssl_sha384" 4),
        constructor!("openssl_sha512" 5),
        constructor!("openssl_sha3_224" 8),
        constructor!("openssl_sha3_256" 9),
        constructor!("openssl_sha3_384" 10),
        constructor!("openssl_sha3_512" 11),
        constructor!("openssl_shake_128" 12),
        constructor!("openssl_shake_256" 13),
        MethodDef::new(
            "new",
            "(name, data=b'', *, usedforsecurity=True, string=None)",
            "Start a hash by the name of its function, perhaps with first data.",
            new,
        ),
        MethodDef::new(
            "hmac_new",
            "(key, msg=b'', digestmod=None)",
            "Start an HMAC, perhaps with a first part of the message.",
            hmac_new,
        ),
        MethodDef::new(
            "hmac_digest",
            "(key, msg, digest)",
            "The HMAC of a message at once.",
            hmac_digest,
        ),
        MethodDef::new(
            "compare_digest",
            "(a, b, /)",
            "Whether both are equal, in a time that does not tell where they differ.",
            crate::operator::compare_digest,
        ),
        MethodDef::new(
            "pbkdf2_hmac",
            "(hash_name, password, salt, iterations, dklen=None)",
            "A key from a password, by PBKDF2 (RFC 8018) with HMAC.",
            pbkdf2_hmac,
        ),
        MethodDef::new(
            "scrypt",
            "(password, *, salt, n, r, p, maxmem=0, dklen=64)",
            "A key from a password, by scrypt (RFC 7914).",
            scrypt,
        ),
        MethodDef::new(
            "get_fips_mode",
            "()",
            "Whether only what FIPS 140 allows is offered: never.",
            |_, _| Ok(Value::small_int(0)),
        ),
    ],
    types: &[&UNSUPPORTED, &HASH, &HASHXOF, &HMAC],
    exec: Some(|vm, module| {
        let mut names = vm.rooted();
        for function in FUNCTIONS {
            names.push(vm.new_str(function.algorithm.name).value());
        }
        let names = vm.new_list(&names)?.value();
        let set = vm.call(vm.types.frozenset.get().value(), &[names])?;
        module.set(vm, "openssl_md_meth_names", set);
        let constructors = vm.new_dict();
        for def in &HASHLIB.functions[..CONSTRUCTORS] {
            let function = vm.get_attr_str(module.value(), def.name)?;
            let name = def.name.strip_prefix("openssl_").unwrap_or_default();
            constructors.set(vm, function, vm.new_str(name).value())?;
        }
        let proxy = vm.import_attr("types", "MappingProxyType")?;
        module.set(
            vm,
            "_constructors",
            vm.call(proxy, &[constructors.value()])?,
        );
        super::set_gil_size(vm, module);
        Ok(())
    }),
};
