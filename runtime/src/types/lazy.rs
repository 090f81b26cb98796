pub use crate::types::pending::{ENUMERATE, REVERSED, ZIP, MAP, FILTER};
