//! BLAKE2b and BLAKE2s (RFC 7693), with the parameters of tree hashing that no
//! crate offers.

use super::{
    ATTRIBUTES, Algorithm, COPY, DIGEST, HEXDIGEST, Hash, Hasher, UPDATE, alloc, feed, initial,
};
use taipan_runtime::heap::{Gc, Object};
use taipan_runtime::object::{Class, MethodDef, TypeDef};
use taipan_runtime::types::protocol::class_argument;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// The order in which each round takes the message's words.
const SIGMA: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

/// What distinguishes the two functions.
trait Word: Copy + 'static {
    /// Bytes of a word.
    const SIZE: usize;
    const ROUNDS: usize;
    const ROTATIONS: [u32; 4];
    const IV: [Self; 8];
    fn load(bytes: &[u8]) -> Self;
    fn store(self, out: &mut Vec<u8>);
    fn add(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    fn rotate(self, by: u32) -> Self;
    /// The low or high half of the counter of bytes.
    fn counter(count: u128, high: bool) -> Self;
    fn ones() -> Self;
}

macro_rules! word {
    ($ty:ty, $rounds:literal, $rotations:expr, $iv:expr) => {
        impl Word for $ty {
            const SIZE: usize = size_of::<$ty>();
            const ROUNDS: usize = $rounds;
            const ROTATIONS: [u32; 4] = $rotations;
            const IV: [Self; 8] = $iv;
            fn load(bytes: &[u8]) -> Self {
                let mut word = [0; size_of::<$ty>()];
                word.copy_from_slice(bytes);
                <$ty>::from_le_bytes(word)
            }
            fn store(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            fn add(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            fn xor(self, other: Self) -> Self {
                self ^ other
            }
            fn rotate(self, by: u32) -> Self {
                self.rotate_right(by)
            }
            fn counter(count: u128, high: bool) -> Self {
                (if high { count >> <$ty>::BITS } else { count }) as $ty
            }
            fn ones() -> Self {
                <$ty>::MAX
            }
        }
    };
}

word!(
    u64,
    12,
    [32, 24, 16, 63],
    [
        0x6A09_E667_F3BC_C908,
        0xBB67_AE85_84CA_A73B,
        0x3C6E_F372_FE94_F82B,
        0xA54F_F53A_5F1D_36F1,
        0x510E_527F_ADE6_82D1,
        0x9B05_688C_2B3E_6C1F,
        0x1F83_D9AB_FB41_BD6B,
        0x5BE0_CD19_137E_2179,
    ]
);
word!(
    u32,
    10,
    [16, 12, 8, 7],
    [
        0x6A09_E667,
        0xBB67_AE85,
        0x3C6E_F372,
        0xA54F_F53A,
        0x510E_527F,
        0x9B05_688C,
        0x1F83_D9AB,
        0x5BE0_CD19,
    ]
);

/// The state of a hash.
#[derive(Clone)]
struct Blake2<W> {
    h: [W; 8],
    count: u128,
    /// Data not yet compressed: at most a block, and the last block always.
    buffer: Vec<u8>,
    last_node: bool,
}

impl<W: Word> Blake2<W> {
    /// A state for a parameter block, and a key (perhaps empty).
    fn new(parameters: &[u8], key: &[u8], last_node: bool) -> Self {
        let mut h = W::IV;
        for (h, p) in h.iter_mut().zip(parameters.chunks_exact(W::SIZE)) {
            *h = h.xor(W::load(p));
        }
        let mut state = Blake2 {
            h,
            count: 0,
            buffer: Vec::new(),
            last_node,
        };
        if !key.is_empty() {
            let mut block = key.to_vec();
            block.resize(16 * W::SIZE, 0);
            state.update(&block);
        }
        state
    }

    fn compress(&mut self, block: &[u8], last: bool) {
        let mut m = W::IV.iter().chain(&W::IV).copied().collect::<Vec<W>>();
        for (m, bytes) in m.iter_mut().zip(block.chunks_exact(W::SIZE)) {
            *m = W::load(bytes);
        }
        let mut v = [W::IV[0]; 16];
        v[..8].copy_from_slice(&self.h);
        v[8..].copy_from_slice(&W::IV);
        v[12] = v[12].xor(W::counter(self.count, false));
        v[13] = v[13].xor(W::counter(self.count, true));
        if last {
            v[14] = v[14].xor(W::ones());
            if self.last_node {
                v[15] = v[15].xor(W::ones());
            }
        }
        let [r1, r2, r3, r4] = W::ROTATIONS;
        let mut mix = |a: usize, b: usize, c: usize, d: usize, x: W, y: W| {
            v[a] = v[a].add(v[b]).add(x);
            v[d] = v[d].xor(v[a]).rotate(r1);
            v[c] = v[c].add(v[d]);
            v[b] = v[b].xor(v[c]).rotate(r2);
            v[a] = v[a].add(v[b]).add(y);
            v[d] = v[d].xor(v[a]).rotate(r3);
            v[c] = v[c].add(v[d]);
            v[b] = v[b].xor(v[c]).rotate(r4);
        };
        for round in 0..W::ROUNDS {
            let s = &SIGMA[round % 10];
            for i in 0..4 {
                mix(i, 4 + i, 8 + i, 12 + i, m[s[2 * i]], m[s[2 * i + 1]]);
            }
            for i in 0..4 {
                let (b, c, d) = (4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
                mix(i, b, c, d, m[s[8 + 2 * i]], m[s[9 + 2 * i]]);
            }
        }
        for i in 0..8 {
            self.h[i] = self.h[i].xor(v[i]).xor(v[i + 8]);
        }
    }
}

impl<W: Word> Hasher for Blake2<W> {
    fn update(&mut self, mut data: &[u8]) {
        let block = 16 * W::SIZE;
        while !data.is_empty() {
            if self.buffer.len() == block {
                let full = std::mem::take(&mut self.buffer);
                self.count += block as u128;
                self.compress(&full, false);
            }
            let take = data.len().min(block - self.buffer.len());
            self.buffer.extend_from_slice(&data[..take]);
            data = &data[take..];
        }
    }

    fn digest(&self, len: usize) -> Vec<u8> {
        let mut last = self.clone();
        last.count += last.buffer.len() as u128;
        let mut block = std::mem::take(&mut last.buffer);
        block.resize(16 * W::SIZE, 0);
        last.compress(&block, true);
        let mut out = Vec::with_capacity(8 * W::SIZE);
        last.h.iter().for_each(|h| h.store(&mut out));
        out.truncate(len);
        out
    }

    fn duplicate(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}

/// BLAKE2b without a key or other parameters, and digests of full length.
pub fn plain_b() -> Box<dyn Hasher> {
    let mut parameters = [0; 64];
    parameters[..4].copy_from_slice(&[64, 0, 1, 1]);
    Box::new(Blake2::<u64>::new(&parameters, &[], false))
}

/// BLAKE2s, likewise.
pub fn plain_s() -> Box<dyn Hasher> {
    let mut parameters = [0; 32];
    parameters[..4].copy_from_slice(&[32, 0, 1, 1]);
    Box::new(Blake2::<u32>::new(&parameters, &[], false))
}

/// The constructor's arguments in order.
#[derive(Clone, Copy)]
enum Arg {
    Data = 1,
    DigestSize,
    Key,
    Salt,
    Person,
    Fanout,
    Depth,
    LeafSize,
    NodeOffset,
    NodeDepth,
    InnerSize,
    LastNode,
    String = 14,
}

fn new<W: Word>(
    vm: &Vm,
    args: &[Value],
    class: Gc<Class>,
    algorithm: &'static Algorithm,
    name: &str,
) -> Result {
    let get = |arg: Arg| args[arg as usize].given();
    let most = algorithm.digest_size;
    let int = |arg: Arg, default: i64| get(arg).map_or(Ok(default), |v| vm.to_ssize_arg(v));
    let digest_size = int(Arg::DigestSize, most as i64)?;
    if !(1..=most as i64).contains(&digest_size) {
        return Err(vm.value_error(format!(
            "digest_size for {name} must be between 1 and {most} bytes, here it is {digest_size}"
        )));
    }
    let bytes = |arg: Arg, what: &str, most: usize| -> Result<Vec<u8>> {
        let data = match get(arg) {
            Some(v) => vm.bytes_like(v)?.contiguous_bytes().into_owned(),
            None => Vec::new(),
        };
        if data.len() > most {
            return Err(vm.value_error(format!("maximum {what} length is {most} bytes")));
        }
        Ok(data)
    };
    let salt = bytes(Arg::Salt, "salt", 2 * W::SIZE)?;
    let person = bytes(Arg::Person, "person", 2 * W::SIZE)?;
    let ranged = |arg: Arg, what: &str, default: i64, low: i64, high: i64| -> Result<u8> {
        let n = int(arg, default)?;
        if (low..=high).contains(&n) {
            Ok(n as u8)
        } else {
            Err(vm.value_error(format!("{what} must be between {low} and {high}")))
        }
    };
    let fanout = ranged(Arg::Fanout, "fanout", 1, 0, 255)?;
    let depth = ranged(Arg::Depth, "depth", 1, 1, 255)?;
    let unsigned = |arg: Arg, what: &str, bits: u32| -> Result<u64> {
        let Some(v) = get(arg) else { return Ok(0) };
        let i = vm.index(v)?;
        if i.as_int_ref().is_some_and(|i| i.is_negative()) {
            return Err(vm.value_error("Cannot convert negative int"));
        }
        let n = i.as_int_ref().and_then(|i| u64::try_from(&i.to_big()).ok());
        n.filter(|n| bits == 64 || *n < 1 << bits)
            .ok_or_else(|| vm.overflow_error(format!("{what} is too large")))
    };
    let leaf_size = unsigned(Arg::LeafSize, "leaf_size", 32)?;
    let node_offset = unsigned(
        Arg::NodeOffset,
        "node_offset",
        if W::SIZE == 8 { 64 } else { 48 },
    )?;
    let node_depth = ranged(Arg::NodeDepth, "node_depth", 0, 0, 255)?;
    let inner_size = int(Arg::InnerSize, 0)?;
    if !(0..=most as i64).contains(&inner_size) {
        return Err(vm.value_error(format!("inner_size must be between 0 and is {most}")));
    }
    let key = bytes(Arg::Key, "key", most)?;
    let last_node = get(Arg::LastNode).map_or(Ok(false), |v| vm.truth(v))?;

    let mut parameters = vec![digest_size as u8, key.len() as u8, fanout, depth];
    parameters.extend_from_slice(&(leaf_size as u32).to_le_bytes());
    parameters.extend_from_slice(&node_offset.to_le_bytes()[..if W::SIZE == 8 { 8 } else { 6 }]);
    parameters.extend([node_depth, inner_size as u8]);
    // The wider parameter block has reserved bytes here.
    parameters.resize(4 * W::SIZE, 0);
    for part in [&salt, &person] {
        let end = parameters.len() + 2 * W::SIZE;
        parameters.extend_from_slice(part);
        parameters.resize(end, 0);
    }
    let mut hasher: Box<dyn Hasher> = Box::new(Blake2::<W>::new(&parameters, &key, last_node));
    if let Some(v) = initial(vm, args[Arg::Data as usize], args[Arg::String as usize])? {
        feed(vm, &mut *hasher, v)?;
    }
    Ok(alloc(vm, class, algorithm, digest_size as usize, hasher))
}

const SIGNATURE: &str = "(type, /, data=b'', *, digest_size=64, key=b'', salt=b'', person=b'', fanout=1, depth=1, \
                         leaf_size=0, node_offset=0, node_depth=0, inner_size=0, last_node=False, \
                         usedforsecurity=True, string=None)";
const NEW_DOC: &str = "Create and return a new object.  See help(type) for accurate signature.";

fn set_sizes(vm: &Vm, class: Gc<Class>, word: i64) -> Result<()> {
    for (name, n) in [
        ("SALT_SIZE", 2),
        ("PERSON_SIZE", 2),
        ("MAX_KEY_SIZE", 8),
        ("MAX_DIGEST_SIZE", 8),
    ] {
        class
            .namespace()
            .set_str(vm, vm.intern(name), vm.new_int(n * word));
    }
    Ok(())
}

/// `blake2b`.
pub static BLAKE2B: TypeDef = TypeDef {
    module: "_blake2",
    doc: "Return a new BLAKE2b hash object.",
    methods: &[
        MethodDef::new("__new__", SIGNATURE, NEW_DOC, |vm, args| {
            static ALGORITHM: Algorithm = Algorithm {
                name: "blake2b",
                digest_size: 64,
                block_size: 128,
            };
            let class = class_argument(vm, args, vm.class_of_def(&BLAKE2B)?)?;
            new::<u64>(vm, args, class, &ALGORITHM, "Blake2b")
        })
        .static_(),
        COPY,
        UPDATE,
        DIGEST,
        HEXDIGEST,
    ],
    getset: ATTRIBUTES,
    finish: Some(|vm, class| set_sizes(vm, class, 8)),
    ..TypeDef::new("blake2b", <Hash as Object>::LAYOUT)
};

/// `blake2s`.
pub static BLAKE2S: TypeDef = TypeDef {
    module: "_blake2",
    doc: "Return a new BLAKE2s hash object.",
    methods: &[
        MethodDef::new("__new__", SIGNATURE, NEW_DOC, |vm, args| {
            static ALGORITHM: Algorithm = Algorithm {
                name: "blake2s",
                digest_size: 32,
                block_size: 64,
            };
            let class = class_argument(vm, args, vm.class_of_def(&BLAKE2S)?)?;
            new::<u32>(vm, args, class, &ALGORITHM, "Blake2s")
        })
        .static_(),
        COPY,
        UPDATE,
        DIGEST,
        HEXDIGEST,
    ],
    getset: ATTRIBUTES,
    finish: Some(|vm, class| set_sizes(vm, class, 4)),
    ..TypeDef::new("blake2s", <Hash as Object>::LAYOUT)
};
