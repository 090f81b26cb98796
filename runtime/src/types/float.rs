pub use crate::types::pending::FLOAT; use crate::Value; pub fn float_of(v: Value) -> Option<f64> { v.as_float() }
