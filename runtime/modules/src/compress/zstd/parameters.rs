//! Parameters by number: what `options=` of compressors and decompressors takes.

use super::error;
use super::stream::{Decompress, Encoder, Failure, answer};
use taipan_runtime::heap::Gc;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::support::c_int_arg;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};
use zstd_sys::{ZSTD_bounds, ZSTD_cParameter as C, ZSTD_dParameter as D};

/// A parameter of compression.
pub struct Parameter {
    pub id: C,
    /// As messages have it.
    name: &'static str,
    /// The constant of the module.
    pub constant: &'static str,
}

/// A parameter of decompression.
pub struct Decompression {
    pub id: D,
    name: &'static str,
    pub constant: &'static str,
}

macro_rules! parameters {
    ($ty:ident, $enum:ident: $($id:ident $name:literal,)*) => {
        &[$($ty { id: $enum::$id, name: $name, constant: stringify!($id) },)*]
    };
}

/// All of compression; the level is the first.
pub static COMPRESSION: &[Parameter] = parameters! { Parameter, C:
    ZSTD_c_compressionLevel "compression_level",
    ZSTD_c_windowLog "window_log",
    ZSTD_c_hashLog "hash_log",
    ZSTD_c_chainLog "chain_log",
    ZSTD_c_searchLog "search_log",
    ZSTD_c_minMatch "min_match",
    ZSTD_c_targetLength "target_length",
    ZSTD_c_strategy "strategy",
    ZSTD_c_enableLongDistanceMatching "enable_long_distance_matching",
    ZSTD_c_ldmHashLog "ldm_hash_log",
    ZSTD_c_ldmMinMatch "ldm_min_match",
    ZSTD_c_ldmBucketSizeLog "ldm_bucket_size_log",
    ZSTD_c_ldmHashRateLog "ldm_hash_rate_log",
    ZSTD_c_contentSizeFlag "content_size_flag",
    ZSTD_c_checksumFlag "checksum_flag",
    ZSTD_c_dictIDFlag "dict_id_flag",
    ZSTD_c_nbWorkers "nb_workers",
    ZSTD_c_jobSize "job_size",
    ZSTD_c_overlapLog "overlap_log",
};

/// All of decompression.
pub static DECOMPRESSION: &[Decompression] = parameters! { Decompression, D:
    ZSTD_d_windowLogMax "window_log_max",
};

/// The least and the greatest value.
pub type Bounds = std::result::Result<(i32, i32), Failure>;

fn checked(bounds: ZSTD_bounds) -> Bounds {
    answer(bounds.error).map(|_| (bounds.lowerBound, bounds.upperBound))
}

impl Parameter {
    pub fn bounds(&self) -> Bounds {
        // SAFETY: a parameter of the library.
        checked(unsafe { zstd_sys::ZSTD_cParam_getBounds(self.id) })
    }
}

impl Decompression {
    pub fn bounds(&self) -> Bounds {
        // SAFETY: a parameter of the library.
        checked(unsafe { zstd_sys::ZSTD_dParam_getBounds(self.id) })
    }
}

/// The least and the greatest level.
fn levels() -> (i32, i32) {
    // SAFETY: plain calls.
    unsafe { (zstd_sys::ZSTD_minCLevel(), zstd_sys::ZSTD_maxCLevel()) }
}

/// Sets the level, which has to be in range.
///
/// # Errors
/// It is not.
pub fn set_level(vm: &Vm, encoder: &mut Encoder, level: i32) -> Result<()> {
    let (least, most) = levels();
    if !(least..=most).contains(&level) {
        return Err(vm.value_error(format!(
            "illegal compression level {level}; the valid range is [{least}, {most}]"
        )));
    }
    encoder
        .set(&COMPRESSION[0], level)
        .map_err(|f| error(vm, "Unable to set zstd compression level", f))
}

/// The argument `level`.
///
/// # Errors
/// It is no integer that could be one.
pub fn level_argument(vm: &Vm, v: Value) -> Result<i32> {
    if v.as_int_ref().is_none() {
        return Err(vm.type_error("invalid type for level, expected int"));
    }
    c_int_arg(vm, v).map(|i| i as i32).map_err(|_| {
        vm.clear_raised();
        let (least, most) = levels();
        vm.value_error(format!(
            "illegal compression level; the valid range is [{least}, {most}]"
        ))
    })
}

/// What is wrong with a parameter that the library did not take.
fn refused(vm: &Vm, what: &str, id: i32, value: i32, known: Option<(&str, Bounds)>) -> Raised {
    match known {
        Some((name, Ok((least, most)))) => vm.value_error(format!(
            "{what} parameter '{name}' received an illegal value {value}; the valid range is [{least}, {most}]"
        )),
        Some((name, Err(_))) => vm.value_error(format!("invalid {what} parameter '{name}'")),
        None => vm.value_error(format!(
            "invalid {what} parameter 'unknown parameter (key {id})'"
        )),
    }
}

/// Calls `set` for each option. Keys shall not be of the class that the module knows as `other`.
fn each(
    vm: &Vm,
    options: Gc<Dict>,
    other: &str,
    what: &str,
    set: &mut dyn FnMut(i32, i32) -> Result<()>,
) -> Result<()> {
    let items = vm.call_method(options.value(), "items", &[])?;
    for pair in vm.collect(items)?.iter() {
        let pair = vm.collect(*pair)?;
        let [key, value] = pair[..] else { continue };
        if key.as_int().is_none() || vm.class_of(key) != vm.types.int.get() {
            let class = vm.import_attr("compression.zstd", other)?;
            if vm.is_instance(key, class)? {
                return Err(vm.type_error(format!(
                    "{what} options dictionary key must not be a {other} attribute"
                )));
            }
        }
        let key = c_int_arg(vm, key)?;
        let value = c_int_arg(vm, value)?;
        set(key as i32, value as i32)?;
    }
    Ok(())
}

/// Sets the options of a compressor; the level among them, if it is.
pub fn set_compression(vm: &Vm, encoder: &mut Encoder, options: Gc<Dict>) -> Result<Option<i32>> {
    let mut level = None;
    each(
        vm,
        options,
        "DecompressionParameter",
        "compression",
        &mut |id, value| {
            let Some(parameter) = COMPRESSION.iter().find(|p| p.id as i32 == id) else {
                return Err(refused(vm, "compression", id, value, None));
            };
            if id == C::ZSTD_c_compressionLevel as i32 {
                level = Some(value);
                return set_level(vm, encoder, value);
            }
            let known = Some((parameter.name, parameter.bounds()));
            encoder
                .set(parameter, value)
                .map_err(|_| refused(vm, "compression", id, value, known))
        },
    )?;
    Ok(level)
}

/// Sets the options of a decompressor.
pub fn set_decompression(vm: &Vm, decoder: &mut Decompress, options: Gc<Dict>) -> Result<()> {
    each(
        vm,
        options,
        "CompressionParameter",
        "decompression",
        &mut |id, value| {
            let Some(parameter) = DECOMPRESSION.iter().find(|p| p.id as i32 == id) else {
                return Err(refused(vm, "decompression", id, value, None));
            };
            let known = Some((parameter.name, parameter.bounds()));
            decoder
                .set(parameter, value)
                .map_err(|_| refused(vm, "decompression", id, value, known))
        },
    )
}
