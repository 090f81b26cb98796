//! Reading and writing [`Code`](crate::Code) as bytes.
