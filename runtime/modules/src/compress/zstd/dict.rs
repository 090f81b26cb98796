//! `ZstdDict`: a dictionary in the forms that compressors and decompressors want, each made when it is first used.

use super::stream::{
    CompressionDict, Decompress, DecompressionDict, Dictionary, Encoder, dictionary_id,
};
use super::{error, plain_error};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;
use taipan_runtime::heap::{Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{GetSetDef, MethodDef, TypeDef};
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::support::c_int_arg;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// The ways to use a dictionary, as second items of pairs.
const DIGESTED: i64 = 0;
const UNDIGESTED: i64 = 1;
const PREFIX: i64 = 2;

/// `ZstdDict`.
#[repr(C)]
pub struct ZstdDict {
    pub header: Header,
    content: Rc<[u8]>,
    id: u32,
    /// Made ready for each level that was asked for.
    compression: RefCell<FxHashMap<i32, Rc<CompressionDict>>>,
    decompression: RefCell<Option<Rc<DecompressionDict>>>,
}

heap_object!(ZstdDict, "ZstdDict", Kind::Other, |this, marker| {}, drop);

fn new(vm: &Vm, args: &[Value]) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&ZSTD_DICT)?)?;
    let content: Rc<[u8]> = vm
        .bytes_like(args[1])?
        .contiguous_bytes()
        .into_owned()
        .into();
    let is_raw = match args[2].given() {
        Some(v) => vm.truth(v)?,
        None => false,
    };
    if content.len() < 8 {
        return Err(vm.value_error(
            "Zstandard dictionary content too short (must have at least eight bytes)",
        ));
    }
    let id = dictionary_id(&content);
    if id == 0 && !is_raw {
        return Err(vm.value_error("invalid Zstandard dictionary"));
    }
    let owned = content.len();
    let object = ZstdDict {
        header: Header::empty(),
        content,
        id,
        compression: RefCell::default(),
        decompression: RefCell::default(),
    };
    let made = vm.heap.alloc(class.root_shape.get(), object);
    vm.heap.external_changed(made.header(), 0, owned);
    Ok(made.value())
}

#[cold]
fn unusable(vm: &Vm, kind: &str) -> Raised {
    let message =
        format!("Failed to create a ZSTD_{kind}Dict instance from Zstandard dictionary content.");
    plain_error(vm, &message)
}

impl ZstdDict {
    fn for_compression(&self, vm: &Vm, level: i32) -> Result<Rc<CompressionDict>> {
        if let Some(known) = self.compression.borrow().get(&level) {
            return Ok(known.clone());
        }
        let made = CompressionDict::new(&self.content, level).ok_or_else(|| unusable(vm, "C"))?;
        let made = Rc::new(made);
        self.compression.borrow_mut().insert(level, made.clone());
        Ok(made)
    }

    fn for_decompression(&self, vm: &Vm) -> Result<Rc<DecompressionDict>> {
        if let Some(known) = &*self.decompression.borrow() {
            return Ok(known.clone());
        }
        let made = DecompressionDict::new(&self.content).ok_or_else(|| unusable(vm, "D"))?;
        let made = Rc::new(made);
        *self.decompression.borrow_mut() = Some(made.clone());
        Ok(made)
    }
}

/// The dictionary of an argument `zstd_dict`, and how to use it.
fn argument(vm: &Vm, v: Value, default: i64) -> Result<(Gc<ZstdDict>, i64)> {
    let class = vm.class_of_def(&ZSTD_DICT)?;
    let as_dict = |v: Value| (vm.class_of(v) == class).then(|| this::<ZstdDict>(v));
    if let Some(dict) = as_dict(v) {
        return Ok((dict, default));
    }
    if let Some(pair) = v.cast::<Tuple>()
        && let [dict, way] = *pair.as_slice()
        && let Some(dict) = as_dict(dict)
        && way.as_int_ref().is_some()
        && let way @ DIGESTED..=PREFIX = c_int_arg(vm, way)?
    {
        return Ok((dict, way));
    }
    Err(vm.type_error("zstd_dict argument should be a ZstdDict object."))
}

/// Has a compressor use the dictionary of an argument.
pub fn use_for_compression(vm: &Vm, encoder: &mut Encoder, v: Value, level: i32) -> Result<()> {
    let (dict, way) = argument(vm, v, UNDIGESTED)?;
    let dictionary = match way {
        DIGESTED => Dictionary::Digested(dict.for_compression(vm, level)?),
        UNDIGESTED => Dictionary::Undigested(dict.content.clone()),
        _ => Dictionary::Prefix(dict.content.clone()),
    };
    encoder.use_dictionary(dictionary).map_err(|f| {
        let what = "Unable to load Zstandard dictionary or prefix for compression";
        error(vm, what, f)
    })
}

/// Has a decompressor use the dictionary of an argument.
pub fn use_for_decompression(vm: &Vm, decoder: &mut Decompress, v: Value) -> Result<()> {
    let (dict, way) = argument(vm, v, DIGESTED)?;
    let dictionary = match way {
        DIGESTED => Dictionary::Digested(dict.for_decompression(vm)?),
        UNDIGESTED => Dictionary::Undigested(dict.content.clone()),
        _ => Dictionary::Prefix(dict.content.clone()),
    };
    decoder.use_dictionary(dictionary).map_err(|f| {
        let what = "Unable to load Zstandard dictionary or prefix for decompression";
        error(vm, what, f)
    })
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    let dict = this::<ZstdDict>(args[0]);
    let text = format!(
        "<ZstdDict dict_id={} dict_size={}>",
        dict.id,
        dict.content.len()
    );
    Ok(vm.new_str(&text).value())
}

fn pair(vm: &Vm, v: Value, way: i64) -> Result {
    Ok(vm.new_tuple(&[v, Value::small_int(way)])?.value())
}

const fn attribute(
    name: &'static str,
    doc: &'static str,
    get: fn(&Vm, Value) -> Result,
) -> GetSetDef {
    GetSetDef {
        name,
        doc,
        get,
        set: None,
    }
}

/// The type.
pub static ZSTD_DICT: TypeDef = TypeDef {
    module: "compression.zstd",
    doc: "A dictionary for compression and decompression.",
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, dict_content, /, *, is_raw=False)",
            "Create and return a new object.  See help(type) for accurate signature.",
            new,
        )
        .static_(),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", repr),
        MethodDef::new("__len__", "(self, /)", "Return len(self).", |vm, args| {
            Ok(vm.new_int(this::<ZstdDict>(args[0]).content.len() as i64))
        }),
    ],
    getset: &[
        attribute(
            "dict_id",
            "The dictionary's number, zero if it is raw.",
            |vm, v| Ok(vm.new_int(this::<ZstdDict>(v).id.into())),
        ),
        attribute("dict_content", "The dictionary as bytes.", |vm, v| {
            Ok(vm.new_bytes(&this::<ZstdDict>(v).content)?.value())
        }),
        attribute(
            "as_digested_dict",
            "To be made ready once for all uses.",
            |vm, v| pair(vm, v, DIGESTED),
        ),
        attribute(
            "as_undigested_dict",
            "To be made ready for each use.",
            |vm, v| pair(vm, v, UNDIGESTED),
        ),
        attribute(
            "as_prefix",
            "To be taken for data before the first frame.",
            |vm, v| pair(vm, v, PREFIX),
        ),
    ],
    ..TypeDef::new("ZstdDict", <ZstdDict as Object>::LAYOUT)
};
