//! Trees between the compiler and Python: [`build`] makes nodes of the classes of
//! `_ast` from the compiler's tree, [`read`] goes the other way and [`validate`]
//! rejects what the compiler cannot take for granted of a tree made by hand.

pub mod build;
pub mod read;
pub mod validate;

use taipan_compiler::ast::{CmpOp, Ctx, Operator, UnaryOp};

/// Class names of the operators.
const OPERATOR_NAMES: [(&str, Operator); 13] = [
    ("Add", Operator::Add),
    ("Sub", Operator::Sub),
    ("Mult", Operator::Mult),
    ("MatMult", Operator::MatMult),
    ("Div", Operator::Div),
    ("Mod", Operator::Mod),
    ("Pow", Operator::Pow),
    ("LShift", Operator::LShift),
    ("RShift", Operator::RShift),
    ("BitOr", Operator::BitOr),
    ("BitXor", Operator::BitXor),
    ("BitAnd", Operator::BitAnd),
    ("FloorDiv", Operator::FloorDiv),
];

const UNARY_NAMES: [(&str, UnaryOp); 4] = [
    ("Invert", UnaryOp::Invert),
    ("Not", UnaryOp::Not),
    ("UAdd", UnaryOp::UAdd),
    ("USub", UnaryOp::USub),
];

const CMP_NAMES: [(&str, CmpOp); 10] = [
    ("Eq", CmpOp::Eq),
    ("NotEq", CmpOp::NotEq),
    ("Lt", CmpOp::Lt),
    ("LtE", CmpOp::LtE),
    ("Gt", CmpOp::Gt),
    ("GtE", CmpOp::GtE),
    ("Is", CmpOp::Is),
    ("IsNot", CmpOp::IsNot),
    ("In", CmpOp::In),
    ("NotIn", CmpOp::NotIn),
];

const CTX_NAMES: [(&str, Ctx); 3] = [
    ("Load", Ctx::Load),
    ("Store", Ctx::Store),
    ("Del", Ctx::Del),
];

fn name_in<T: Copy + PartialEq>(table: &[(&'static str, T)], wanted: T) -> &'static str {
    table.iter().find(|(_, t)| *t == wanted).map_or("", |t| t.0)
}

fn operator_name(op: Operator) -> &'static str {
    name_in(&OPERATOR_NAMES, op)
}

fn unary_name(op: UnaryOp) -> &'static str {
    name_in(&UNARY_NAMES, op)
}

fn cmp_name(op: CmpOp) -> &'static str {
    name_in(&CMP_NAMES, op)
}

fn ctx_name(ctx: Ctx) -> &'static str {
    name_in(&CTX_NAMES, ctx)
}
