//! Code objects back in the form that compilers write and files keep.

use super::CodeObject;
use crate::heap::Gc;
use crate::types::bytes::Bytes;
use crate::types::complex::Complex;
use crate::types::int::IntRef;
use crate::types::slice::Slice;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use taipan_bytecode::{Code, Const, serial};

impl Vm {
    /// The code object without what running it added.
    ///
    /// # Errors
    /// ValueError if a constant is of no kind that can be stored.
    pub fn export_code(&self, code: Gc<CodeObject>) -> Result<Code> {
        let text = |v: Value| v.cast::<Str>().map(|s| s.to_text()).unwrap_or_default();
        let names = code.names.as_slice().iter().map(|v| text(*v));
        let locals = code.local_names.as_slice().iter().map(|v| text(*v));
        Ok(Code {
            name: code.name.to_text(),
            qualname: code.qualname.to_text(),
            filename: code.filename.get().to_text(),
            first_line: code.first_line,
            flags: code.flags,
            arg_count: code.arg_count,
            posonly_arg_count: code.posonly_arg_count,
            kwonly_arg_count: code.kwonly_arg_count,
            stack_size: code.stack_size,
            consts: self.export_consts(code.consts.as_slice())?,
            names: names.collect(),
            locals_plus: locals.zip(code.local_kinds.iter().copied()).collect(),
            instrs: code.generic_instrs(),
            line_table: code.line_table.to_vec(),
            exception_table: code.exception_table.to_vec(),
        })
    }

    /// The code object as bytes that [`Vm::code_from_bytes`] reads.
    ///
    /// # Errors
    /// As [`Vm::export_code`].
    pub fn code_to_bytes(&self, code: Gc<CodeObject>) -> Result<Vec<u8>> {
        Ok(serial::write(&self.export_code(code)?))
    }

    /// A code object from bytes.
    ///
    /// # Errors
    /// ValueError if they are no code.
    pub fn code_from_bytes(&self, bytes: &[u8]) -> Result<Gc<CodeObject>> {
        match serial::read(bytes) {
            Ok(code) => self.new_code(&code),
            Err(_) => Err(self.value_error("bad marshal data (invalid code)")),
        }
    }

    fn export_consts(&self, values: &[Value]) -> Result<Vec<Const>> {
        values.iter().map(|v| self.export_const(*v)).collect()
    }

    fn export_const(&self, v: Value) -> Result<Const> {
        Ok(match v {
            Value::NONE => Const::None,
            Value::TRUE => Const::True,
            Value::FALSE => Const::False,
            Value::ELLIPSIS => Const::Ellipsis,
            v if v.is_float() => Const::Float(v.float_unchecked()),
            v => match v.as_int_ref() {
                Some(IntRef::Small(i)) => Const::Int(i),
                Some(big) => Const::BigInt {
                    negative: big.is_negative(),
                    magnitude: big.to_big().magnitude().to_bytes_le(),
                },
                None => self.export_object(v)?,
            },
        })
    }

    fn export_object(&self, v: Value) -> Result<Const> {
        if let Some(s) = v.cast::<Str>() {
            return Ok(Const::Str(s.to_wtf8().into()));
        }
        if let Some(b) = v.cast::<Bytes>() {
            return Ok(Const::Bytes(b.as_slice().into()));
        }
        if let Some(t) = v.cast::<Tuple>() {
            return Ok(Const::Tuple(self.export_consts(t.as_slice())?));
        }
        if let Some(code) = v.cast::<CodeObject>() {
            return Ok(Const::Code(Box::new(self.export_code(code)?)));
        }
        if let Some(c) = v.cast::<Complex>() {
            return Ok(Const::Complex {
                real: c.re,
                imag: c.im,
            });
        }
        if v.cast::<Slice>().is_some() {
            let part = |name| self.export_const(self.get_attr_str(v, name)?);
            return Ok(Const::Slice(Box::new([
                part("start")?,
                part("stop")?,
                part("step")?,
            ])));
        }
        if self.class_of(v) == self.types.frozenset.get() {
            let items = self.collect(v)?;
            return Ok(Const::FrozenSet(self.export_consts(&items)?));
        }
        Err(self.value_error("unmarshallable object"))
    }
}
