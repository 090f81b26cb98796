//! Objects as compiled code has them: in parts ([`crate::ir::objects`]), or made, by
//! moving the heap's cursor and filling what it passed.

use super::lower::{Lower, trusted};
use crate::ir::objects::Object;
use crate::ir::{Effect, Op, Ref, SnapId, Ty};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, Value, types};
use std::sync::Arc;
use taipan_runtime::{Header, Vm};

impl Lower<'_> {
    /// Names the state of the objects anew.
    pub(super) fn objects_changed(&mut self) {
        self.epochs += 1;
        self.state.epoch = self.epochs;
    }

    /// Notes an instruction on objects in parts; false if there is code to be made for
    /// it, what it needs of such objects being made by now.
    pub(super) fn absorb(&mut self, r: Ref) -> Result<bool, String> {
        if self.state.objects.absorb(self.tree, r) {
            self.objects_changed();
            return Ok(true);
        }
        let ins = self.tree.get(r);
        if ins.op == Op::Call {
            let helper = self.tree.helpers[ins.aux as usize];
            if helper.effect == Effect::Make && !helper.fails {
                self.state.late.insert(r);
                self.objects_changed();
                return Ok(true);
            }
        }
        let made = self.state.objects.made_by(self.tree, ins);
        self.make_waiting(&made)?;
        for object in made {
            if self.state.objects.contains(object) {
                self.make(object)?;
            }
        }
        Ok(false)
    }

    /// The objects in parts that an exit with this snapshot has to make.
    pub(super) fn objects_at(&self, snap: SnapId) -> Arc<[Object]> {
        let objects = &self.state.objects;
        objects
            .reachable(self.tree, crate::ir::objects::in_snapshot(self.tree, snap))
            .into_iter()
            .filter_map(|r| objects.get(r).cloned())
            .collect()
    }

    /// Makes an object and what it refers to, side by side: nothing can be collected
    /// before all are complete.
    pub(super) fn make(&mut self, r: Ref) -> Result<Value, String> {
        self.make_all(&[r])?;
        self.value(r)
    }

    /// As [`Lower::make`], of several.
    pub(super) fn make_all(&mut self, wanted: &[Ref]) -> Result<(), String> {
        let tree = self.tree;
        let closure: Vec<Object> = self
            .state
            .objects
            .reachable(tree, wanted.iter().copied())
            .into_iter()
            .filter_map(|r| self.state.objects.get(r).cloned())
            .collect();
        let is_inside = |r: Ref| closure.iter().any(|o| o.made == r);
        // What the fields hold comes first, since boxing may collect.
        let mut words = Vec::new();
        for object in &closure {
            for field in &object.fields {
                words.push(if is_inside(field.value) {
                    None
                } else if tree.ty(field.value) == Ty::Val {
                    Some(self.boxed_ref(field.value)?)
                } else {
                    Some(self.value(field.value)?)
                });
            }
        }
        let sizes: Vec<u32> = closure.iter().map(|o| o.layout.size).collect();
        let addresses = self.bump(&sizes)?;
        self.state.clean.clear();
        for (object, address) in closure.iter().zip(&addresses) {
            self.values[object.made.index()] = Some(*address);
            self.state.objects.remove(object.made);
            self.state.clean.insert(object.made);
        }
        self.objects_changed();
        let mut words = words.into_iter();
        for (object, &address) in closure.iter().zip(&addresses) {
            let layout = object.layout;
            let header = self.iconst(Header::word(layout.shape, layout.size as usize) as i64);
            self.b.ins().store(trusted(), header, address, 0);
            let mut empty: Vec<u32> = (8..layout.size).step_by(8).collect();
            for field in &object.fields {
                if field.size == 8 {
                    empty.retain(|offset| *offset != field.offset);
                }
            }
            if !empty.is_empty() {
                let zero = self.iconst(0);
                for offset in empty {
                    self.b.ins().store(trusted(), zero, address, offset as i32);
                }
            }
            for field in &object.fields {
                let v = match words.next().flatten() {
                    Some(v) => v,
                    None => self.value(field.value)?,
                };
                let offset = field.offset as i32;
                match field.size {
                    1 => self.b.ins().istore8(trusted(), v, address, offset),
                    4 => self.b.ins().istore32(trusted(), v, address, offset),
                    _ => self.b.ins().store(trusted(), v, address, offset),
                };
            }
        }
        self.make_up_for(&closure)
    }

    /// The addresses of fresh memory of the heap for objects of these sizes. Each comes
    /// as a parameter of a block: computed from another it might not be at hand when
    /// the collector looks for it.
    fn bump(&mut self, sizes: &[u32]) -> Result<Vec<Value>, String> {
        let size: u32 = sizes.iter().sum();
        // SAFETY: the machine outlives its compiled code.
        let (cursor_address, limit) = unsafe { (*(self.vm as *const Vm)).heap.region_addresses() };
        let cursor = self.iconst(cursor_address as i64);
        let distance = limit as i64 - cursor_address as i64;
        let at = self.b.ins().load(types::I64, trusted(), cursor, 0);
        let end = self.b.ins().iadd_imm_s(at, i64::from(size));
        let limit = self
            .b
            .ins()
            .load(types::I64, trusted(), cursor, distance as i32);
        let (fast, slow, done) = (
            self.b.create_block(),
            self.b.create_block(),
            self.b.create_block(),
        );
        let addresses = sizes
            .iter()
            .map(|_| self.b.append_block_param(done, types::I64))
            .collect();
        self.b.set_cold_block(slow);
        let ok = self
            .b
            .ins()
            .icmp(IntCC::UnsignedLessThanOrEqual, end, limit);
        self.b.ins().brif(ok, fast, &[], slow, &[]);
        self.b.switch_to_block(fast);
        self.b.ins().store(trusted(), end, cursor, 0);
        let args = self.one_behind_the_other(at, sizes);
        self.b.ins().jump(done, &args);
        self.b.switch_to_block(slow);
        let vm = self.vm_value();
        let size = self.iconst(size.into());
        let address = super::helpers::make_room as *const () as usize;
        let at = self.call_cold(address, &[vm, size], true)?;
        let args = self.one_behind_the_other(at, sizes);
        self.b.ins().jump(done, &args);
        self.b.switch_to_block(done);
        Ok(addresses)
    }

    fn one_behind_the_other(&mut self, first: Value, sizes: &[u32]) -> Vec<BlockArg> {
        let (mut at, mut args) = (0, Vec::new());
        for size in sizes {
            let address = self.b.ins().iadd_imm_s(first, at);
            args.push(BlockArg::Value(address));
            at += i64::from(*size);
        }
        args
    }

    /// The value that a store into `object` writes, after the barrier that it needs.
    pub(super) fn stored(&mut self, object: Ref, value: Ref) -> Result<Value, String> {
        if self.tree.ty(value) != Ty::Val {
            return self.value(value);
        }
        // Boxing may collect, so that the barrier comes after it.
        let v = self.boxed_ref(value)?;
        let leaf = self.tree.leaf(value);
        let immediate = match self.tree.op(leaf) {
            Op::KVal => self.tree.get(leaf).aux < 4096 || self.tree.get(leaf).aux >> 48 != 0,
            _ => matches!(self.tree.ty(leaf), Ty::Float | Ty::Bool),
        };
        let fits = self.tree.op(value) == Op::BoxInt && self.tree.get(value).aux != 0;
        if !immediate && !fits {
            self.barrier(object)?;
        }
        Ok(v)
    }

    /// The write barrier, unless a store into the object needs none.
    fn barrier(&mut self, r: Ref) -> Result<(), String> {
        if !self.state.clean.insert(r) {
            return Ok(());
        }
        let object = self.value(r)?;
        let flags = self
            .b
            .ins()
            .uload8(types::I64, trusted(), object, Header::GC_OFFSET as i32);
        let set = self.b.ins().band_imm_s(flags, i64::from(Header::BARRIER));
        let (slow, next) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(slow);
        self.b.ins().brif(set, slow, &[], next, &[]);
        self.b.switch_to_block(slow);
        let remember = super::helpers::remember as *const () as usize;
        self.call_cold(remember, &[object], false)?;
        self.b.ins().jump(next, &[]);
        self.b.switch_to_block(next);
        Ok(())
    }

    /// The values that the loop carries, as arguments of its block.
    pub(super) fn loop_values(
        &mut self,
        side: impl Fn(&(Ref, Ref)) -> Ref,
    ) -> Result<Vec<BlockArg>, String> {
        let tree = self.tree;
        let mut args = Vec::new();
        for phi in &tree.phis {
            if !tree.carried.contains(&phi.0) {
                args.push(BlockArg::Value(self.value(side(phi))?));
            }
        }
        Ok(args)
    }

    /// At the loop's start: what stays in parts, and into what may be stored without a
    /// barrier in each iteration.
    pub(super) fn start_objects(&mut self) -> Result<(), String> {
        let tree = self.tree;
        for r in &tree.carried {
            if !self.state.objects.contains(*r) {
                return Err(format!("{r:?} is to be carried in parts, but was made"));
            }
        }
        self.state.objects.retain(|r| tree.carried.contains(&r));
        self.objects_changed();
        // A number that the loop carries is boxed anew in each iteration where it is used.
        self.state.boxed.clear();
        for segment in &tree.segments[..1] {
            for r in &segment.code {
                if tree.leaf(*r) != *r && tree.is_variant(*r) {
                    self.values[r.index()] = None;
                }
            }
        }
        let body = tree.segments[0]
            .code
            .iter()
            .skip_while(|r| tree.op(**r) != Op::Loop);
        let boxes = |r: Ref| tree.op(r) == Op::BoxInt && tree.get(r).aux == 0;
        let mut collects = false;
        for r in body.filter(|r| self.live[r.index()]) {
            let ins = tree.get(*r);
            collects |= match ins.op {
                Op::New | Op::CallAt | Op::CallFunction | Op::Step => true,
                Op::BoxInt => ins.aux == 0,
                // Boxed where it is stored.
                Op::Store => boxes(ins.b),
                Op::StoreIdx => boxes(ins.c),
                Op::Call => {
                    let effect = tree.helpers[ins.aux as usize].effect;
                    !matches!(effect, Effect::Pure | Effect::Read(_))
                }
                _ => false,
            };
        }
        if collects {
            self.state.clean.clear();
        } else {
            self.state.clean.retain(|r| !tree.is_variant(*r));
        }
        Ok(())
    }

    /// At the loop's end: what is carried in parts is still so.
    pub(super) fn carry_on(&mut self) -> Result<(), String> {
        let tree = self.tree;
        for r in &tree.carried {
            if !self.state.objects.contains(tree.next[r.index()]) {
                return Err(format!("{r:?} is carried in parts, but was made"));
            }
        }
        Ok(())
    }
}
