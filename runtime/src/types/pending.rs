//! Types whose method tables are still to come.
use crate::heap::Object;
use crate::object::TypeDef;
macro_rules! pending { ($($s:ident $n:literal $l:expr;)*) => { $(#[allow(missing_docs, reason = "short-lived")] pub static $s: TypeDef = TypeDef::new($n, $l);)* } }
use crate::types::object::Instance as I;
pending! {
    STR "str" <crate::types::str::Str as Object>::LAYOUT;
    INT "int" <crate::types::int::IntSub as Object>::LAYOUT;
    BOOL "bool" <crate::types::int::IntSub as Object>::LAYOUT;
    FLOAT "float" I::LAYOUT;
    COMPLEX "complex" I::LAYOUT;
    BYTES "bytes" <crate::types::bytes::Bytes as Object>::LAYOUT;
    BYTEARRAY "bytearray" I::LAYOUT;
    MEMORYVIEW "memoryview" I::LAYOUT;
    SLICE "slice" <crate::types::slice::Slice as Object>::LAYOUT;
    RANGE "range" <crate::types::range::Range as Object>::LAYOUT;
}
