//! Squares and roots written as powers, as the C library's `pow` gives them.
//!
//! Where it is named in [`IS_CLOSE`], that function's error before it rounds once is a fiftieth of a
//! unit in the last place at most (for exponents and results as small as here). So its result
//! is the rounded product or root wherever the exact value is further than that from the middle of two
//! floats. How far it is tells a fused multiplication and addition: adding a bit more than
//! the error must not change the rounded value (Ziv, ACM TOMS 17, 1991). Else `pow` is called, one time
//! in twenty.

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

/// Squares in this range have exact remainders, and so have roots of what is in it.
const SMALLEST: u64 = (1023 - 200) << 52;
const LARGEST: u64 = (1023 + 200) << 52;

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
    /// The result of a call for the power of a float, if it is a square or a root.
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
        let x = match y {
            Some(0.5 | 2.0) => self.value(x)?,
            _ => return Ok(None),
        };
        let is_square = y == Some(2.0);
        let (inside, slow, next) = (
            self.b.create_block(),
            self.b.create_block(),
            self.b.create_block(),
        );
        self.b.set_cold_block(slow);
        let result = self.b.append_block_param(next, types::F64);
        let rounded = if is_square {
            self.b.ins().fmul(x, x)
        } else {
            self.b.ins().sqrt(x)
        };
        let sized = if is_square { rounded } else { x };
        let bits = self.b.ins().bitcast(types::I64, MemFlagsData::new(), sized);
        let above = self.b.ins().iadd_imm_s(bits, -(SMALLEST as i64));
        let range = self.iconst((LARGEST - SMALLEST) as i64);
        let fits = self.b.ins().icmp(IntCC::UnsignedLessThan, above, range);
        self.b.ins().brif(fits, inside, &[], slow, &[]);
        self.b.switch_to_block(inside);
        let minus = self.b.ins().fneg(rounded);
        let (rest, scale) = if is_square {
            let rest = self.b.ins().fma(x, x, minus);
            (rest, self.b.ins().f64const(MARGIN))
        } else {
            let rest = self.b.ins().fma(rounded, minus, x);
            let half = self.b.ins().f64const(MARGIN / 2.0);
            (rest, self.b.ins().fdiv(half, rounded))
        };
        let moved = self.b.ins().fma(rest, scale, rounded);
        let clear = self.b.ins().fcmp(FloatCC::Equal, moved, rounded);
        self.b
            .ins()
            .brif(clear, next, &[BlockArg::Value(rounded)], slow, &[]);
        self.b.switch_to_block(slow);
        let (vm, y) = (self.vm_value(), y.unwrap_or_default());
        let x = self.b.ins().bitcast(types::I64, MemFlagsData::new(), x);
        let y = self.iconst(y.to_bits() as i64);
        let bits = self.call_cold(power_of_bits as *const () as usize, &[vm, x, y], true)?;
        let exact = self.b.ins().bitcast(types::F64, MemFlagsData::new(), bits);
        self.b.ins().jump(next, &[BlockArg::Value(exact)]);
        self.b.switch_to_block(next);
        Ok(Some(result))
    }
}
