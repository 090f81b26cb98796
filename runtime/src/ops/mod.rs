//! What each Python operation does on given types: stated once, read by the
//! interpreter (to run it) and by the recorder (to specialise it).

pub mod arith;
pub mod buffer;
pub mod codec;
pub mod compare;
pub mod convert;
pub mod hash;
pub mod implicit;
pub mod items;
pub mod iterate;
pub mod key;
pub mod subscript;
pub mod text;
