//! The textual form of the representation.
//!
//! One instruction a line: `v7 = AddOv.Int v5, v6 [s2]`; `aux` in braces where it
//! matters, the snapshot in brackets. Constants are written in place.

use super::{Cond, End, Ins, Mem, NO_SNAP, Op, Ref, SnapId, Tree};
use std::fmt::Write;

impl Tree {
    fn operand(&self, r: Ref) -> String {
        if r.is_none() {
            return "-".into();
        }
        let ins = self.get(r);
        match ins.op {
            Op::KInt => format!("{}", ins.aux as i64),
            Op::KFloat => format!("{:?}f", f64::from_bits(ins.aux)),
            Op::KBool => format!("{}", ins.aux != 0),
            Op::KVal if ins.aux == 0 => "null".into(),
            Op::KVal => {
                // SAFETY: constants are values that the tree keeps alive.
                let value = unsafe { taipan_runtime::Value::from_bits(ins.aux) };
                format!("{value:?}")
            }
            Op::KPtr => format!("ptr:{:#x}", ins.aux),
            _ => format!("v{}", r.0),
        }
    }

    /// One instruction.
    pub fn line(&self, r: Ref) -> String {
        let ins: &Ins = self.get(r);
        if ins.op == Op::Loop {
            let phis: Vec<String> = self
                .phis
                .iter()
                .map(|(a, b)| {
                    let parts = self.carried.contains(a);
                    let arrow = if parts { "<~" } else { "<-" };
                    format!("v{} {arrow} {}", a.0, self.operand(*b))
                })
                .collect();
            return format!("Loop ({})", phis.join(", "));
        }
        let mut line = if ins.ty == super::Ty::None {
            format!("{:?}", ins.op)
        } else {
            format!("v{} = {:?}.{:?}", r.0, ins.op, ins.ty)
        };
        match ins.op {
            Op::Load | Op::LoadIdx | Op::Store | Op::StoreIdx => {
                let m = Mem::from_aux(ins.aux);
                let _ = write!(line, " {{{:?}{}+{}}}", m.class, m.size * 8, m.offset);
            }
            Op::ICmp | Op::FCmp => {
                let _ = write!(line, " {{{:?}}}", Cond::from_aux(ins.aux));
            }
            Op::Div | Op::Mod if ins.aux == super::NATURAL => line.push_str(" {natural}"),
            Op::GuardShape => {
                let _ = write!(line, " {{{:#x}}}", ins.aux);
            }
            Op::New => {
                let layout = super::Layout::from_aux(ins.aux);
                let _ = write!(line, " {{{:#x} {}}}", layout.shape, layout.size);
            }
            Op::Call => {
                let _ = write!(line, " {{{}}}", self.helpers[ins.aux as usize].name);
            }
            Op::CallFunction => {
                let _ = write!(line, " {{{}}}", self.callees[ins.aux as usize].name);
            }
            Op::Step => {
                let _ = write!(line, " {{{}{}}}", self.stepped(ins), ins.aux);
            }
            Op::CallAt => {
                let at = super::At::from_aux(ins.aux);
                let _ = write!(line, " {{{:?} {}}}", at.kind, at.count);
            }
            Op::SLoad | Op::FLoad => {
                let _ = write!(line, " {{{}}}", ins.aux);
            }
            _ => {}
        }
        let operands: Vec<String> = self
            .operands(ins)
            .iter()
            .map(|r| self.operand(*r))
            .collect();
        if !operands.is_empty() {
            let _ = write!(line, " {}", operands.join(", "));
        }
        if ins.snap != NO_SNAP {
            let _ = write!(line, " [s{}]", ins.snap);
        }
        line
    }

    /// The opcode that a step executes.
    fn stepped(&self, ins: &Ins) -> &'static str {
        let Some(frame) = self
            .snaps
            .get(ins.snap as usize)
            .and_then(|s| s.frames.last())
        else {
            return "";
        };
        // SAFETY: the tree keeps its code objects alive; tests have none.
        let code =
            unsafe { (frame.code as *const taipan_runtime::types::code::CodeObject).as_ref() };
        code.and_then(|c| c.instrs().get(frame.ip as usize))
            .and_then(|w| taipan_bytecode::Op::from_u8(w.get() as u8))
            .map_or("", |op| op.name())
    }

    /// A snapshot in one line.
    pub fn snapshot_text(&self, id: SnapId) -> String {
        let mut text = format!("s{id}:");
        for frame in &self.snaps[id as usize].frames {
            let _ = write!(text, " @{}/{}(", frame.ip, frame.sp);
            for (i, (slot, r)) in frame.slots.iter().enumerate() {
                let comma = if i == 0 { "" } else { " " };
                let _ = write!(text, "{comma}{slot}={}", self.operand(*r));
            }
            text.push(')');
        }
        text
    }

    /// The whole tree; with the snapshots if asked for.
    pub fn text(&self, snapshots: bool) -> String {
        self.text_of(&vec![true; self.ins.len()], snapshots)
    }

    /// The live instructions of the tree.
    pub fn text_of(&self, live: &[bool], snapshots: bool) -> String {
        let mut text = String::new();
        for (i, segment) in self.segments.iter().enumerate() {
            if segment.parent.is_none() {
                let _ = writeln!(text, "root:");
            } else {
                let _ = writeln!(text, "bridge {i} at v{}:", segment.parent.0);
            }
            let mut last = NO_SNAP;
            for &r in &segment.code {
                if !live[r.index()] {
                    continue;
                }
                let snap = self.get(r).snap;
                if snapshots && snap != NO_SNAP && snap != last {
                    last = snap;
                    let _ = writeln!(text, "    ; {}", self.snapshot_text(snap));
                }
                let _ = writeln!(text, "  {}", self.line(r));
            }
            let _ = match &segment.end {
                End::Open => writeln!(text, "  open"),
                End::Loop => writeln!(text, "  loop"),
                End::Header(values, _) => {
                    let values: Vec<String> = values.iter().map(|r| self.operand(*r)).collect();
                    writeln!(text, "  header {}", values.join(", "))
                }
                End::Home(values, _) => {
                    let values: Vec<String> = values.iter().map(|r| self.operand(*r)).collect();
                    writeln!(text, "  home {}", values.join(", "))
                }
                End::Exit(snap) => writeln!(text, "  exit {}", self.snapshot_text(*snap)),
                End::Return(r, _) => writeln!(text, "  return {}", self.operand(*r)),
                End::EnterLoop(snap, _) => {
                    writeln!(text, "  enter loop {}", self.snapshot_text(*snap))
                }
            };
        }
        text
    }
}
