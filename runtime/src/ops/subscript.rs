//! `a[i]`, `a[i] = v`, `del a[i]`.

use crate::heap::Kind;
use crate::object::{Class, Special};
use crate::types::bytes::{ByteArray, Bytes};
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::slice::{Indices, Slice};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};

/// An index counted from the end if negative; `None` if out of range.
#[inline(always)]
pub fn normalize(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 { index + len as i64 } else { index };
    (index >= 0 && (index as usize) < len).then_some(index as usize)
}

impl Vm {
    /// `container[key]`.
    #[inline]
    pub fn get_item(&self, container: Value, key: Value) -> Result {
        if let Some(header) = container.header() {
            let shape = header.shape_id();
            let shapes = &self.shapes;
            // SAFETY: in each arm the shape says which layout.
            unsafe {
                if shape == shapes.list.get().id() {
                    let list = container.cast_unchecked::<List>();
                    if let Some(i) = key.as_int() {
                        return match normalize(i, list.len()).and_then(|i| list.get(i)) {
                            Some(v) => Ok(v),
                            None => Err(self.index_error("list index out of range")),
                        };
                    }
                    if let Some(slice) = key.cast::<Slice>() {
                        let (start, stop, step) = slice.unpack(self)?;
                        let at = Indices::adjust(start, stop, step, list.len());
                        return Ok(self.list_slice(list, at)?.value());
                    }
                } else if shape == shapes.dict.get().id() {
                    return match container.cast_unchecked::<Dict>().get(self, key)? {
                        Some(v) => Ok(v),
                        None => Err(self.key_error(key)),
                    };
                } else if shape == shapes.tuple.get().id() {
                    if let Some(i) = key.as_int() {
                        let tuple = container.cast_unchecked::<Tuple>();
                        return match normalize(i, tuple.len()) {
                            Some(i) => Ok(tuple.get(i)),
                            None => Err(self.index_error("tuple index out of range")),
                        };
                    }
                } else if shape == shapes.str.get().id() {
                    let s = container.cast_unchecked::<Str>();
                    if let Some(i) = key.as_int() {
                        return match normalize(i, s.len()) {
                            Some(i) => Ok(self.str_of_char(s.char_at(i))?.value()),
                            None => Err(self.index_error("string index out of range")),
                        };
                    }
                    return Ok(self.str_subscript(s, key)?.value());
                }
            }
        }
        self.get_item_general(container, key)
    }

    fn get_item_general(&self, container: Value, key: Value) -> Result {
        let class = self.class_of(container);
        if let Some(i) = key.as_int() {
            if class == self.types.bytes.get() {
                // SAFETY: the class says which layout.
                let bytes = unsafe { container.cast_unchecked::<Bytes>() };
                if let Some(i) = normalize(i, bytes.len()) {
                    return Ok(Value::small_int(bytes.as_slice()[i].into()));
                }
            } else if class == self.types.bytearray.get() {
                // SAFETY: the class says which layout.
                let array = unsafe { container.cast_unchecked::<ByteArray>() };
                if let Some(i) = normalize(i, array.len()) {
                    return Ok(Value::small_int(array.as_slice()[i].into()));
                }
            }
        }
        if let Some(f) = class.special(Special::GetItem) {
            // Subclasses of `dict` that look up as it does: counters, default dictionaries.
            if Some(f) == self.types.dict.get().special(Special::GetItem)
                && class.layout.kind == Kind::Dict
            {
                // SAFETY: the layout's kind says so.
                let dict = unsafe { container.cast_unchecked::<Dict>() };
                if let Some(v) = dict.get(self, key)? {
                    return Ok(v);
                }
                return match class.special(Special::Missing) {
                    Some(f) => self.call_special(f, container, &[key]),
                    None => Err(self.key_error(key)),
                };
            }
            return self.call_special(f, container, &[key]);
        }
        if let Some(this) = container.cast::<Class>() {
            if this == self.types.type_.get() {
                return crate::types::alias::new_alias(self, container, key);
            }
            let name = self.intern("__class_getitem__");
            if let Some(f) = self.find_attr(container, name)? {
                return self.call(f, &[key]);
            }
            return Err(self.type_error(format!(
                "type '{}' is not subscriptable",
                this.qualified_name()
            )));
        }
        Err(self.type_error(format!(
            "'{}' object is not subscriptable",
            class.qualified_name()
        )))
    }

    /// `container[key] = value`.
    pub fn set_item(&self, container: Value, key: Value, value: Value) -> Result<()> {
        if let Some(header) = container.header() {
            let shape = header.shape_id();
            // SAFETY: in each arm the shape says which layout.
            unsafe {
                if shape == self.shapes.list.get().id() {
                    let list = container.cast_unchecked::<List>();
                    if let Some(i) = key.as_int() {
                        return match normalize(i, list.len()) {
                            Some(i) => {
                                list.set(i, value);
                                Ok(())
                            }
                            None => Err(self.index_error("list assignment index out of range")),
                        };
                    }
                    if let Some(slice) = key.cast::<Slice>() {
                        return self.list_assign_slice(list, slice.unpack(self)?, value);
                    }
                } else if shape == self.shapes.dict.get().id() {
                    return container.cast_unchecked::<Dict>().set(self, key, value);
                }
            }
        }
        let class = self.class_of(container);
        if class == self.types.bytearray.get()
            && let (Some(i), Some(byte @ 0..=255)) = (key.as_int(), value.as_int())
        {
            // SAFETY: the class says which layout.
            let array = unsafe { container.cast_unchecked::<ByteArray>() };
            if let Some(i) = normalize(i, array.len()) {
                array.as_mut_slice()[i] = byte as u8;
                return Ok(());
            }
        }
        match class.special(Special::SetItem) {
            Some(f) => self.call_special(f, container, &[key, value]).map(|_| ()),
            None => Err(self.type_error(format!(
                "'{}' object does not support item assignment",
                class.qualified_name()
            ))),
        }
    }

    /// `del container[key]`.
    pub fn delete_item(&self, container: Value, key: Value) -> Result<()> {
        let class = self.class_of(container);
        if class == self.types.dict.get()
            && let Some(dict) = container.cast::<Dict>()
        {
            return match dict.remove(self, key)? {
                Some(_) => Ok(()),
                None => Err(self.key_error(key)),
            };
        }
        match class.special(Special::DelItem) {
            Some(f) => self.call_special(f, container, &[key]).map(|_| ()),
            None if class.special(Special::SetItem).is_some() => {
                Err(self.attribute_error("__delitem__"))
            }
            None => {
                // Sequences say it in other words.
                let is_sequence =
                    class.def.get().is_none() || class.special(Special::Len).is_some();
                let is_index = self.class_of(key).special(Special::Index).is_some();
                let does_not = if is_sequence && is_index {
                    "doesn't"
                } else {
                    "does not"
                };
                Err(self.type_error(format!(
                    "'{}' object {does_not} support item deletion",
                    class.qualified_name()
                )))
            }
        }
    }
}
