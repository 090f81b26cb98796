//! Modules, bodies with docstrings, and deferred annotations.

use super::*;
use crate::symtable::{BlockId, Opens, node_key};
use taipan_bytecode::Op::*;
use taipan_bytecode::{Code, CommonConstant, CompareOp};

const MODULE_POS: Pos = Pos::at(1, 0);

impl<'a> Compiler<'a> {
    pub(super) fn module(&mut self, tree: &'a Mod) -> Res<Code> {
        let pos = match tree {
            Mod::Module { body } | Mod::Interactive { body } => {
                body.first().map_or(MODULE_POS, |s| s.pos)
            }
            _ => MODULE_POS,
        };
        self.enter(
            "<module>".into(),
            UnitKind::Module,
            SymbolTable::TOP,
            1,
            None,
        );
        self.emit(Opc::AnnotationsPlaceholder, Pos::NONE);
        if self.block().has_conditional_annotations {
            self.emit_arg(BUILD_SET, 0, pos);
            self.emit_name(STORE_NAME, &"__conditional_annotations__".into(), pos);
        }
        match tree {
            Mod::Module { body } => {
                self.body(pos, body, false)?;
                self.leave(true)
            }
            Mod::Interactive { body } => {
                self.settings.interactive = true;
                self.body(pos, body, true)?;
                self.leave(true)
            }
            Mod::Expression { body } => {
                self.expr(body)?;
                self.emit(RETURN_VALUE, Pos::NONE);
                self.leave(false)
            }
            Mod::FunctionType { .. } => {
                self.error("this compiler does not handle FunctionTypes", Pos::NONE)
            }
        }
    }

    /// The statements of a module or class.
    pub(super) fn body(&mut self, pos: Pos, body: &'a [Stmt], interactive: bool) -> Res<()> {
        if self.future_annotations() && self.block().annotations_used {
            self.emit(SETUP_ANNOTATIONS, pos);
        }
        let mut rest = body;
        if !interactive
            && self.settings.optimize < 2
            && let Some(doc) = docstring(body)
        {
            let pos = match &body[0].kind {
                StmtKind::Expr(e) => e.pos,
                _ => body[0].pos,
            };
            self.load_const(Const::Str(clean_doc(doc).into()), pos);
            self.store_named("__doc__", pos)?;
            rest = &body[1..];
        }
        self.stmts(rest)?;
        if self.future_annotations() {
            return Ok(());
        }
        self.process_deferred(pos)
    }

    /// Notes an annotation for `__annotate__`; the result is its number among
    /// the conditional ones.
    pub(super) fn defer_annotation(&mut self, stmt: &'a Stmt) -> Option<u32> {
        let conditional = self.unit().kind == UnitKind::Module || self.unit().in_conditional_block;
        let unit = self.unit();
        let condition = conditional.then(|| {
            unit.conditional_count += 1;
            unit.conditional_count - 1
        });
        unit.deferred.push(DeferredAnnotation { stmt, condition });
        condition
    }

    fn process_deferred(&mut self, pos: Pos) -> Res<()> {
        let deferred = std::mem::take(&mut self.unit().deferred);
        let Some(block) = self.block().annotation_block else {
            return Ok(());
        };
        if deferred.is_empty() {
            return Ok(());
        }
        let kind = self.unit().kind;
        // A module's `__annotate__` is set before its body runs.
        let outer = (kind == UnitKind::Module).then(|| {
            let labels = self.unit().seq.labels.clone();
            std::mem::replace(
                &mut self.unit().seq,
                Sequence {
                    instrs: Vec::new(),
                    labels,
                },
            )
        });
        self.enter_annotations("__annotate__".into(), block, pos)?;
        self.emit_arg(BUILD_MAP, 0, pos);
        for d in &deferred {
            let StmtKind::AnnAssign {
                target, annotation, ..
            } = &d.stmt.kind
            else {
                continue;
            };
            let Some(name) = target.as_name() else {
                continue;
            };
            let at = d.stmt.pos;
            let not_set = self.label();
            if let Some(number) = d.condition {
                self.load_const(Const::Int(i64::from(number)), at);
                if kind == UnitKind::Class {
                    self.emit_deref(LOAD_DEREF, "__conditional_annotations__", at);
                } else {
                    let index = self
                        .unit()
                        .names
                        .insert_full("__conditional_annotations__".into())
                        .0;
                    self.emit_arg(LOAD_GLOBAL, index << 1, at);
                }
                self.emit_arg(CONTAINS_OP, 0, at);
                self.jump(POP_JUMP_IF_FALSE, not_set, at);
            }
            self.expr(annotation)?;
            self.emit_arg(COPY, 2, at);
            let mangled = self.mangled(name);
            self.load_const(Const::str(&mangled), at);
            self.emit(STORE_SUBSCR, pos);
            self.here(not_set);
        }
        self.emit(RETURN_VALUE, pos);
        let code = self.leave(false)?;
        self.make_closure(code, 0, pos)?;
        let name = if kind == UnitKind::Class {
            "__annotate_func__"
        } else {
            "__annotate__"
        };
        self.store_named(name, pos)?;
        if let Some(outer) = outer {
            let annotations = std::mem::replace(&mut self.unit().seq, outer);
            self.unit().annotations = Some(annotations);
        }
        Ok(())
    }

    /// Opens a function that evaluates annotations or the like: it takes a
    /// format and only knows how to give values (PEP 649).
    pub(super) fn enter_annotations(&mut self, name: Name, block: BlockId, pos: Pos) -> Res<()> {
        self.enter(name, UnitKind::Annotations, block, pos.line, None);
        let unit = self.unit();
        (unit.arg_count, unit.posonly_count) = (1, 1);
        let body = self.label();
        self.emit_arg(LOAD_FAST, 0, pos);
        self.load_const(Const::Int(2), pos);
        self.emit_arg(COMPARE_OP, (CompareOp::Gt as usize) << 5, pos);
        self.jump(POP_JUMP_IF_FALSE, body, pos);
        self.emit_arg(
            LOAD_COMMON_CONSTANT,
            CommonConstant::NotImplementedError as usize,
            pos,
        );
        self.emit_arg(RAISE_VARARGS, 1, pos);
        self.here(body);
        Ok(())
    }

    /// The block a node opens; always there for nodes of the collected tree.
    pub(super) fn opened<T>(&self, node: &T, opens: Opens) -> BlockId {
        self.table
            .block_of(node_key(node), opens)
            .unwrap_or(SymbolTable::TOP)
    }
}

/// A docstring without the indentation it owes to its place (as `inspect.cleandoc`
/// but for the blank lines around, which stay).
pub fn clean_doc(doc: &[u8]) -> Vec<u8> {
    // Tabs widen to eight columns.
    let mut text = Vec::with_capacity(doc.len());
    let mut column = 0;
    for &b in doc {
        match b {
            b'\t' => {
                let width = 8 - column % 8;
                text.extend(std::iter::repeat_n(b' ', width));
                column += width;
            }
            b'\n' | b'\r' => {
                text.push(b);
                column = 0;
            }
            _ => {
                text.push(b);
                // Continuation bytes belong to the character before.
                column += usize::from(b & 0xC0 != 0x80);
            }
        }
    }
    let mut lines = text.split(|&b| b == b'\n');
    let first = lines.next().unwrap_or(&[]);
    let indent = |line: &[u8]| line.iter().take_while(|&&b| b == b' ').count();
    let margin = lines
        .clone()
        .filter(|l| indent(l) < l.len())
        .map(indent)
        .min()
        .unwrap_or(0);
    let mut out = first[indent(first)..].to_vec();
    for line in lines {
        out.push(b'\n');
        out.extend_from_slice(&line[margin.min(indent(line))..]);
    }
    out
}
