//! Reads the textual form back, each line through the emitter: what tests are
//! written in.
//!
//! `v7 = AddOv.Int v5, v6 [s]` defines `v7` (a name of the text, whatever number the
//! instruction gets); `[s]` gives it a snapshot of the slots named by the last
//! `slots 0=v1 1=v2` line. Calls and steps have no textual input form.

use super::{Class, Cond, End, FrameState, Ins, Mem, NO_SNAP, Op, Ref, Snapshot, Ty};
use crate::opt::emit::Emitter;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Reads a text into the emitter's segment.
///
/// # Errors
/// What is wrong, with the line.
pub fn parse(e: &mut Emitter, text: &str) -> Result<(), String> {
    let mut parser = Parser {
        e,
        names: FxHashMap::default(),
        slots: Vec::new(),
    };
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(';') {
            continue;
        }
        parser.line(line).map_err(|why| format!("{line}: {why}"))?;
    }
    Ok(())
}

struct Parser<'a> {
    e: &'a mut Emitter,
    names: FxHashMap<String, Ref>,
    slots: Vec<(u32, Ref)>,
}

const OPS: &[Op] = {
    use Op::*;
    &[
        SLoad,
        Word,
        GuardInt,
        GuardFloat,
        GuardBool,
        GuardIs,
        GuardShape,
        GuardNonNull,
        GuardNull,
        GuardTrue,
        GuardFalse,
        AddOv,
        SubOv,
        MulOv,
        ShlOv,
        Add,
        Sub,
        Mul,
        And,
        Or,
        Xor,
        Shr,
        Div,
        Mod,
        ICmp,
        FCmp,
        Same,
        Not,
        FAdd,
        FSub,
        FMul,
        FDiv,
        FNeg,
        FAbs,
        FFloor,
        FCeil,
        FNearest,
        FToI,
        Select,
        FSqrt,
        IToF,
        BToI,
        BoxInt,
        BoxFloat,
        BoxBool,
        New,
        Load,
        LoadIdx,
        Store,
        StoreIdx,
        Inside,
    ]
};

const CLASSES: &[Class] = {
    use Class::*;
    &[
        Const, Shape, Attr, List, Item, Cell, Dict, DictValue, Iter, Version, Generator, Raised,
        Set, Raw,
    ]
};

impl Parser<'_> {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if let Some(slots) = line.strip_prefix("slots") {
            self.slots = self.slot_list(slots)?;
            return Ok(());
        }
        if let Some(slots) = line.strip_prefix("peel") {
            return self.peel(slots);
        }
        let (name, rest) = match line.split_once(" = ") {
            Some((name, rest)) => (Some(name.trim()), rest.trim()),
            None => (None, line),
        };
        let (head, mut operands) = rest.split_once(' ').unwrap_or((rest, ""));
        let (op, ty) = head.split_once('.').unwrap_or((head, "None"));
        let op = *OPS
            .iter()
            .find(|o| format!("{o:?}") == op)
            .ok_or("unknown operation")?;
        let ty = *[Ty::None, Ty::Int, Ty::Float, Ty::Bool, Ty::Val, Ty::Ptr]
            .iter()
            .find(|t| format!("{t:?}") == ty)
            .ok_or("unknown type")?;
        let mut ins = Ins::new(op, ty);
        operands = operands.trim();
        if let Some(rest) = operands.strip_prefix('{') {
            let (aux, rest) = rest.split_once('}').ok_or("no closing brace")?;
            ins.aux = aux_of(op, aux)?;
            operands = rest.trim();
        }
        if let Some((rest, _)) = operands.split_once('[') {
            operands = rest.trim();
            ins.snap = self.snapshot();
        } else if op.is_guard() {
            return Err("a guard needs a snapshot".into());
        }
        let mut refs = Vec::new();
        for operand in operands.split(',').map(str::trim).filter(|o| !o.is_empty()) {
            refs.push(self.operand(operand)?);
        }
        refs.resize(3, Ref::NONE);
        (ins.a, ins.b, ins.c) = (refs[0], refs[1], refs[2]);
        let r = if op == Op::SLoad {
            let r = self.e.tree.push(ins);
            self.e.tree.params.push((ins.aux as u32, r));
            self.e.tree.segments[0].code.push(r);
            r
        } else {
            self.e.emit(ins).map_err(|_| "contradiction")?
        };
        if let Some(name) = name {
            self.names.insert(name.to_owned(), r);
        }
        Ok(())
    }

    fn slot_list(&self, text: &str) -> Result<Vec<(u32, Ref)>, String> {
        let mut slots = Vec::new();
        for part in text.split_whitespace() {
            let (slot, name) = part.split_once('=').ok_or("slot=value expected")?;
            let slot = slot.parse().map_err(|_| "no slot number")?;
            slots.push((slot, *self.names.get(name).ok_or("unknown name")?));
        }
        Ok(slots)
    }

    fn snapshot(&mut self) -> u32 {
        let state = FrameState {
            code: 0,
            id: 0,
            function: Ref::NONE,
            ip: 0,
            sp: 0,
            place: 0,
            is_generator: false,
            return_info: 0,
            flags: 0,
            slots: self.slots.clone(),
        };
        self.e.tree.snaps.push(Snapshot {
            frames: vec![Arc::new(state)],
        });
        self.e.tree.snaps.len() as u32 - 1
    }

    fn peel(&mut self, slots: &str) -> Result<(), String> {
        self.slots = self.slot_list(slots)?;
        let end = self.snapshot();
        debug_assert!(end != NO_SNAP);
        self.e.peel(end).map_err(|_| "cannot be peeled")?;
        self.e.tree.segments[0].end = End::Loop;
        Ok(())
    }

    fn operand(&mut self, text: &str) -> Result<Ref, String> {
        if let Some(r) = self.names.get(text) {
            return Ok(*r);
        }
        let tree = &mut self.e.tree;
        Ok(match text {
            "true" => tree.bool(true),
            "false" => tree.bool(false),
            "null" => tree.val(0),
            "None" => tree.val(taipan_runtime::Value::NONE.bits()),
            _ => match (text.parse::<i64>(), text.strip_suffix('f')) {
                (Ok(i), _) => tree.int(i),
                (_, Some(f)) => tree.float(f.parse().map_err(|_| "no number")?),
                _ => return Err(format!("unknown operand {text}")),
            },
        })
    }
}

fn aux_of(op: Op, text: &str) -> Result<u64, String> {
    match op {
        Op::ICmp | Op::FCmp => (0..7)
            .find(|c| format!("{:?}", Cond::from_aux(*c)) == text)
            .ok_or_else(|| "unknown condition".into()),
        Op::Div | Op::Mod if text == "natural" => Ok(super::NATURAL),
        Op::Load | Op::LoadIdx | Op::Store | Op::StoreIdx => {
            let (place, offset) = text.split_once('+').ok_or("no offset")?;
            let class = *CLASSES
                .iter()
                .rev()
                .find(|c| place.starts_with(&format!("{c:?}")))
                .ok_or("unknown alias class")?;
            let bits = &place[format!("{class:?}").len()..];
            let bits: u8 = bits.parse().map_err(|_| "no size")?;
            let offset: usize = offset.parse().map_err(|_| "no offset")?;
            Ok(Mem::new(class, bits / 8, offset).aux())
        }
        Op::GuardShape => {
            u64::from_str_radix(text.trim_start_matches("0x"), 16).map_err(|_| "no shape".into())
        }
        Op::New => {
            let (shape, size) = text.split_once(' ').ok_or("shape and size expected")?;
            let shape =
                u32::from_str_radix(shape.trim_start_matches("0x"), 16).map_err(|_| "no shape")?;
            let size = size.parse().map_err(|_| "no size")?;
            Ok(super::Layout { shape, size }.aux())
        }
        _ => text.parse().map_err(|_| "no number".into()),
    }
}
