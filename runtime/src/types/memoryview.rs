pub use crate::types::pending::MEMORYVIEW;
