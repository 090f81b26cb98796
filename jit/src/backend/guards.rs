//! Guards, and where they go when they fail: into a bridge, or out through the exit buffer.

use super::exits;
use super::lower::{Lower, trusted};
use crate::exit::Exit;
use crate::ir::objects::Object;
use crate::ir::{Ref, SnapId, Ty};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, BlockArg, InstBuilder, Value, types};
use std::sync::Arc;
use taipan_runtime::Header;

impl Lower<'_> {
    /// Notes what is to be known at an exit besides the values.
    pub(super) fn note_exit(&mut self, id: u64, objects: Arc<[Object]>) {
        let real = self.real_ids();
        self.exits.insert(id, Exit::new(real, objects));
    }

    pub(super) fn real_ids(&self) -> Vec<u32> {
        self.state.real.iter().map(|f| f.id).collect()
    }

    /// What guards that share an exit agree in.
    pub(super) fn exit_key(&self, snap: SnapId) -> (SnapId, u32, u32) {
        let memory = if self.is_unsettled(snap) {
            self.state.flushed
        } else {
            0
        };
        (snap, self.state.epoch, memory)
    }

    /// Leaves through the exit buffer by the exit numbered `id`.
    pub(super) fn exit(
        &mut self,
        id: Value,
        snap: SnapId,
        objects: &[Object],
    ) -> Result<(), String> {
        if self.tree.function.is_some() {
            self.buffer = self.exit_buffer();
            self.store_words(snap, objects)?;
            self.leave_function_or_cross(id);
        } else {
            self.store_words(snap, objects)?;
            self.leave_or_cross(id);
        }
        Ok(())
    }

    /// Leaves at the end of a segment, where no side trace begins.
    pub(super) fn exit_at_end(&mut self, segment: usize, snap: SnapId) -> Result<(), String> {
        let id = exits::SEGMENT + segment as u64;
        self.settle(snap)?;
        let objects = self.objects_at(snap);
        self.note_exit(id, objects.clone());
        if self.tree.function.is_some() {
            self.buffer = self.exit_buffer();
        }
        self.store_words(snap, &objects)?;
        self.return_code(id);
        Ok(())
    }

    /// Writes the values of an exit into the buffer.
    pub(super) fn store_words(&mut self, snap: SnapId, objects: &[Object]) -> Result<(), String> {
        let mut at = 0;
        for r in crate::exit::words(self.tree, snap, objects) {
            let v = self.value(r)?;
            self.b.ins().store(trusted(), v, self.buffer, at);
            at += 8;
        }
        if at > 8 * super::doors::LEFT_BY as i32 {
            return Err("snapshot too large".into());
        }
        Ok(())
    }

    /// Goes on if `ok`; else leaves by guard `r` or runs its bridge.
    pub(super) fn guard(&mut self, r: Ref, ok: Value, wanted: bool) -> Result<(), String> {
        let next = self.b.create_block();
        let fail = self.fail_target(r);
        if wanted {
            self.b.ins().brif(ok, next, &[], fail, &[]);
        } else {
            self.b.ins().brif(ok, fail, &[], next, &[]);
        }
        self.bridge_into(r, fail)?;
        self.b.switch_to_block(next);
        Ok(())
    }

    /// Where a failing guard goes.
    fn fail_target(&mut self, r: Ref) -> Block {
        let block = self.b.create_block();
        if !self.bridges.contains_key(&r) {
            self.b.set_cold_block(block);
        }
        block
    }

    /// After the branch: lowers into a guard's failure block its bridge, if it has one, else the
    /// way to the exit that all guards with this snapshot share, which takes the guard's number.
    fn bridge_into(&mut self, r: Ref, fail: Block) -> Result<(), String> {
        self.b.switch_to_block(fail);
        if let Some(bridge) = self.bridges.get(&r).copied() {
            let saved = self.state.clone();
            self.segment(bridge)?;
            self.state = saved;
            return Ok(());
        }
        let snap = self.tree.get(r).snap;
        let id = self.iconst(r.0.into());
        let key = self.exit_key(snap);
        if let Some((block, objects, real)) = self.exit_blocks.get(&key).cloned() {
            let real = real.unwrap_or_else(|| self.real_ids());
            self.exits.insert(r.0.into(), Exit::new(real, objects));
            self.b.ins().jump(block, &[BlockArg::Value(id)]);
            return Ok(());
        }
        let block = self.b.create_block();
        self.b.ins().jump(block, &[BlockArg::Value(id)]);
        let id = self.b.append_block_param(block, types::I64);
        self.b.set_cold_block(block);
        self.b.switch_to_block(block);
        let is_settled = !self.is_unsettled(snap);
        let saved = (!is_settled || !self.state.late.is_empty()).then(|| self.state.clone());
        self.settle(snap)?;
        let objects = self.objects_at(snap);
        self.note_exit(r.0.into(), objects.clone());
        let real = (!is_settled).then(|| self.real_ids());
        self.exit(id, snap, &objects)?;
        if let Some(saved) = saved {
            self.state = saved;
        }
        self.exit_blocks.insert(key, (block, objects, real));
        Ok(())
    }

    pub(super) fn return_code(&mut self, code: u64) {
        let code = self.iconst(code as i64);
        self.return_id(code);
    }

    /// After a call with the frames complete: zero means that an exception is pending.
    pub(super) fn leave_if_raised(&mut self, result: Value) {
        let (next, fail) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(result, next, &[], fail, &[]);
        self.b.set_cold_block(fail);
        self.b.switch_to_block(fail);
        self.return_code(exits::RAISED);
        self.b.switch_to_block(next);
    }

    /// Leaves by the exit numbered `id`.
    pub(super) fn return_id(&mut self, id: Value) {
        if self.tree.function.is_some() {
            self.leave_function(id);
        } else {
            self.leave_by_word(id);
        }
    }

    pub(super) fn guard_shape(&mut self, r: Ref) -> Result<(), String> {
        let ins = *self.tree.get(r);
        let object = self.value(ins.a)?;
        let next = self.b.create_block();
        let fail = self.fail_target(r);
        if self.tree.ty(ins.a) == Ty::Val {
            // An object: the upper 16 bits are zero, and it is no constant.
            let is_object = self.b.create_block();
            let less = self.b.ins().iadd_imm_s(object, -4096);
            let limit = self.iconst((1 << 48) - 4096);
            let ok = self.b.ins().icmp(IntCC::UnsignedLessThan, less, limit);
            self.b.ins().brif(ok, is_object, &[], fail, &[]);
            self.b.switch_to_block(is_object);
        }
        let shape = self
            .b
            .ins()
            .load(types::I32, trusted(), object, Header::SHAPE_OFFSET as i32);
        let ok = self
            .b
            .ins()
            .icmp_imm_s(IntCC::Equal, shape, i64::from(ins.aux as u32 as i32));
        self.b.ins().brif(ok, next, &[], fail, &[]);
        self.bridge_into(r, fail)?;
        self.b.switch_to_block(next);
        Ok(())
    }
}
