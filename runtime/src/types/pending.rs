//! Types whose method tables are still to come.
use crate::heap::Object;
use crate::object::TypeDef;
macro_rules! pending { ($($s:ident $n:literal $l:expr;)*) => { $(#[allow(missing_docs, reason = "short-lived")] pub static $s: TypeDef = TypeDef::new($n, $l);)* } }
use crate::types::object::Instance as I;
pending! {
    TUPLE "tuple" <crate::types::tuple::Tuple as Object>::LAYOUT;
    DICT "dict" <crate::types::dict::Dict as Object>::LAYOUT;
    LIST "list" <crate::types::list::List as Object>::LAYOUT;
    SET "set" <crate::types::set::Set as Object>::LAYOUT;
    FROZENSET "frozenset" <crate::types::set::Set as Object>::LAYOUT;
    MAPPING_PROXY "mappingproxy" I::LAYOUT;
    ENUMERATE "enumerate" I::LAYOUT;
    REVERSED "reversed" I::LAYOUT;
    ZIP "zip" I::LAYOUT;
    MAP "map" I::LAYOUT;
    FILTER "filter" I::LAYOUT;
}
