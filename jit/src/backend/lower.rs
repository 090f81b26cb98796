//! Lowering a tree to one Cranelift function: for loops and side traces
//! `fn(frame, thread, base, buffer, from_buffer) -> exit` (see `doors`), for functions
//! `extern "C" fn(frame, thread, function?, parameters...) -> value` (see `function`).
//!
//! Values live in SSA form from the entry on. What the interpreter's frames hold in
//! memory is tracked while lowering ([`State`]): before something that may look at
//! frames, exactly the slots whose value is not there yet are stored, and inlined
//! frames are pushed for real the first time that it matters. A failing guard
//! writes the snapshot's values, unboxed, to the exit buffer, which lies on the
//! native stack of the caller and is thus scanned by the collector, and returns its
//! number. A bridge takes the place of that: it is lowered into the failure block
//! of its guard and uses the values of its parent as they are.

use super::doors::Sides;
use super::exits;
use super::memory::Code;
use crate::exit::Exit;
use crate::ir::objects::{Object, Objects};
use crate::ir::{
    At, AtKind, Cond, Effect, End, FrameState, Mem, NATURAL, NO_SNAP, Op, Ref, SnapId, Tree, Ty,
};
use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{
    AbiParam, Block, BlockArg, Function, InstBuilder, MemFlagsData, SigRef, Signature,
    UserFuncName, Value, types,
};
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use taipan_runtime::Vm;
use taipan_runtime::types::frame::Frame;

pub(super) const FRAME_BYTES: i32 = size_of::<Frame>() as i32;
pub(super) const INT_TAG: i64 = (0xFFFCu64 << 48) as i64;
pub(super) const FLOAT_OFFSET: i64 = 1 << 48;
/// The highest bits of a float that a value keeps; above are negative NaNs only.
pub(super) const FLOAT_LIMIT: i64 = (0xFFFB_u64 << 48) as i64 - 1;

/// The machine code of a tree, and what is needed to leave it.
#[derive(Debug)]
pub struct Compiled {
    pub code: Code,
    /// For each guard and end of a segment: how to leave there.
    pub exits: FxHashMap<u64, Exit>,
    /// What it was made of.
    pub tree: Arc<Tree>,
    /// Where to jump in.
    pub entry: usize,
    /// Of a function: the way in for the interpreter, which has the arguments in the frame.
    pub shim: Option<Code>,
    /// Of a loop or side trace: the side traces that it goes on in.
    pub sides: Sides,
    /// The number of the compilation.
    pub version: u64,
    /// Whether it was made in less time and is slower and larger for it.
    pub quick: bool,
    /// Where the code counts the instructions that it has executed, if it does.
    pub runs: Option<Arc<AtomicU32>>,
    /// The machine code as text, where it was asked for.
    pub listing: Option<String>,
}

/// The instruction set compiled for; none where there is no backend. `quick` is for slower
/// code in less time.
pub fn target(quick: bool) -> Option<OwnedTargetIsa> {
    let mut flags = settings::builder();
    let (level, registers) = if quick {
        ("none", "single_pass")
    } else {
        ("speed", "backtracking")
    };
    for (name, value) in [
        ("opt_level", level),
        ("regalloc_algorithm", registers),
        ("is_pic", "false"),
        ("enable_probestack", "false"),
        // What jumps from code to code needs it.
        ("preserve_frame_pointers", "true"),
        (
            "enable_verifier",
            if cfg!(debug_assertions) {
                "true"
            } else {
                "false"
            },
        ),
    ] {
        flags.set(name, value).ok()?;
    }
    let mut isa = cranelift_codegen::isa::lookup(target_lexicon::Triple::host()).ok()?;
    #[cfg(target_arch = "x86_64")]
    for (name, present) in [
        ("has_sse3", std::arch::is_x86_feature_detected!("sse3")),
        ("has_ssse3", std::arch::is_x86_feature_detected!("ssse3")),
        ("has_sse41", std::arch::is_x86_feature_detected!("sse4.1")),
        ("has_sse42", std::arch::is_x86_feature_detected!("sse4.2")),
        ("has_popcnt", std::arch::is_x86_feature_detected!("popcnt")),
        ("has_avx", std::arch::is_x86_feature_detected!("avx")),
        ("has_fma", std::arch::is_x86_feature_detected!("fma")),
        ("has_avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("has_bmi1", std::arch::is_x86_feature_detected!("bmi1")),
        ("has_bmi2", std::arch::is_x86_feature_detected!("bmi2")),
        ("has_lzcnt", std::arch::is_x86_feature_detected!("lzcnt")),
    ] {
        if present {
            isa.enable(name).ok()?;
        }
    }
    let _ = &mut isa;
    isa.finish(settings::Flags::new(flags)).ok()
}

/// Compiles a tree whose live instructions are marked. `vm` is its machine's address, `wants_listing` is for
/// the code as text as well.
///
/// # Errors
/// How many times as large code is that was compiled quickly.
const QUICK_SIZE: usize = 2;

impl Compiled {
    /// Bytes of code, or what they would be had it not been compiled quickly.
    pub fn size(&self) -> usize {
        match self.quick {
            true => self.code.length / QUICK_SIZE,
            false => self.code.length,
        }
    }
}

/// Cranelift's, in words; the tree is then to be left alone.
pub fn compile(
    isa: &OwnedTargetIsa,
    tree: &Arc<Tree>,
    live: &[bool],
    vm: usize,
    version: u64,
    runs: Option<&Arc<AtomicU32>>,
    wants_listing: bool,
) -> Result<Compiled, String> {
    let mut context = Context::new();
    context.set_disasm(wants_listing);
    let signature = match &tree.function {
        Some(_) if tree.side.is_some() => super::function::side_signature(),
        Some(callee) => super::function::signature(callee),
        None => super::doors::signature(),
    };
    context.func = Function::with_name_signature(UserFuncName::user(0, 0), signature);
    let mut builder_context = FunctionBuilderContext::new();
    let sides = super::doors::sides(tree.ins.len());
    let exits = {
        let builder = FunctionBuilder::new(&mut context.func, &mut builder_context);
        let mut lower = Lower::new(builder, tree, live, vm, isa);
        lower.version = version;
        lower.runs = runs.map(|runs| Arc::as_ptr(runs) as usize);
        lower.sides = sides.clone();
        lower.run()?;
        let Lower { mut b, exits, .. } = lower;
        b.seal_all_blocks();
        b.finalize(isa.frontend_config());
        exits
    };
    let (code, entry) = finish(isa, &mut context)?;
    let listing = context.take_compiled_code().and_then(|c| c.vcode);
    let shim = match &tree.function {
        Some(callee) if tree.side.is_none() => Some(super::function::shim(isa, callee)?),
        _ => None,
    };
    Ok(Compiled {
        code,
        exits,
        tree: tree.clone(),
        entry,
        shim,
        sides,
        version,
        quick: isa.flags().regalloc_algorithm() == settings::RegallocAlgorithm::SinglePass,
        runs: runs.cloned(),
        listing,
    })
}

/// Compiles what was built and puts it into code memory.
pub(super) fn finish(isa: &OwnedTargetIsa, context: &mut Context) -> Result<(Code, usize), String> {
    let compiled = context
        .compile(&**isa, &mut ControlPlane::default())
        .map_err(|e| format!("{:?}", e.inner))?;
    if !compiled.buffer.relocs().is_empty() {
        return Err("code needs relocation".into());
    }
    let code = Code::new(compiled.code_buffer()).map_err(|e| e.to_string())?;
    let entry = code.address() as usize;
    Ok((code, entry))
}

/// A frame pushed for real.
#[derive(Clone)]
pub(super) struct RealFrame {
    pub(super) id: u32,
    pub(super) place: u32,
    pub(super) words: u32,
    /// The generator that it lies in.
    pub(super) generator: Option<Ref>,
}

/// What is in the interpreter's memory at a point of the code.
#[derive(Clone, Default)]
pub(super) struct State {
    /// (frame id, slot) to the value there.
    pub(super) slots: FxHashMap<(u32, u32), Ref>,
    /// Frame id to its `ip` and `sp`.
    pub(super) at: FxHashMap<u32, (u32, u32)>,
    /// Frames on the thread's stack beyond the root's.
    pub(super) real: Vec<RealFrame>,
    /// Objects that exist in parts only.
    pub(super) objects: Objects,
    /// Names what `objects` is now: guards that share an exit agree in it.
    pub(super) epoch: u32,
    /// Objects into which a store needs no barrier: young, or remembered, since no
    /// collection can have happened.
    pub(super) clean: FxHashSet<Ref>,
    /// Numbers that are boxed already.
    pub(super) boxed: FxHashMap<Ref, Value>,
    /// Names what is in memory: another one each time that frames are completed.
    pub(super) flushed: u32,
    /// Calls that make objects which nobody has asked for so far.
    pub(super) late: FxHashSet<Ref>,
    /// The exception being handled as the interpreter has it, where that is known.
    pub(super) handled: Option<Ref>,
}

/// Where guards leave, the objects that are made there, and the frames that are pushed by then
/// if that is not what it was before.
type ExitBlock = (Block, Arc<[Object]>, Option<Vec<u32>>);

pub(super) struct Lower<'a> {
    pub(super) b: FunctionBuilder<'a>,
    pub(super) tree: &'a Tree,
    pub(super) live: &'a [bool],
    pub(super) vm: usize,
    pub(super) isa: &'a OwnedTargetIsa,
    pub(super) call_conv: CallConv,
    pub(super) values: Vec<Option<Value>>,
    pub(super) frame: Value,
    pub(super) thread: Value,
    pub(super) base: Value,
    pub(super) buffer: Value,
    pub(super) header: Option<Block>,
    pub(super) entry_fail: Option<Block>,
    pub(super) loop_block: Option<Block>,
    pub(super) state: State,
    /// Bridges by the guard that they start at.
    pub(super) bridges: FxHashMap<Ref, usize>,
    pub(super) exits: FxHashMap<u64, Exit>,
    /// The exits made so far, by snapshot and epoch, with the objects they make; where more than
    /// the values is to be told ([`Lower::settle`]) also by what is in memory.
    pub(super) exit_blocks: FxHashMap<(SnapId, u32, u32), ExitBlock>,
    /// The last epoch of any state.
    pub(super) epochs: u32,
    /// How often frames have been completed.
    pub(super) flushes: u32,
    pub(super) signatures: FxHashMap<(Vec<Ty>, Ty), SigRef>,
    /// Which version of which tree this is.
    pub(super) version: u64,
    /// Address of [`Compiled::runs`].
    runs: Option<usize>,
    /// See [`Compiled::sides`].
    pub(super) sides: Sides,
    /// Where the exits by guards of a function's code end that have no side trace.
    pub(super) crossing: Option<Block>,
    /// Where all exits end.
    pub(super) leave: Option<Block>,
}

pub(super) fn clif(ty: Ty) -> types::Type {
    match ty {
        Ty::Float => types::F64,
        Ty::Bool => types::I8,
        _ => types::I64,
    }
}

pub(super) fn trusted() -> MemFlagsData {
    MemFlagsData::trusted()
}

impl<'a> Lower<'a> {
    pub(super) fn new(
        mut b: FunctionBuilder<'a>,
        tree: &'a Tree,
        live: &'a [bool],
        vm: usize,
        isa: &'a OwnedTargetIsa,
    ) -> Self {
        let entry = b.create_block();
        b.append_block_params_for_function_params(entry);
        b.switch_to_block(entry);
        let p = b.block_params(entry).to_vec();
        // Functions have neither of the two, see `run_function` and `exit`.
        let loop_param = |i: usize| p.get(i).copied().unwrap_or(p[0]);
        Lower {
            b,
            tree,
            live,
            vm,
            isa,
            call_conv: isa.default_call_conv(),
            values: vec![None; tree.ins.len()],
            frame: p[0],
            thread: p[1],
            base: loop_param(2),
            buffer: loop_param(3),
            header: None,
            entry_fail: None,
            loop_block: None,
            state: State::default(),
            bridges: tree
                .segments
                .iter()
                .enumerate()
                .filter(|(_, s)| !s.parent.is_none())
                .map(|(i, s)| (s.parent, i))
                .collect(),
            exits: FxHashMap::default(),
            exit_blocks: FxHashMap::default(),
            epochs: 0,
            flushes: 0,
            signatures: FxHashMap::default(),
            version: 0,
            runs: None,
            sides: super::doors::sides(0),
            crossing: None,
            leave: None,
        }
    }

    pub(super) fn iconst(&mut self, i: i64) -> Value {
        self.b.ins().iconst(types::I64, i)
    }

    /// The value of `r` here.
    pub(super) fn value(&mut self, r: Ref) -> Result<Value, String> {
        let ins = self.tree.get(r);
        Ok(match ins.op {
            Op::KInt | Op::KVal | Op::KPtr => self.iconst(ins.aux as i64),
            Op::KFloat => self.b.ins().f64const(f64::from_bits(ins.aux)),
            Op::KBool => self.b.ins().iconst(types::I8, ins.aux as i64),
            Op::New if self.state.objects.contains(r) => self.make(r)?,
            Op::BoxInt | Op::BoxFloat | Op::BoxBool => self.boxed_ref(r)?,
            Op::Call => self.called(r)?,
            _ => self.values[r.index()].ok_or_else(|| format!("{r:?} has no value"))?,
        })
    }

    fn run(&mut self) -> Result<(), String> {
        let tree = self.tree;
        if tree.function.is_some() {
            return self.run_function();
        }
        // Entry: the slots are read and checked.
        let params: Vec<(u32, Ref)> = tree
            .params
            .iter()
            .copied()
            .filter(|(_, r)| self.live[r.index()])
            .collect();
        let fail = self.b.create_block();
        self.b.set_cold_block(fail);
        self.entry_fail = Some(fail);
        let header = self.b.create_block();
        self.header = Some(header);
        if tree.door.is_some() {
            let from_buffer = self
                .b
                .block_params(self.b.current_block().ok_or("no block")?)[4];
            let (words, frames) = (self.b.create_block(), self.b.create_block());
            self.b.ins().brif(from_buffer, words, &[], frames, &[]);
            self.b.switch_to_block(words);
            let args = self.enter_from_buffer()?;
            self.b.ins().jump(header, &args);
            self.b.switch_to_block(frames);
        }
        let mut args = Vec::new();
        for (slot, r) in &params {
            let offset = FRAME_BYTES + 8 * *slot as i32;
            let word = self.b.ins().load(types::I64, trusted(), self.frame, offset);
            let v = match tree.ty(*r) {
                Ty::Val => word,
                ty => {
                    let (ok, v) = self.unbox(word, ty);
                    let next = self.b.create_block();
                    self.b.ins().brif(ok, next, &[], fail, &[]);
                    self.b.switch_to_block(next);
                    v(self, word)
                }
            };
            args.push(BlockArg::Value(v));
        }
        self.b.ins().jump(header, &args);
        self.b.switch_to_block(fail);
        self.return_code(exits::ENTRY);
        self.b.switch_to_block(header);
        for (_, r) in &params {
            let v = self.b.append_block_param(header, clif(tree.ty(*r)));
            self.values[r.index()] = Some(v);
        }
        self.count_run();
        self.enter_side();
        self.segment(0)
    }

    /// Counts the instructions of an iteration or a call.
    pub(super) fn count_run(&mut self) {
        let Some(address) = self.runs else { return };
        let code = self.tree.segments[0].code.iter();
        let instructions = code.filter(|r| self.live[r.index()]).count();
        let place = self.iconst(address as i64);
        let count = self.b.ins().load(types::I32, trusted(), place, 0);
        let count = self.b.ins().iadd_imm_s(count, instructions as i64);
        self.b.ins().store(trusted(), count, place, 0);
    }

    /// A side trace finds inner frames on the thread's stack, and values in the exit buffer,
    /// which the collector scans: none are left there.
    pub(super) fn enter_side(&mut self) {
        let tree = self.tree;
        let Some(side) = &tree.side else {
            return;
        };
        let first = usize::from(tree.function.is_none());
        let frames = &tree.snaps[side.snap as usize].frames[first..];
        let mut real = frames.len();
        if let Some(start) = &side.start {
            real = start.real.len();
            for (i, &word) in start.words.iter().enumerate() {
                let (at, ty) = (8 * i as i32, tree.ty(word));
                if self.live[word.index()] {
                    let v = self.b.ins().load(clif(ty), trusted(), self.buffer, at);
                    self.values[word.index()] = Some(v);
                }
                if matches!(ty, Ty::Val | Ty::Ptr) {
                    let zero = self.iconst(0);
                    self.b.ins().store(trusted(), zero, self.buffer, at);
                }
            }
        }
        for state in &frames[..real] {
            // SAFETY: the tree keeps its code objects alive.
            let code = unsafe { &*(state.code as *const taipan_runtime::types::code::CodeObject) };
            let words = Frame::WORDS as u32 + code.locals_plus + code.stack_size;
            self.state.real.push(RealFrame {
                id: state.id,
                place: state.place,
                words: if state.is_generator { 0 } else { words },
                generator: state.is_generator.then_some(state.function),
            });
        }
    }

    pub(super) fn segment(&mut self, index: usize) -> Result<(), String> {
        let tree = self.tree;
        let segment = &tree.segments[index];
        for &r in &segment.code {
            if self.live[r.index()] {
                self.instruction(r)
                    .map_err(|e| format!("{r:?} {:?}: {e}", tree.op(r)))?;
            }
        }
        match &segment.end {
            End::Open => return Err("segment without end".into()),
            End::Loop => {
                self.tell_handled()?;
                self.sync_frames(&[])?;
                let args = self.loop_values(|(_, next)| *next)?;
                self.carry_on()?;
                self.count_run();
                let block = self.loop_block.ok_or("no loop")?;
                self.b.ins().jump(block, &args);
            }
            End::Header(values, snap) => {
                // What is no parameter has to be in memory.
                let mut root = (*tree.snaps[*snap as usize].frames[0]).clone();
                self.settle(*snap)?;
                root.slots.retain(|(slot, _)| {
                    let is_param = |(s, p): &(u32, Ref)| s == slot && self.live[p.index()];
                    !tree.params.iter().any(is_param)
                });
                let mut args = Vec::new();
                for (v, (_, p)) in values.iter().zip(&tree.params) {
                    if self.live[p.index()] {
                        args.push(BlockArg::Value(self.value(*v)?));
                    }
                }
                self.complete_root(&root)?;
                let header = self.header.ok_or("no header")?;
                self.b.ins().jump(header, &args);
            }
            End::Return(r, snap) => self.return_from_root(index, *r, *snap)?,
            End::EnterLoop(snap, code) if tree.function.is_none() => {
                self.flush(*snap)?;
                self.jump_to_loop(*code);
            }
            End::EnterLoop(snap, code) => self.enter_loop(*snap, *code)?,
            End::Home(values, snap) => {
                let side = tree.side.as_ref();
                let home = side.and_then(|s| s.home.as_ref()).ok_or("no home")?;
                self.go_home(home, values, *snap, index)?;
            }
            // A loop's root frame is there: the others are completed like it.
            End::Exit(snap) if tree.function.is_none() => {
                self.flush(*snap)?;
                self.return_code(exits::LEFT);
            }
            End::Exit(snap) => self.exit_at_end(index, *snap)?,
        }
        Ok(())
    }

    fn instruction(&mut self, r: Ref) -> Result<(), String> {
        let tree = self.tree;
        let ins = *tree.get(r);
        if self.absorb(r)? {
            return Ok(());
        }
        let v = match ins.op {
            Op::SLoad => {
                if tree.segments[0].code.contains(&r) {
                    // A parameter of the header.
                    return Ok(());
                }
                let offset = FRAME_BYTES + 8 * ins.aux as i32;
                let v = self.b.ins().load(types::I64, trusted(), self.frame, offset);
                self.state.slots.insert((0, ins.aux as u32), r);
                v
            }
            // Read on entry.
            Op::Word => return Ok(()),
            Op::FLoad => {
                let (frame, slot) = ((ins.aux >> 16) as usize, (ins.aux & 0xFFFF) as u32);
                let state = tree.snaps[ins.snap as usize].frames[frame].clone();
                let (base, offset) = self.frame_address(&state)?;
                let v = self.b.ins().load(
                    types::I64,
                    trusted(),
                    base,
                    offset + FRAME_BYTES + 8 * slot as i32,
                );
                self.state.slots.insert((state.id, slot), r);
                v
            }
            Op::GuardInt | Op::GuardFloat | Op::GuardBool => {
                let word = self.value(ins.a)?;
                let (ok, unbox) = self.unbox(word, ins.ty);
                self.guard(r, ok, true)?;
                unbox(self, word)
            }
            Op::GuardIs => {
                let (a, b) = (self.value(ins.a)?, self.value(ins.b)?);
                let ok = self.b.ins().icmp(IntCC::Equal, a, b);
                return self.guard(r, ok, true);
            }
            Op::GuardShape => return self.guard_shape(r),
            Op::GuardNonNull | Op::GuardNull => {
                let a = self.value(ins.a)?;
                return self.guard(r, a, ins.op == Op::GuardNonNull);
            }
            Op::GuardTrue | Op::GuardFalse => {
                let a = self.value(ins.a)?;
                return self.guard(r, a, ins.op == Op::GuardTrue);
            }
            Op::GuardBreaker => {
                // SAFETY: only the address is computed.
                let word = unsafe { &raw const (*(self.vm as *const Vm)).breaker } as i64;
                let address = self.iconst(word);
                // Others set it: a plain load would be taken for what the last one gave, in a
                // loop that stores nothing for ever.
                let v = self.b.ins().atomic_load(types::I32, trusted(), address);
                return self.guard(r, v, false);
            }
            Op::GuardRoom => return self.guard_room(r),
            Op::AddOv | Op::SubOv | Op::MulOv => {
                let (a, b) = (self.value(ins.a)?, self.value(ins.b)?);
                let (v, overflow) = match ins.op {
                    Op::AddOv => self.b.ins().sadd_overflow(a, b),
                    Op::SubOv => self.b.ins().ssub_overflow(a, b),
                    _ => self.b.ins().smul_overflow(a, b),
                };
                self.guard(r, overflow, false)?;
                v
            }
            Op::ShlOv => {
                let (a, b) = (self.value(ins.a)?, self.value(ins.b)?);
                let v = self.b.ins().ishl(a, b);
                let back = self.b.ins().sshr(v, b);
                let ok = self.b.ins().icmp(IntCC::Equal, back, a);
                self.guard(r, ok, true)?;
                v
            }
            Op::Add | Op::Sub | Op::Mul | Op::And | Op::Or | Op::Xor | Op::Shr => {
                let (a, b) = (self.value(ins.a)?, self.value(ins.b)?);
                let i = self.b.ins();
                match ins.op {
                    Op::Add => i.iadd(a, b),
                    Op::Sub => i.isub(a, b),
                    Op::Mul => i.imul(a, b),
                    Op::And => i.band(a, b),
                    Op::Or => i.bor(a, b),
                    Op::Xor => i.bxor(a, b),
                    _ => i.sshr(a, b),
                }
            }
            Op::Div | Op::Mod => {
                let (a, b) = (self.value(ins.a)?, self.value(ins.b)?);
                if ins.aux == NATURAL {
                    let i = self.b.ins();
                    let v = match ins.op {
                        Op::Div => i.udiv(a, b),
                        _ => i.urem(a, b),
                    };
                    self.values[r.index()] = Some(v);
                    return Ok(());
                }
                // Rounding down: one less where the signs differ and something is left.
                let rest = self.b.ins().srem(a, b);
                let signs = self.b.ins().bxor(rest, b);
                let differ = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, signs, 0);
                let some = self.b.ins().icmp_imm_s(IntCC::NotEqual, rest, 0);
                let adjust = self.b.ins().band(differ, some);
                if ins.op == Op::Mod {
                    let sum = self.b.ins().iadd(rest, b);
                    self.b.ins().select(adjust, sum, rest)
                } else {
                    let quotient = self.b.ins().sdiv(a, b);
                    let one = self.b.ins().uextend(types::I64, adjust);
                    self.b.ins().isub(quotient, one)
                }
            }
            Op::ICmp => {
                let (a, b) = (self.value(ins.a)?, self.value(ins.b)?);
                let cc = match Cond::from_aux(ins.aux) {
                    Cond::Lt => IntCC::SignedLessThan,
                    Cond::Le => IntCC::SignedLessThanOrEqual,
                    Cond::Eq => IntCC::Equal,
                    Cond::Ne => IntCC::NotEqual,
                    Cond::Gt => IntCC::SignedGreaterThan,
                    Cond::Ge => IntCC::SignedGreaterThanOrEqual,
                    Cond::Below => IntCC::UnsignedLessThan,
                };
                self.b.ins().icmp(cc, a, b)
            }
            Op::FCmp => {
                let (a, b) = (self.value(ins.a)?, self.value(ins.b)?);
                let cc = match Cond::from_aux(ins.aux) {
                    Cond::Lt | Cond::Below => FloatCC::LessThan,
                    Cond::Le => FloatCC::LessThanOrEqual,
                    Cond::Eq => FloatCC::Equal,
                    Cond::Ne => FloatCC::NotEqual,
                    Cond::Gt => FloatCC::GreaterThan,
                    Cond::Ge => FloatCC::GreaterThanOrEqual,
                };
                self.b.ins().fcmp(cc, a, b)
            }
            Op::Same => {
                let (a, b) = (self.value(ins.a)?, self.value(ins.b)?);
                self.b.ins().icmp(IntCC::Equal, a, b)
            }
            Op::Not => {
                let a = self.value(ins.a)?;
                self.b.ins().bxor_imm_s(a, 1)
            }
            Op::FAdd | Op::FSub | Op::FMul | Op::FDiv => {
                let (a, b) = (self.value(ins.a)?, self.value(ins.b)?);
                let i = self.b.ins();
                match ins.op {
                    Op::FAdd => i.fadd(a, b),
                    Op::FSub => i.fsub(a, b),
                    Op::FMul => i.fmul(a, b),
                    _ => i.fdiv(a, b),
                }
            }
            Op::Select => {
                let (a, b, c) = (self.value(ins.a)?, self.value(ins.b)?, self.value(ins.c)?);
                self.b.ins().select(a, b, c)
            }
            Op::FToI => {
                let a = self.value(ins.a)?;
                self.b.ins().fcvt_to_sint_sat(types::I64, a)
            }
            Op::FFloor | Op::FCeil | Op::FNearest => {
                let a = self.value(ins.a)?;
                let i = self.b.ins();
                match ins.op {
                    Op::FFloor => i.floor(a),
                    Op::FCeil => i.ceil(a),
                    _ => i.nearest(a),
                }
            }
            Op::FNeg | Op::FAbs | Op::FSqrt => {
                let a = self.value(ins.a)?;
                let i = self.b.ins();
                match ins.op {
                    Op::FNeg => i.fneg(a),
                    Op::FAbs => i.fabs(a),
                    _ => i.sqrt(a),
                }
            }
            Op::IToF => {
                let a = self.value(ins.a)?;
                self.b.ins().fcvt_from_sint(types::F64, a)
            }
            Op::BToI => {
                let a = self.value(ins.a)?;
                self.b.ins().uextend(types::I64, a)
            }
            Op::BoxInt | Op::BoxFloat | Op::BoxBool => self.boxed_ref(r)?,
            Op::Load | Op::LoadIdx => {
                let m = Mem::from_aux(ins.aux);
                let mut base = self.value(ins.a)?;
                if ins.op == Op::LoadIdx {
                    let index = self.value(ins.b)?;
                    let scale = i64::from(m.size.trailing_zeros());
                    let scaled = self.b.ins().ishl_imm_s(index, scale);
                    base = self.b.ins().iadd(base, scaled);
                }
                let i = self.b.ins();
                match m.size {
                    1 => i.uload8(types::I64, trusted(), base, m.offset),
                    2 => i.uload16(types::I64, trusted(), base, m.offset),
                    4 => i.uload32(trusted(), base, m.offset),
                    _ if ins.ty == Ty::Float => i.load(types::F64, trusted(), base, m.offset),
                    _ => i.load(types::I64, trusted(), base, m.offset),
                }
            }
            Op::Inside => {
                let a = self.value(ins.a)?;
                self.b.ins().iadd_imm_s(a, ins.aux as i64)
            }
            Op::Store | Op::StoreIdx => {
                let m = Mem::from_aux(ins.aux);
                let mut base = self.value(ins.a)?;
                let stored = if ins.op == Op::StoreIdx {
                    let index = self.value(ins.b)?;
                    let scale = i64::from(m.size.trailing_zeros());
                    let scaled = self.b.ins().ishl_imm_s(index, scale);
                    base = self.b.ins().iadd(base, scaled);
                    ins.c
                } else {
                    ins.b
                };
                let v = self.stored(ins.a, stored)?;
                match m.size {
                    1 => self.b.ins().istore8(trusted(), v, base, m.offset),
                    2 => self.b.ins().istore16(trusted(), v, base, m.offset),
                    4 => self.b.ins().istore32(trusted(), v, base, m.offset),
                    _ => self.b.ins().store(trusted(), v, base, m.offset),
                };
                return Ok(());
            }
            Op::Call => return self.call(r),
            Op::CallAt => return self.call_at(r),
            Op::CallFunction => return self.call_function(r),
            Op::Step => return self.step(r),
            Op::Loop => return self.start_loop(),
            Op::New | Op::KInt | Op::KFloat | Op::KBool | Op::KVal | Op::KPtr => return Ok(()),
        };
        self.values[r.index()] = Some(v);
        Ok(())
    }

    fn signature(&mut self, args: &[Ty], ret: Ty) -> SigRef {
        let key = (args.to_vec(), ret);
        if let Some(s) = self.signatures.get(&key) {
            return *s;
        }
        let mut signature = Signature::new(self.call_conv);
        for ty in args {
            signature.params.push(AbiParam::new(clif(*ty)));
        }
        if ret != Ty::None {
            signature.returns.push(AbiParam::new(clif(ret)));
        }
        let s = self.b.import_signature(signature);
        self.signatures.insert(key, s);
        s
    }

    /// Calls a function of 64-bit arguments.
    pub(super) fn call_address(&mut self, address: usize, args: &[Value], returns: bool) -> Value {
        let types = vec![Ty::Int; args.len()];
        let signature = self.signature(&types, if returns { Ty::Int } else { Ty::None });
        let address = self.iconst(address as i64);
        let call = self.b.ins().call_indirect(signature, address, args);
        match self.b.inst_results(call) {
            [v] => *v,
            _ => self.vm_value(),
        }
    }

    pub(super) fn vm_value(&mut self) -> Value {
        self.iconst(self.vm as i64)
    }

    pub(super) fn call(&mut self, r: Ref) -> Result<(), String> {
        let tree = self.tree;
        let ins = *tree.get(r);
        let helper = tree.helpers[ins.aux as usize];
        if Self::gets_handled(helper) {
            return self.get_handled(r);
        }
        if helper.effect.completes_frames() {
            self.flush(ins.snap)?;
        }
        if let Some(v) = self.power(helper, &ins)? {
            self.values[r.index()] = Some(v);
            return Ok(());
        }
        if helper.effect == Effect::Frames {
            // Those that change which exception is being handled are among these.
            self.state.handled = None;
        }
        let mut types = vec![Ty::Ptr];
        let mut args = vec![self.vm_value()];
        for a in tree.call_args(&ins) {
            types.push(tree.ty(*a));
            args.push(self.value(*a)?);
        }
        let number = tree.call_args(&ins).last().and_then(|a| tree.as_int(*a));
        let quick = self.quick_way(helper, &args[1..], number)?;
        if !matches!(helper.effect, Effect::Pure | Effect::Read(_)) {
            self.state.clean.clear();
        }
        let ret = match helper.ret {
            Ty::Bool => Ty::Int,
            other => other,
        };
        let address = (helper.address)();
        let result = if quick.is_some() && super::quick::suffices(helper) {
            Some(self.call_cold(address, &args, true)?)
        } else {
            let signature = self.signature(&types, ret);
            let address = self.iconst(address as i64);
            let call = self.b.ins().call_indirect(signature, address, &args);
            self.b.inst_results(call).first().copied()
        };
        if helper.fails {
            let v = result.ok_or("a helper that fails must return something")?;
            if helper.effect == Effect::Any {
                self.leave_if_raised(v);
            } else {
                self.guard(r, v, true)?;
            }
        }
        let result = match (quick, result) {
            (Some(next), Some(v)) => {
                self.b.ins().jump(next, &[BlockArg::Value(v)]);
                self.b.switch_to_block(next);
                self.b.block_params(next).first().copied()
            }
            _ => result,
        };
        if let Some(mut v) = result {
            if helper.ret == Ty::Bool {
                v = self.b.ins().ireduce(types::I8, v);
            }
            self.values[r.index()] = Some(v);
        }
        Ok(())
    }

    fn call_at(&mut self, r: Ref) -> Result<(), String> {
        let tree = self.tree;
        let ins = *tree.get(r);
        self.flush(ins.snap)?;
        let frame = tree.snaps[ins.snap as usize]
            .frames
            .last()
            .cloned()
            .ok_or("no frame")?;
        let at = At::from_aux(ins.aux);
        let slot = self.code_stack_base(&frame) + at.first;
        let callable = match at.kind {
            AtKind::Call | AtKind::CallKw => self.value(ins.a)?,
            _ => self.frame,
        };
        self.state.clean.clear();
        let (base, offset) = self.frame_address(&frame)?;
        let offset = i64::from(offset + FRAME_BYTES + 8 * slot as i32);
        let first = self.b.ins().iadd_imm_s(base, offset);
        let count = self.iconst(at.count.into());
        let vm = self.vm_value();
        let result = match at.kind {
            AtKind::Call => {
                let address = super::helpers::call as *const () as usize;
                self.call_address(address, &[vm, callable, first, count], true)
            }
            AtKind::CallKw => {
                let address = super::helpers::call_kw as *const () as usize;
                self.call_address(address, &[vm, callable, first, count], true)
            }
            AtKind::Tuple => {
                let address = super::helpers::tuple as *const () as usize;
                self.call_address(address, &[vm, first, count], true)
            }
            AtKind::List => {
                let address = super::helpers::list as *const () as usize;
                self.call_address(address, &[vm, first, count], true)
            }
        };
        self.leave_if_raised(result);
        self.values[r.index()] = Some(result);
        Ok(())
    }

    pub(super) fn step(&mut self, r: Ref) -> Result<(), String> {
        let ins = *self.tree.get(r);
        self.flush(ins.snap)?;
        self.state.clean.clear();
        self.state.handled = None;
        let vm = self.vm_value();
        let status = self.call_address(super::helpers::step as *const () as usize, &[vm], true);
        let (next, fail) = (self.b.create_block(), self.b.create_block());
        let ok = if ins.aux == super::helpers::STEP_EITHER {
            // One of two statuses, of which the one is zero.
            let other = !super::helpers::STEP_RAISED;
            let rest = self.b.ins().band_imm_s(status, other as i64);
            self.b.ins().icmp_imm_s(IntCC::Equal, rest, 0)
        } else {
            self.b
                .ins()
                .icmp_imm_s(IntCC::Equal, status, ins.aux as i64)
        };
        self.b.ins().brif(ok, next, &[], fail, &[]);
        self.b.set_cold_block(fail);
        self.b.switch_to_block(fail);
        // RAISED or LEFT, by the status.
        let raised =
            self.b
                .ins()
                .icmp_imm_s(IntCC::Equal, status, super::helpers::STEP_RAISED as i64);
        let (x, y) = (
            self.iconst(exits::RAISED as i64),
            self.iconst(exits::LEFT as i64),
        );
        let code = self.b.ins().select(raised, x, y);
        self.return_id(code);
        self.b.switch_to_block(next);
        if ins.ty == Ty::Int {
            self.values[r.index()] = Some(status);
        }
        // The interpreter moved the innermost frame on.
        let innermost = self.tree.snaps[ins.snap as usize].frames.last();
        if let Some(frame) = innermost {
            self.state.at.remove(&frame.id);
            let id = frame.id;
            let base = self.code_stack_base(frame);
            self.state
                .slots
                .retain(|(f, slot), _| *f != id || *slot < base);
        }
        Ok(())
    }

    /// Number of local slots of a frame.
    fn code_stack_base(&self, frame: &FrameState) -> u32 {
        // SAFETY: the tree keeps its code objects alive.
        unsafe { (*(frame.code as *const taipan_runtime::types::code::CodeObject)).locals_plus }
    }

    fn start_loop(&mut self) -> Result<(), String> {
        let tree = self.tree;
        self.tell_handled()?;
        self.state.handled = None;
        let mut late: Vec<Ref> = self.state.late.iter().copied().collect();
        late.sort_unstable();
        for r in late {
            self.value(r)?;
        }
        self.sync_frames(&[])?;
        let block = self.b.create_block();
        let args = self.loop_values(|(first, _)| *first)?;
        self.b.ins().jump(block, &args);
        self.b.switch_to_block(block);
        self.start_objects()?;
        for (r, _) in tree.phis.iter().filter(|p| !tree.carried.contains(&p.0)) {
            let v = self.b.append_block_param(block, clif(tree.ty(*r)));
            self.values[r.index()] = Some(v);
        }
        self.loop_block = Some(block);
        // Only what every iteration leaves alone is known to be in memory.
        let mut kept = self.state.slots.clone();
        kept.retain(|_, r| !tree.is_variant(*r));
        let body = tree.segments[0]
            .code
            .iter()
            .skip_while(|r| tree.op(**r) != Op::Loop);
        for r in body {
            let snap = tree.get(*r).snap;
            if snap == NO_SNAP {
                continue;
            }
            if let Some(root) = tree.snaps[snap as usize].frames.first() {
                for (slot, value) in &root.slots {
                    if kept.get(&(0, *slot)).is_some_and(|k| k != value) {
                        kept.remove(&(0, *slot));
                    }
                }
            }
            if tree.op(*r) == Op::FLoad {
                kept.remove(&(0, (tree.get(*r).aux & 0xFFFF) as u32));
            }
        }
        kept.retain(|(id, _), _| *id == 0);
        self.state.slots = kept;
        self.state.at.clear();
        Ok(())
    }
}
