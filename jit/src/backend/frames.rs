//! The interpreter's frames as compiled code keeps them: which slots are in memory,
//! which frames are on the thread's stack, and how both are made complete.

use super::lower::{FRAME_BYTES, Lower, RealFrame, trusted};
use crate::ir::{FrameState, Ref, SnapId};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use std::mem::offset_of;
use std::sync::Arc;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::generator::Generator;
use taipan_runtime::vm::Thread;

impl Lower<'_> {
    /// Where a frame's record is: a base and an offset.
    pub(super) fn frame_address(&mut self, frame: &FrameState) -> Result<(Value, i32), String> {
        if frame.id == 0 {
            Ok((self.frame, 0))
        } else if frame.is_generator {
            let generator = self.value(frame.function)?;
            Ok((generator, offset_of!(Generator, frame) as i32))
        } else {
            Ok((self.base, 8 * frame.place as i32))
        }
    }

    /// The address of a frame on the thread's stack.
    fn real_address(&mut self, frame: &RealFrame) -> Result<Value, String> {
        Ok(if frame.id == 0 {
            self.frame
        } else if let Some(generator) = frame.generator {
            let generator = self.value(generator)?;
            let offset = offset_of!(Generator, frame) as i64;
            self.b.ins().iadd_imm_s(generator, offset)
        } else {
            self.b
                .ins()
                .iadd_imm_s(self.base, 8 * i64::from(frame.place))
        })
    }

    /// The first free word of the thread's stack.
    pub(super) fn stack_top(&mut self) -> Value {
        match self.state.real.last() {
            Some(f) if f.id != 0 => {
                let words = i64::from(f.place + f.words);
                self.b.ins().iadd_imm_s(self.base, 8 * words)
            }
            _ => self.base,
        }
    }

    pub(super) fn store_slot(
        &mut self,
        frame: &FrameState,
        slot: u32,
        r: Ref,
    ) -> Result<(), String> {
        if self.state.slots.get(&(frame.id, slot)) == Some(&r) {
            return Ok(());
        }
        let v = self.boxed_ref(r)?;
        let (base, offset) = self.frame_address(frame)?;
        self.b
            .ins()
            .store(trusted(), v, base, offset + FRAME_BYTES + 8 * slot as i32);
        self.state.slots.insert((frame.id, slot), r);
        Ok(())
    }

    /// Completes the interpreter's frames as the snapshot says.
    pub(super) fn flush(&mut self, snap: SnapId) -> Result<(), String> {
        self.settle(snap)?;
        self.flushes += 1;
        self.state.flushed = self.flushes;
        let tree = self.tree;
        let frames = tree.snaps[snap as usize].frames.clone();
        // All is made before the first slot is stored: until the frames' heights are, a
        // collection does not see what only their upper slots refer to.
        for frame in &frames {
            self.make_slots(frame)?;
        }
        // The root frame of a loop is the interpreter's.
        let first = usize::from(tree.function.is_none());
        self.sync_frames(&frames[first..])?;
        for frame in &frames {
            for (slot, r) in &frame.slots {
                self.store_slot(frame, *slot, *r)?;
            }
            if self.state.at.get(&frame.id) != Some(&(frame.ip, frame.sp)) {
                let (base, offset) = self.frame_address(frame)?;
                // SAFETY: the tree keeps its code objects alive.
                let code =
                    unsafe { &*(frame.code as *const taipan_runtime::types::code::CodeObject) };
                let ip = self.iconst(code.start() as i64 + 4 * i64::from(frame.ip));
                self.b
                    .ins()
                    .store(trusted(), ip, base, offset + offset_of!(Frame, ip) as i32);
                self.store_height(frame)?;
                // What lay above is not kept alive any more.
                let height = code.locals_plus + frame.sp;
                self.state.slots.retain(|(id, slot), _| {
                    *id != frame.id
                        || *slot < height
                        || frame.slots.iter().any(|(kept, _)| kept == slot)
                });
                self.state.at.insert(frame.id, (frame.ip, frame.sp));
            }
        }
        Ok(())
    }

    /// Leaves the root frame alone on the thread's stack, complete but for where it stands.
    pub(super) fn complete_root(&mut self, root: &FrameState) -> Result<(), String> {
        // As in `flush`: all is made before any of it is stored.
        self.make_slots(root)?;
        self.sync_frames(&[])?;
        for (slot, r) in &root.slots {
            self.store_slot(root, *slot, *r)?;
        }
        // Calls on the way here may have seen a lower stack.
        if self.state.at.get(&root.id).map(|(_, sp)| *sp) != Some(root.sp) {
            self.store_height(root)?;
        }
        Ok(())
    }

    /// Makes the values of a frame's slots that are not in memory yet.
    pub(super) fn make_slots(&mut self, frame: &FrameState) -> Result<(), String> {
        for (slot, r) in &frame.slots {
            if self.state.slots.get(&(frame.id, *slot)) != Some(r) {
                self.boxed_ref(*r)?;
            }
        }
        Ok(())
    }

    /// Says in a frame's record how high its stack is: the collector looks no further.
    pub(super) fn store_height(&mut self, frame: &FrameState) -> Result<(), String> {
        let (base, offset) = self.frame_address(frame)?;
        // SAFETY: the tree keeps its code objects alive.
        let code = unsafe { &*(frame.code as *const taipan_runtime::types::code::CodeObject) };
        let sp = offset + FRAME_BYTES + 8 * (code.locals_plus + frame.sp) as i32;
        let sp = self.b.ins().iadd_imm_s(base, i64::from(sp));
        self.b
            .ins()
            .store(trusted(), sp, base, offset + offset_of!(Frame, sp) as i32);
        Ok(())
    }

    /// Makes the frames beyond the root's that are on the thread's stack these ones.
    pub(super) fn sync_frames(&mut self, wanted: &[Arc<FrameState>]) -> Result<(), String> {
        let common = self
            .state
            .real
            .iter()
            .zip(wanted)
            .take_while(|(r, w)| r.id == w.id)
            .count();
        let before = self.state.real.len();
        let mut changed = false;
        // The frame that called this function, once the function's own is gone.
        let mut caller = None;
        while self.state.real.len() > common {
            let Some(gone) = self.state.real.pop() else {
                break;
            };
            changed = true;
            if let Some(generator) = gone.generator {
                self.state.handled = None;
                let (vm, generator) = (self.vm_value(), self.value(generator)?);
                self.call_address(
                    super::helpers::end_generator as *const () as usize,
                    &[vm, generator],
                    false,
                );
                self.state.slots.retain(|(id, _), _| *id != gone.id);
                self.state.at.remove(&gone.id);
                continue;
            }
            let address = self.real_address(&gone)?;
            // Python's view of the frame, if somebody asked for it, must outlive it.
            let object = self.b.ins().load(
                types::I64,
                trusted(),
                address,
                offset_of!(Frame, object) as i32,
            );
            let (slow, next) = (self.b.create_block(), self.b.create_block());
            self.b.set_cold_block(slow);
            self.b.ins().brif(object, slow, &[], next, &[]);
            self.b.switch_to_block(slow);
            let vm = self.vm_value();
            let detach = super::helpers::detach as *const () as usize;
            self.call_cold(detach, &[vm, address], false)?;
            self.b.ins().jump(next, &[]);
            self.b.switch_to_block(next);
            self.state.slots.retain(|(id, _), _| *id != gone.id);
            self.state.at.remove(&gone.id);
            if gone.id == 0 {
                let offset = offset_of!(Frame, previous) as i32;
                caller = Some(self.b.ins().load(types::I64, trusted(), self.frame, offset));
            }
        }
        for frame in &wanted[common..] {
            changed = true;
            self.push_frame(frame)?;
        }
        if changed {
            let (top, innermost) = match self.state.real.last().cloned() {
                Some(f) => (self.stack_top(), self.real_address(&f)?),
                None => match caller {
                    Some(caller) => (self.frame, caller),
                    None => (self.base, self.frame),
                },
            };
            for (v, offset) in [
                (top, offset_of!(Thread, top)),
                (innermost, offset_of!(Thread, frame)),
            ] {
                self.b.ins().store(trusted(), v, self.thread, offset as i32);
            }
            let more = self.state.real.len() as i64 - before as i64;
            if more != 0 {
                let offset = offset_of!(Thread, depth) as i32;
                let depth = self
                    .b
                    .ins()
                    .load(types::I32, trusted(), self.thread, offset);
                let depth = self.b.ins().iadd_imm_s(depth, more);
                self.b.ins().store(trusted(), depth, self.thread, offset);
            }
        }
        Ok(())
    }

    /// Writes what of a frame is known beforehand, two words at a time.
    fn store_constants(&mut self, base: Value, at: i32, words: [u64; 6]) {
        const {
            assert!(offset_of!(Frame, code) == 0);
            assert!(offset_of!(Frame, function) == 8);
            assert!(offset_of!(Frame, locals) == 16);
            assert!(offset_of!(Frame, object) == 24);
            assert!(offset_of!(Frame, generator) == 32);
            assert!(offset_of!(Frame, flags) == 40);
            assert!(offset_of!(Frame, return_info) == 44);
        }
        // Frames lie at words.
        let flags = MemFlagsData::new().with_notrap();
        for (i, pair) in words.chunks_exact(2).enumerate() {
            let bytes: Vec<u8> = pair.iter().flat_map(|w| w.to_le_bytes()).collect();
            let constant = self.b.func.dfg.constants.insert(bytes.into());
            let v = self.b.ins().vconst(types::I8X16, constant);
            self.b.ins().store(flags, v, base, at + 16 * i as i32);
        }
    }

    pub(super) fn push_frame(&mut self, frame: &FrameState) -> Result<(), String> {
        // SAFETY: the tree keeps its code objects alive.
        let code = unsafe { &*(frame.code as *const taipan_runtime::types::code::CodeObject) };
        let is_root = frame.id == 0;
        let previous = match self.state.real.last().cloned() {
            Some(f) => self.real_address(&f)?,
            None if is_root => self.b.ins().load(
                types::I64,
                trusted(),
                self.thread,
                offset_of!(Thread, frame) as i32,
            ),
            None => self.frame,
        };
        if frame.is_generator {
            self.state.handled = None;
            let vm = self.vm_value();
            let generator = self.value(frame.function)?;
            let flags = self.iconst(frame.flags.into());
            self.call_address(
                super::helpers::begin_generator as *const () as usize,
                &[vm, generator, previous, flags],
                false,
            );
            self.state.real.push(RealFrame {
                id: frame.id,
                place: frame.place,
                words: 0,
                generator: Some(frame.function),
            });
            return Ok(());
        }
        let (base, at) = self.frame_address(frame)?;
        let function = self.tree.as_bits(frame.function);
        let info = u64::from(frame.return_info) << 32 | u64::from(frame.flags);
        self.store_constants(
            base,
            at,
            [frame.code as u64, function.unwrap_or(0), 0, 0, 0, info],
        );
        if function.is_none() {
            let function = self.value(frame.function)?;
            let offset = at + offset_of!(Frame, function) as i32;
            self.b.ins().store(trusted(), function, base, offset);
        }
        let offset = at + offset_of!(Frame, previous) as i32;
        self.b.ins().store(trusted(), previous, base, offset);
        self.state.real.push(RealFrame {
            id: frame.id,
            place: frame.place,
            words: Frame::WORDS as u32 + code.locals_plus + code.stack_size,
            generator: None,
        });
        Ok(())
    }
}
