//! `_random`: the Mersenne Twister (Matsumoto and Nishimura, 1998), so that a seed
//! gives the numbers that it gives elsewhere.

use std::cell::RefCell;
use taipan_runtime::heap::{Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{MethodDef, ModuleDef, TypeDef, slots};
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::protocol::{
    check_count, class_argument, no_keywords_unless_subclass, this,
};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::int::Endian;

const N: usize = 624;
const M: usize = 397;

/// The generator.
struct Twister {
    state: [u32; N],
    index: usize,
}

impl Twister {
    /// One that nobody seeded: it gives zeros.
    const fn empty() -> Twister {
        Twister {
            state: [0; N],
            index: 0,
        }
    }

    fn init(&mut self, seed: u32) {
        self.state[0] = seed;
        for i in 1..N {
            let last = self.state[i - 1];
            self.state[i] = 1_812_433_253u32
                .wrapping_mul(last ^ last >> 30)
                .wrapping_add(i as u32);
        }
        self.index = N;
    }

    fn init_by_array(&mut self, key: &[u32]) {
        self.init(19_650_218);
        let (mut i, mut j) = (1, 0);
        let mix = |state: &[u32; N], i: usize, factor: u32| {
            let last = state[i - 1];
            state[i] ^ (last ^ last >> 30).wrapping_mul(factor)
        };
        for _ in 0..N.max(key.len()) {
            self.state[i] = mix(&self.state, i, 1_664_525)
                .wrapping_add(key[j])
                .wrapping_add(j as u32);
            i += 1;
            j += 1;
            if i >= N {
                self.state[0] = self.state[N - 1];
                i = 1;
            }
            if j >= key.len() {
                j = 0;
            }
        }
        for _ in 0..N - 1 {
            self.state[i] = mix(&self.state, i, 1_566_083_941).wrapping_sub(i as u32);
            i += 1;
            if i >= N {
                self.state[0] = self.state[N - 1];
                i = 1;
            }
        }
        self.state[0] = 0x8000_0000;
    }

    fn refill(&mut self) {
        for i in 0..N {
            let y = (self.state[i] & 0x8000_0000) | (self.state[(i + 1) % N] & 0x7FFF_FFFF);
            let odd = if y & 1 == 1 { 0x9908_B0DF } else { 0 };
            self.state[i] = self.state[(i + M) % N] ^ y >> 1 ^ odd;
        }
        self.index = 0;
    }

    #[inline]
    fn next(&mut self) -> u32 {
        if self.index >= N {
            self.refill();
        }
        let mut y = self.state[self.index];
        self.index += 1;
        y ^= y >> 11;
        y ^= y << 7 & 0x9D2C_5680;
        y ^= y << 15 & 0xEFC6_0000;
        y ^ y >> 18
    }
}

/// `_random.Random`.
#[repr(C)]
pub struct Random {
    pub header: Header,
    twister: RefCell<Twister>,
}

heap_object!(Random, "Random", Kind::Other, |this, marker| {});

fn random_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let base = vm.class_of_def(&RANDOM_TYPE)?;
    let class = class_argument(vm, args, base)?;
    no_keywords_unless_subclass(vm, class, base, names)?;
    let object = Random {
        header: Header::empty(),
        twister: RefCell::new(Twister::empty()),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn random_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let base = vm.class_of_def(&RANDOM_TYPE)?;
    no_keywords_unless_subclass(vm, vm.class_of(args[0]), base, names)?;
    let given = args.len() - 1 - names.map_or(0, |n| n.len());
    check_count(vm, "Random", given, 0, 1)?;
    seed(
        vm,
        &this::<Random>(args[0]),
        if given > 0 { args[1] } else { Value::NONE },
    )?;
    Ok(Value::NONE)
}

fn seed(vm: &Vm, random: &Random, v: Value) -> Result<()> {
    let key: Vec<u32> = match v.as_int_ref() {
        None if v.is_none() => {
            let mut key = vec![0u32; N];
            // SAFETY: fills the buffer, or leaves part of it as it is.
            unsafe { libc::getrandom(key.as_mut_ptr().cast(), N * 4, 0) };
            key
        }
        None => words(vm.hash(v)?),
        Some(IntRef::Small(i)) => words(i.unsigned_abs()),
        Some(IntRef::Big(b)) => {
            let limbs = b.limbs().iter();
            let mut key: Vec<u32> = limbs.flat_map(|l| [*l as u32, (l >> 32) as u32]).collect();
            while key.len() > 1 && key.last() == Some(&0) {
                key.pop();
            }
            key
        }
    };
    random.twister.borrow_mut().init_by_array(&key);
    Ok(())
}

fn words(n: u64) -> Vec<u32> {
    if n >> 32 == 0 {
        vec![n as u32]
    } else {
        vec![n as u32, (n >> 32) as u32]
    }
}

fn random(_: &Vm, args: &[Value]) -> Result {
    let this = this::<Random>(args[0]);
    let mut twister = this.twister.borrow_mut();
    let (a, b) = (twister.next() >> 5, twister.next() >> 6);
    Ok(Value::float(
        (f64::from(a) * 67_108_864.0 + f64::from(b)) * (1.0 / 9_007_199_254_740_992.0),
    ))
}

fn getrandbits(vm: &Vm, args: &[Value]) -> Result {
    let bits = vm.index(args[1])?;
    if bits.as_int_ref().is_some_and(|b| b.is_negative()) {
        return Err(vm.value_error("number of bits must be non-negative"));
    }
    let k = vm.to_ssize_arg(bits)?;
    let this = this::<Random>(args[0]);
    let mut twister = this.twister.borrow_mut();
    match k {
        ..=0 => Ok(Value::small_int(0)),
        1..=32 => Ok(vm.new_int((twister.next() >> (32 - k)).into())),
        _ => {
            let mut bytes = Vec::new();
            let count = (k as usize - 1) / 32 + 1;
            if bytes.try_reserve_exact(count * 4).is_err() {
                return Err(vm.memory_error());
            }
            let mut left = k;
            for _ in 0..count {
                let mut word = twister.next();
                if left < 32 {
                    word >>= 32 - left;
                }
                bytes.extend_from_slice(&word.to_le_bytes());
                left -= 32;
            }
            vm.int_from_bytes(&bytes, Endian::Little, false)
        }
    }
}

fn getstate(vm: &Vm, args: &[Value]) -> Result {
    let this = this::<Random>(args[0]);
    let twister = this.twister.borrow();
    let mut items: Vec<Value> = twister
        .state
        .iter()
        .map(|w| vm.new_int((*w).into()))
        .collect();
    items.push(vm.new_int(twister.index as i64));
    Ok(vm.new_tuple(&items)?.value())
}

fn setstate(vm: &Vm, args: &[Value]) -> Result {
    let Some(tuple) = args[1].cast::<Tuple>() else {
        return Err(vm.type_error("state vector must be a tuple"));
    };
    if tuple.len() != N + 1 {
        return Err(vm.value_error("state vector is the wrong size"));
    }
    let mut state = [0u32; N];
    for (to, v) in state.iter_mut().zip(tuple.as_slice()) {
        // Wider numbers are cut, negative ones refused, as by a conversion to C's unsigned long.
        let Some(i) = v.as_int_ref() else {
            return Err(vm.type_error("an integer is required"));
        };
        if i.is_negative() {
            return Err(vm.overflow_error("can't convert negative value to unsigned int"));
        }
        let Ok(word) = u64::try_from(&i.to_big()) else {
            return Err(vm.overflow_error("Python int too large to convert to C unsigned long"));
        };
        *to = word as u32;
    }
    let index = vm.to_i64(tuple.get(N))?;
    if !(0..=N as i64).contains(&index) {
        return Err(vm.value_error("invalid state"));
    }
    let this = this::<Random>(args[0]);
    *this.twister.borrow_mut() = Twister {
        state,
        index: index as usize,
    };
    Ok(Value::NONE)
}

static RANDOM_TYPE: TypeDef = TypeDef {
    module: "_random",
    doc: "Random() -> create a random number generator with its own internal state.",
    subclassable: true,
    methods: &[
        slots::new(random_new),
        slots::init(random_init),
        MethodDef::new(
            "random",
            "(self, /)",
            "random() -> x in the interval [0, 1).",
            random,
        ),
        MethodDef::new(
            "seed",
            "(self, n=None, /)",
            "seed([n]) -> None.\n\nDefaults to use urandom and falls back to a combination\n\
             of the current time and the process identifier.",
            |vm, args| {
                seed(
                    vm,
                    &this::<Random>(args[0]),
                    args[1].given().unwrap_or(Value::NONE),
                )?;
                Ok(Value::NONE)
            },
        ),
        MethodDef::new(
            "getstate",
            "(self, /)",
            "getstate() -> tuple containing the current state.",
            getstate,
        ),
        MethodDef::new(
            "setstate",
            "(self, state, /)",
            "setstate(state) -> None.  Restores generator state.",
            setstate,
        ),
        MethodDef::new(
            "getrandbits",
            "(self, k, /)",
            "getrandbits(k) -> x.  Generates an int with k random bits.",
            getrandbits,
        ),
    ],
    ..TypeDef::new("Random", <Random as Object>::LAYOUT)
};

/// The module.
pub static RANDOM: ModuleDef = ModuleDef {
    name: "_random",
    doc: "Module implements the Mersenne Twister random number generator.",
    functions: &[],
    types: &[&RANDOM_TYPE],
    exec: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_output() {
        // From the authors' `mt19937ar.out`.
        let mut twister = Twister::empty();
        twister.init_by_array(&[0x123, 0x234, 0x345, 0x456]);
        let first: Vec<u32> = (0..5).map(|_| twister.next()).collect();
        assert_eq!(
            first,
            [1067595299, 955945823, 477289528, 4107218783, 4228976476]
        );
    }
}
