//! Numbers as Python values and back.

use super::lower::{FLOAT_LIMIT, FLOAT_OFFSET, INT_TAG, Lower};
use crate::ir::{Op, Ref, Ty};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, MemFlagsData, Value, types};

impl Lower<'_> {
    /// Tests and conversion of a boxed word: (condition, how to unbox).
    #[allow(clippy::type_complexity, reason = "a pair used twice")]
    pub(super) fn unbox(&mut self, word: Value, ty: Ty) -> (Value, fn(&mut Self, Value) -> Value) {
        match ty {
            Ty::Int => {
                let tag = self.iconst(INT_TAG);
                let ok = self
                    .b
                    .ins()
                    .icmp(IntCC::UnsignedGreaterThanOrEqual, word, tag);
                (ok, |s, word| {
                    let shifted = s.b.ins().ishl_imm_s(word, 14);
                    s.b.ins().sshr_imm_s(shifted, 14)
                })
            }
            Ty::Float => {
                let offset = self.iconst(FLOAT_OFFSET);
                let raw = self.b.ins().isub(word, offset);
                let limit = self.iconst(INT_TAG.wrapping_sub(FLOAT_OFFSET));
                let ok = self.b.ins().icmp(IntCC::UnsignedLessThan, raw, limit);
                (ok, |s, word| {
                    let offset = s.iconst(FLOAT_OFFSET);
                    let raw = s.b.ins().isub(word, offset);
                    s.b.ins().bitcast(types::F64, MemFlagsData::new(), raw)
                })
            }
            _ => {
                let or = self.b.ins().bor_imm_s(word, 1);
                let ok = self.b.ins().icmp_imm_s(IntCC::Equal, or, 3);
                (ok, |s, word| {
                    let bit = s.b.ins().band_imm_s(word, 1);
                    s.b.ins().ireduce(types::I8, bit)
                })
            }
        }
    }

    /// A number boxed; an integer that is known to be in the immediate range if `fits`.
    pub(super) fn boxed(&mut self, v: Value, ty: Ty, fits: bool) -> Result<Value, String> {
        Ok(match ty {
            Ty::Int if fits => {
                let tag = self.iconst(INT_TAG);
                self.b.ins().bor(v, tag)
            }
            Ty::Int => {
                // The integer may become an object.
                self.state.clean.clear();
                let shifted = self.b.ins().ishl_imm_s(v, 14);
                let back = self.b.ins().sshr_imm_s(shifted, 14);
                let ok = self.b.ins().icmp(IntCC::Equal, back, v);
                let (small, big, done) = (
                    self.b.create_block(),
                    self.b.create_block(),
                    self.b.create_block(),
                );
                let result = self.b.append_block_param(done, types::I64);
                self.b.set_cold_block(big);
                self.b.ins().brif(ok, small, &[], big, &[]);
                self.b.switch_to_block(small);
                let tag = self.iconst(INT_TAG);
                let word = self.b.ins().bor(v, tag);
                self.b.ins().jump(done, &[BlockArg::Value(word)]);
                self.b.switch_to_block(big);
                let vm = self.iconst(self.vm as i64);
                let new_int = super::helpers::new_int as *const () as usize;
                let word = self.call_cold(new_int, &[vm, v], true)?;
                self.b.ins().jump(done, &[BlockArg::Value(word)]);
                self.b.switch_to_block(done);
                result
            }
            Ty::Float => {
                let bits = self.b.ins().bitcast(types::I64, MemFlagsData::new(), v);
                let limit = self.iconst(FLOAT_LIMIT);
                let bits = self.b.ins().umin(bits, limit);
                let offset = self.iconst(FLOAT_OFFSET);
                self.b.ins().iadd(bits, offset)
            }
            Ty::Bool => {
                let wide = self.b.ins().uextend(types::I64, v);
                self.b.ins().iadd_imm_s(wide, 2)
            }
            _ => v,
        })
    }

    /// The value of `r` as Python has it.
    pub(super) fn boxed_ref(&mut self, r: Ref) -> Result<Value, String> {
        let ins = *self.tree.get(r);
        let constant = match ins.op {
            Op::KInt => taipan_runtime::Value::try_int(ins.aux as i64).map(|v| v.bits()),
            Op::KFloat => Some(taipan_runtime::Value::float(f64::from_bits(ins.aux)).bits()),
            Op::KBool => Some(2 + ins.aux),
            _ => None,
        };
        if let Some(bits) = constant {
            return Ok(self.iconst(bits as i64));
        }
        let leaf = self.tree.leaf(r);
        if leaf != r
            && let Some(v) = self.values[r.index()]
        {
            return Ok(v);
        }
        let ty = self.tree.ty(leaf);
        if ty == Ty::Val || ty == Ty::Ptr {
            return self.value(leaf);
        }
        if let Some(v) = self.state.boxed.get(&leaf) {
            return Ok(*v);
        }
        let v = self.value(leaf)?;
        let v = self.boxed(v, ty, ins.op == Op::BoxInt && ins.aux != 0)?;
        if !self.tree.op(leaf).is_const() {
            self.state.boxed.insert(leaf, v);
        }
        Ok(v)
    }
}
