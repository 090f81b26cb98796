//! Small powers, roots, and reciprocals of both, as the C library's `pow` gives them.
//!
//! Where it is named in [`IS_CLOSE`], that function's error before it rounds once is a fiftieth of a
//! unit in the last place at most (for exponents and results as small as here). So its result
//! is the rounded exact value wherever that is further than this from the middle of two
//! floats. The value is computed as a sum of two floats, the second one of which is what the first lacks: fused
//! multiplications and additions give that without an error that counts. How far it is from the middle shows
//! when a bit more of the second is added than there is: that must not change the rounded value (Ziv, ACM
//! TOMS 17, 1991). Else `pow` is called, one time in twenty.
//!
//! ```text
//! x ** 2       p = x * x            and fma(x, x, -p)
//! x ** 0.5     r = sqrt(x)          and d / 2r, where d = fma(r, -r, x)
//! x ** 1.5     p = x * r            and fma(x, r, -p) + d * r / 2, for x / r is r
//! 1 / (p + q)  i = 1 / p            and i * (fma(-p, i, 1) - q * i)
//! ```

use super::lower::Lower;
use crate::ir::{Helper, Ins};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{BlockArg, InstBuilder, MemFlagsData, Value, types};
use taipan_runtime::Vm;

const IS_CLOSE: bool = cfg!(all(
    target_os = "linux",
    any(target_env = "gnu", target_env = "musl"),
    any(target_arch = "x86_64", target_arch = "aarch64")
));

/// Rounding may be decided by an error up to a half of a unit less a fortieth.
const MARGIN: f64 = 1.05;

/// Results of at most this power of two, or its reciprocal, have exact remainders, and so has all on the
/// way to them.
const LARGEST: f64 = 200.0;
const BIAS: i64 = 1023;

/// A number as the sum of two floats, the second one being far smaller.
#[derive(Clone, Copy)]
struct Sum {
    high: Value,
    low: Value,
    /// Whether the first is the sum, rounded.
    is_rounded: bool,
}

fn has_fused() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    return cfg!(target_arch = "aarch64");
}

/// A power of floats, all as bits.
extern "C" fn power_of_bits(_: &Vm, x: u64, y: u64) -> u64 {
    f64::from_bits(x).powf(f64::from_bits(y)).to_bits()
}

impl Lower<'_> {
    /// The result of a call for the power of a float, if it is one of those that take no call.
    pub(super) fn power(
        &mut self,
        helper: &'static Helper,
        ins: &Ins,
    ) -> Result<Option<Value>, String> {
        if !std::ptr::eq(helper, &super::helpers::FLOAT_POW_FINITE) || !IS_CLOSE || !has_fused() {
            return Ok(None);
        }
        let (x, y) = match self.tree.call_args(ins) {
            [x, y] => (*x, self.tree.as_float(*y)),
            _ => return Ok(None),
        };
        let Some(y) = y.filter(|y| [0.5, 1.0, 1.5, 2.0, 3.0].contains(&y.abs()) && *y != 1.0)
        else {
            return Ok(None);
        };
        let x = self.value(x)?;
        let (inside, slow, next) = (
            self.b.create_block(),
            self.b.create_block(),
            self.b.create_block(),
        );
        self.b.set_cold_block(slow);
        let result = self.b.append_block_param(next, types::F64);
        // Roots have positive numbers only.
        let size = match y.fract() == 0.0 {
            true => self.b.ins().fabs(x),
            false => x,
        };
        let most = (LARGEST / y.abs().max(1.0)) as i64;
        let (smallest, largest) = ((BIAS - most) << 52, (BIAS + most) << 52);
        let bits = self.b.ins().bitcast(types::I64, MemFlagsData::new(), size);
        let above = self.b.ins().iadd_imm_s(bits, -smallest);
        let range = self.iconst(largest - smallest);
        let fits = self.b.ins().icmp(IntCC::UnsignedLessThan, above, range);
        self.b.ins().brif(fits, inside, &[], slow, &[]);
        self.b.switch_to_block(inside);
        let sum = self.power_in_parts(x, y);
        let (rounded, rest) = if sum.is_rounded {
            (sum.high, sum.low)
        } else {
            let rounded = self.b.ins().fadd(sum.high, sum.low);
            let taken = self.b.ins().fsub(rounded, sum.high);
            (rounded, self.b.ins().fsub(sum.low, taken))
        };
        let scale = self.b.ins().f64const(MARGIN);
        let moved = self.b.ins().fma(rest, scale, rounded);
        let clear = self.b.ins().fcmp(FloatCC::Equal, moved, rounded);
        self.b
            .ins()
            .brif(clear, next, &[BlockArg::Value(rounded)], slow, &[]);
        self.b.switch_to_block(slow);
        let vm = self.vm_value();
        let x = self.b.ins().bitcast(types::I64, MemFlagsData::new(), x);
        let y = self.iconst(y.to_bits() as i64);
        let bits = self.call_cold(power_of_bits as *const () as usize, &[vm, x, y], true)?;
        let exact = self.b.ins().bitcast(types::F64, MemFlagsData::new(), bits);
        self.b.ins().jump(next, &[BlockArg::Value(exact)]);
        self.b.switch_to_block(next);
        Ok(Some(result))
    }

    /// The power in two parts.
    fn power_in_parts(&mut self, x: Value, y: f64) -> Sum {
        let sum = match y.abs() {
            0.5 => {
                let (root, rest) = self.root(x);
                let one = self.b.ins().f64const(1.0);
                let half = self.b.ins().f64const(0.5);
                let inverse = self.b.ins().fdiv(one, root);
                let halved = self.b.ins().fmul(rest, half);
                Sum {
                    high: root,
                    low: self.b.ins().fmul(halved, inverse),
                    is_rounded: true,
                }
            }
            1.5 => {
                let (root, rest) = self.root(x);
                let product = self.product(x, root);
                let half = self.b.ins().f64const(0.5);
                let halved = self.b.ins().fmul(root, half);
                Sum {
                    low: self.b.ins().fma(rest, halved, product.low),
                    is_rounded: false,
                    ..product
                }
            }
            2.0 => self.product(x, x),
            3.0 => {
                let square = self.product(x, x);
                let cube = self.product(square.high, x);
                Sum {
                    low: self.b.ins().fma(square.low, x, cube.low),
                    is_rounded: false,
                    ..cube
                }
            }
            _ => Sum {
                high: x,
                low: self.b.ins().f64const(0.0),
                is_rounded: true,
            },
        };
        if y > 0.0 {
            return sum;
        }
        let one = self.b.ins().f64const(1.0);
        let inverse = self.b.ins().fdiv(one, sum.high);
        let minus = self.b.ins().fneg(sum.high);
        let mut lacks = self.b.ins().fma(minus, inverse, one);
        if y != -1.0 {
            let more = self.b.ins().fneg(sum.low);
            lacks = self.b.ins().fma(more, inverse, lacks);
        }
        Sum {
            high: inverse,
            low: self.b.ins().fmul(lacks, inverse),
            is_rounded: y == -1.0,
        }
    }

    /// The root, rounded, and by how much its square is too small.
    fn root(&mut self, x: Value) -> (Value, Value) {
        let root = self.b.ins().sqrt(x);
        let minus = self.b.ins().fneg(root);
        (root, self.b.ins().fma(root, minus, x))
    }

    fn product(&mut self, a: Value, b: Value) -> Sum {
        let high = self.b.ins().fmul(a, b);
        let minus = self.b.ins().fneg(high);
        Sum {
            high,
            low: self.b.ins().fma(a, b, minus),
            is_rounded: true,
        }
    }
}
