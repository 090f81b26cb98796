pub use crate::types::pending::BOOL;
