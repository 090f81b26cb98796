//! Chains of filters: from Python's dictionaries to liblzma's structures and back.

use super::error;
use crate::common::unsigned_arg;
use liblzma_sys as sys;
use std::mem::MaybeUninit;
use taipan_runtime::object::Special;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// Filters that a chain has at most.
const MOST: usize = 4;
/// Identifies the end of a chain.
const END: u64 = u64::MAX;

/// `lzma_options_delta`, which the bindings lack.
#[repr(C)]
struct Delta {
    kind: u32,
    distance: u32,
    reserved_numbers: [u32; 4],
    reserved_pointers: [*mut libc::c_void; 2],
}

impl Delta {
    fn new(distance: u32) -> Delta {
        Delta {
            kind: 0,
            distance,
            reserved_numbers: [0; 4],
            reserved_pointers: [std::ptr::null_mut(); 2],
        }
    }
}

/// The options of a filter, at an address that stays.
enum Options {
    Lzma(Box<sys::lzma_options_lzma>),
    Delta(Box<Delta>),
    Branch(Box<sys::lzma_options_bcj>),
}

impl Options {
    fn as_ptr(&mut self) -> *mut libc::c_void {
        match self {
            Options::Lzma(o) => (&raw mut **o).cast(),
            Options::Delta(o) => (&raw mut **o).cast(),
            Options::Branch(o) => (&raw mut **o).cast(),
        }
    }
}

/// Filters in order, as liblzma takes them.
pub struct Chain {
    filters: Vec<sys::lzma_filter>,
    options: Vec<Options>,
}

fn is_branch(id: u64) -> bool {
    matches!(
        id,
        sys::LZMA_FILTER_X86
            | sys::LZMA_FILTER_POWERPC
            | sys::LZMA_FILTER_IA64
            | sys::LZMA_FILTER_ARM
            | sys::LZMA_FILTER_ARMTHUMB
            | sys::LZMA_FILTER_SPARC
    )
}

impl Chain {
    fn new() -> Chain {
        Chain {
            filters: Vec::new(),
            options: Vec::new(),
        }
    }

    /// One LZMA1 filter by a preset.
    ///
    /// # Errors
    /// There is no such preset.
    pub fn of_preset(vm: &Vm, preset: u32) -> Result<Chain> {
        let mut chain = Chain::new();
        let options = Options::Lzma(preset_options(vm, preset)?);
        chain.push(sys::LZMA_FILTER_LZMA1, options);
        chain.end();
        Ok(chain)
    }

    /// The chain that a sequence of dictionaries describes.
    ///
    /// # Errors
    /// It describes none.
    pub fn read(vm: &Vm, v: Value) -> Result<Chain> {
        if v.cast::<Dict>().is_some() {
            return Err(vm.type_error(format!("{} is not a sequence", vm.type_name(v))));
        }
        let count = vm.length(v)?;
        if count > MOST {
            return Err(vm.value_error(format!(
                "Too many filters - liblzma supports a maximum of {MOST}"
            )));
        }
        let mut chain = Chain::new();
        for i in 0..count {
            let item = vm.get_item(v, vm.new_int(i as i64))?;
            chain.add(vm, item)?;
        }
        chain.end();
        Ok(chain)
    }

    /// The chain of one filter.
    pub fn of_one(vm: &Vm, v: Value) -> Result<Chain> {
        let mut chain = Chain::new();
        chain.add(vm, v)?;
        chain.end();
        Ok(chain)
    }

    fn push(&mut self, id: u64, mut options: Options) {
        self.filters.push(sys::lzma_filter {
            id,
            options: options.as_ptr(),
        });
        self.options.push(options);
    }

    fn end(&mut self) {
        self.filters.push(sys::lzma_filter {
            id: END,
            options: std::ptr::null_mut(),
        });
    }

    fn add(&mut self, vm: &Vm, spec: Value) -> Result<()> {
        if vm.class_of(spec).special(Special::GetItem).is_none() {
            return Err(vm.type_error("Filter specifier must be a dict or dict-like object"));
        }
        let found = vm.get_item(spec, vm.new_str("id").value());
        let Some(id) = vm.catch(found, &exc::KEY_ERROR)? else {
            return Err(vm.value_error("Filter specifier must have an \"id\" entry"));
        };
        let id = filter_id(vm, id)?;
        match id {
            sys::LZMA_FILTER_LZMA1 | sys::LZMA_FILTER_LZMA2 => {
                let options = Options::Lzma(lzma_options(vm, spec)?);
                self.push(id, options);
            }
            sys::LZMA_FILTER_DELTA => {
                let [distance] = settings(vm, spec, ["dist"], "delta filter")?;
                let options = Box::new(Delta::new(distance.unwrap_or(1)));
                self.push(id, Options::Delta(options));
            }
            id if is_branch(id) => {
                let [start] = settings(vm, spec, ["start_offset"], "BCJ filter")?;
                // SAFETY: numbers, and zeros are the defaults.
                let mut options: Box<sys::lzma_options_bcj> =
                    Box::new(unsafe { MaybeUninit::zeroed().assume_init() });
                options.start_offset = start.unwrap_or(0);
                self.push(id, Options::Branch(options));
            }
            _ => return Err(vm.value_error(format!("Invalid filter ID: {id}"))),
        }
        Ok(())
    }

    /// The filters, ended as liblzma wants it.
    pub fn as_ptr(&self) -> *const sys::lzma_filter {
        self.filters.as_ptr()
    }

    /// The options of the only filter, if that is of LZMA1.
    pub fn lzma_options(&self) -> Option<*const sys::lzma_options_lzma> {
        match (&self.filters[..], &self.options[..]) {
            ([filter, _], [Options::Lzma(options)]) if filter.id == sys::LZMA_FILTER_LZMA1 => {
                Some(&raw const **options)
            }
            _ => None,
        }
    }

    /// The properties of the first filter, as containers have them.
    ///
    /// # Errors
    /// What liblzma says.
    pub fn properties(&self) -> std::result::Result<Vec<u8>, sys::lzma_ret> {
        let mut size = 0;
        // SAFETY: the chain has a filter, with options of its kind.
        let code = unsafe { sys::lzma_properties_size(&mut size, self.as_ptr()) };
        if code != sys::LZMA_OK {
            return Err(code);
        }
        let mut properties = vec![0; size as usize];
        // SAFETY: as above, and there is as much room as was asked for.
        match unsafe { sys::lzma_properties_encode(self.as_ptr(), properties.as_mut_ptr()) } {
            sys::LZMA_OK => Ok(properties),
            code => Err(code),
        }
    }
}

/// The number of a filter.
pub fn filter_id(vm: &Vm, v: Value) -> Result<u64> {
    unsigned_arg(vm, v, u64::MAX, "lzma_vli")
}

fn number(vm: &Vm, v: Value) -> Result<u32> {
    unsigned_arg(vm, v, u32::MAX.into(), "uint32_t").map(|n| n as u32)
}

/// The numbers of a filter's dictionary by name.
fn settings<const N: usize>(
    vm: &Vm,
    spec: Value,
    names: [&str; N],
    what: &str,
) -> Result<[Option<u32>; N]> {
    let wrong = |vm: &Vm| {
        vm.clear_raised();
        vm.value_error(format!("Invalid filter specifier for {what}"))
    };
    let mut found = [None; N];
    let keys = vm.collect(spec)?;
    for &key in keys.iter() {
        let name = key.cast::<Str>().map(|k| k.to_text());
        match names.iter().position(|n| name.as_deref() == Some(*n)) {
            Some(at) => {
                let v = vm.get_item(spec, key)?;
                found[at] = Some(number(vm, v).map_err(|_| wrong(vm))?);
            }
            None if name.as_deref() == Some("id") => {}
            None => return Err(wrong(vm)),
        }
    }
    Ok(found)
}

fn preset_options(vm: &Vm, preset: u32) -> Result<Box<sys::lzma_options_lzma>> {
    // SAFETY: numbers and null pointers, filled in by the call.
    let mut options: Box<sys::lzma_options_lzma> =
        Box::new(unsafe { MaybeUninit::zeroed().assume_init() });
    // SAFETY: options to fill in.
    if unsafe { sys::lzma_lzma_preset(&mut *options, preset) } != 0 {
        return Err(error(vm, &format!("Invalid compression preset: {preset}")));
    }
    Ok(options)
}

fn lzma_options(vm: &Vm, spec: Value) -> Result<Box<sys::lzma_options_lzma>> {
    let found = vm.get_item(spec, vm.new_str("preset").value());
    let preset = match vm.catch(found, &exc::KEY_ERROR)? {
        Some(v) => number(vm, v)?,
        None => sys::LZMA_PRESET_DEFAULT,
    };
    let mut options = preset_options(vm, preset)?;
    let names = [
        "preset",
        "dict_size",
        "lc",
        "lp",
        "pb",
        "mode",
        "nice_len",
        "mf",
        "depth",
    ];
    let [_, rest @ ..] = settings(vm, spec, names, "LZMA filter")?;
    let fields = [
        &mut options.dict_size,
        &mut options.lc,
        &mut options.lp,
        &mut options.pb,
        &mut options.mode,
        &mut options.nice_len,
        &mut options.mf,
        &mut options.depth,
    ];
    for (field, value) in fields.into_iter().zip(rest) {
        if let Some(value) = value {
            *field = value;
        }
    }
    Ok(options)
}

/// The dictionary that describes a filter with these properties.
///
/// # Errors
/// There is no such filter, or they are none of its.
pub fn describe(vm: &Vm, id: u64, properties: &[u8]) -> Result {
    let mut filter = sys::lzma_filter {
        id,
        options: std::ptr::null_mut(),
    };
    // SAFETY: a filter to fill in, and properties of this size.
    let code = unsafe {
        sys::lzma_properties_decode(
            &mut filter,
            std::ptr::null(),
            properties.as_ptr(),
            properties.len(),
        )
    };
    if code != sys::LZMA_OK {
        return Err(super::engine_error(vm, code));
    }
    let mut fields: Vec<(&str, u32)> = Vec::new();
    if !filter.options.is_null() {
        // SAFETY: liblzma has made options of the filter's kind, with `malloc`.
        unsafe {
            match id {
                sys::LZMA_FILTER_LZMA1 | sys::LZMA_FILTER_LZMA2 => {
                    let options = &*filter.options.cast::<sys::lzma_options_lzma>();
                    if id == sys::LZMA_FILTER_LZMA1 {
                        fields.extend([("lc", options.lc), ("lp", options.lp), ("pb", options.pb)]);
                    }
                    fields.push(("dict_size", options.dict_size));
                }
                sys::LZMA_FILTER_DELTA => {
                    fields.push(("dist", (*filter.options.cast::<Delta>()).distance));
                }
                _ => {
                    let options = &*filter.options.cast::<sys::lzma_options_bcj>();
                    fields.push(("start_offset", options.start_offset));
                }
            }
            libc::free(filter.options);
        }
    }
    let dict = vm.new_dict();
    let id = vm.new_int(id as i64);
    dict.set_str(vm, vm.intern("id"), id);
    for (name, value) in fields {
        dict.set_str(vm, vm.intern(name), vm.new_int(value.into()));
    }
    Ok(dict.value())
}
