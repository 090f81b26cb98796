//! Annotations: their own blocks, evaluated on demand (PEP 649).

use super::collect::Collector;
use super::*;
use crate::ast::*;

impl Collector {
    /// `target: annotation = value`.
    pub(super) fn annotated(
        &mut self,
        pos: Pos,
        target: &Expr,
        annotation: &Expr,
        value: Option<&Expr>,
        simple: bool,
    ) -> Res<()> {
        if let Some(name) = target.as_name() {
            self.cur().annotations_used = true;
            let mangled = mangle(self.private.as_deref(), name);
            let seen = self.cur().symbols.get(&mangled).map_or(0, |s| s.flags);
            let top = self.stack.len() == 1;
            if seen & (flag::GLOBAL | flag::NONLOCAL) != 0 && !top && simple {
                let what = if seen & flag::GLOBAL != 0 {
                    "global"
                } else {
                    "nonlocal"
                };
                return syntax(format!("annotated name '{name}' can't be {what}"), pos);
            }
            if simple {
                self.add(name, flag::ANNOT | flag::LOCAL, target.pos)?;
            } else if value.is_some() {
                self.add(name, flag::LOCAL, target.pos)?;
            }
        } else {
            self.expr(target)?;
        }
        self.annotation(annotation)?;
        self.opt(value)
    }

    /// The annotation of a variable.
    fn annotation(&mut self, annotation: &Expr) -> Res<()> {
        let kind = self.cur().kind;
        let unevaluated = kind == BlockKind::Function;
        let conditional = kind == BlockKind::Module
            || kind == BlockKind::Class && self.cur().in_conditional_block;
        if conditional && !self.cur().has_conditional_annotations {
            self.cur().has_conditional_annotations = true;
            let name = self.conditional_name();
            self.add(&name, flag::USE, annotation.pos)?;
        }
        let has_conditional = self.cur().has_conditional_annotations;
        match self.cur().annotation_block {
            Some(id) => self.enter_again(id),
            None => {
                let id = self.enter_annotations(
                    node_key(annotation),
                    Opens::Annotations,
                    annotation.pos,
                );
                let at = self.stack.len() - 2;
                let parent = self.stack[at];
                self.table.blocks[parent].annotation_block = Some(id);
                if kind == BlockKind::Class {
                    self.see_class(annotation.pos)?;
                }
            }
        }
        if has_conditional {
            let name = self.conditional_name();
            self.add(&name, flag::USE, annotation.pos)?;
        }
        let outer = std::mem::replace(&mut self.cur().in_unevaluated_annotation, unevaluated);
        self.expr(annotation)?;
        self.cur().in_unevaluated_annotation = outer;
        self.exit();
        Ok(())
    }

    fn enter_again(&mut self, id: BlockId) {
        self.stack.push(id);
    }

    fn enter_annotations(&mut self, node: usize, opens: Opens, pos: Pos) -> BlockId {
        self.enter(
            BlockKind::Annotation,
            "__annotate__".into(),
            (node, opens),
            pos,
        )
    }

    /// Annotations of a function's parameters and result; always makes the block.
    pub(super) fn function_annotations(&mut self, s: &Stmt, f: &FunctionDef) -> Res<()> {
        let cur = self.cur();
        let sees_class = cur.kind == BlockKind::Class || cur.can_see_class_scope;
        self.enter_annotations(node_key(s), Opens::Annotations, s.pos);
        if sees_class {
            self.see_class(s.pos)?;
        }
        let a = &f.args;
        let all = a
            .posonlyargs
            .iter()
            .chain(&a.args)
            .chain(a.vararg.as_deref())
            .chain(&a.kwonlyargs)
            .chain(a.kwarg.as_deref());
        for arg in all {
            if let Some(annotation) = &arg.annotation {
                self.cur().annotations_used = true;
                self.expr(annotation)?;
            }
        }
        if let Some(returns) = &f.returns {
            self.cur().annotations_used = true;
            self.expr(returns)?;
        }
        self.exit();
        Ok(())
    }

    /// Rejects expressions that would act where annotations are evaluated.
    pub(super) fn forbid_in_annotation(&mut self, e: &Expr, what: &str) -> Res<()> {
        let b = self.cur();
        let place = match b.kind {
            BlockKind::Annotation => "an annotation",
            BlockKind::TypeVariable => b.scope_info,
            BlockKind::TypeAlias => "a type alias",
            BlockKind::TypeParameters => "the definition of a generic",
            _ => return Ok(()),
        };
        syntax(format!("{what} cannot be used within {place}"), e.pos)
    }
}
