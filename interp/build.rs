//! Compiles the standard library to bytecode and packs it into one file, which
//! the program embeds: nothing is parsed at start.

use std::io::Write;
use std::path::{Path, PathBuf};

/// Modules that are of no use here: other platforms' and CPython's own internals.
const LEFT_OUT: &[&str] = &["test", "idlelib", "lib2to3", "turtledemo", "__pycache__"];

fn collect(dir: &Path, prefix: &str, out: &mut Vec<(String, bool, PathBuf)>) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if LEFT_OUT.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            if path.join("__init__.py").exists() {
                collect(&path, &format!("{prefix}{name}."), out);
            }
        } else if let Some(stem) = name.strip_suffix(".py") {
            if stem == "__init__" {
                out.push((prefix.trim_end_matches('.').to_owned(), true, path));
            } else {
                out.push((format!("{prefix}{stem}"), false, path));
            }
        }
    }
}

/// The folder of Python modules of our own.
fn own_library() -> PathBuf {
    PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("lib")
}

fn main() {
    // Without relocations, the loader neither reads nor copies half a megabyte of tables at start.
    println!("cargo::rustc-link-arg-bins=-no-pie");
    println!("cargo::rerun-if-changed=lib");
    println!("cargo::rerun-if-changed=build.rs");
    let mut modules = Vec::new();
    collect(&own_library(), "", &mut modules);
    let mut theirs = Vec::new();
    collect(Path::new(rustpython_pylib::LIB_PATH), "", &mut theirs);
    for m in theirs {
        if !modules.iter().any(|(name, ..)| *name == m.0) {
            modules.push(m);
        }
    }
    modules.sort();
    let compiled: Vec<_> = std::thread::scope(|scope| {
        let chunks: Vec<_> = modules
            .chunks(modules.len().div_ceil(4).max(1))
            .map(|chunk| {
                std::thread::Builder::new()
                    .stack_size(64 << 20)
                    .spawn_scoped(scope, move || {
                        chunk.iter().filter_map(compile).collect::<Vec<_>>()
                    })
            })
            .collect();
        chunks
            .into_iter()
            .flatten()
            .flat_map(|t| t.join().unwrap_or_default())
            .collect()
    });
    let out = PathBuf::from(std::env::var("OUT_DIR").unwrap_or_default());
    let result = write_archive(&out.join("stdlib.bin"), &compiled);
    if let Err(e) = result {
        panic!("cannot write the compiled library: {e}");
    }
}

/// Modules that CPython has frozen too: tracebacks name them so, and show no source.
const FROZEN: &[&str] = &[
    "_collections_abc",
    "_sitebuiltins",
    "abc",
    "codecs",
    "genericpath",
    "importlib._bootstrap",
    "importlib._bootstrap_external",
    "importlib.machinery",
    "importlib.util",
    "io",
    "ntpath",
    "os",
    "posixpath",
    "runpy",
    "site",
    "stat",
    "zipimport",
];

/// Marks code of a module that CPython has in C.
fn mark_untraced(code: &mut taipan_bytecode::Code) {
    code.flags |= taipan_bytecode::CodeFlags::UNTRACED;
    for constant in &mut code.consts {
        if let taipan_bytecode::Const::Code(inner) = constant {
            mark_untraced(inner);
        }
    }
}

struct Compiled {
    name: String,
    is_package: bool,
    code: Vec<u8>,
    source: Vec<u8>,
}

fn compile((name, is_package, path): &(String, bool, PathBuf)) -> Option<Compiled> {
    let own = &path.starts_with(own_library());
    let bytes = std::fs::read(path).ok()?;
    let mut text = match taipan_compiler::decode_source(&bytes, name) {
        Ok(taipan_compiler::Decoded::Text(text)) => text,
        _ => return None,
    };
    for (module, old, new) in AMENDED {
        if module == name {
            assert!(text.contains(old), "{name} no longer holds {old:?}");
            text = text.replace(old, new);
        }
    }
    let tail = if *is_package { "/__init__.py" } else { ".py" };
    let filename = if FROZEN.contains(&name.as_str()) {
        format!("<frozen {name}>")
    } else {
        format!("\0{}{tail}", name.replace('.', "/"))
    };
    let options = taipan_compiler::Options {
        filename,
        ..Default::default()
    };
    match taipan_compiler::compile(&text, &options) {
        Ok(mut output) => Some(Compiled {
            name: name.clone(),
            is_package: *is_package,
            code: {
                if *own && name.starts_with('_') || name == "_py_warnings" {
                    mark_untraced(&mut output.code);
                }
                taipan_bytecode::serial::write(&output.code)
            },
            source: miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 8),
        }),
        Err(e) => {
            println!("cargo::warning=left out of the library: {name}: {e}");
            None
        }
    }
}

/// Where the library names the implementations that it knows, does otherwise than the native
/// part that CPython has in its place, or in a way that compiled code cannot follow: module, old text, new text.
const AMENDED: &[(&str, &str, &str)] = &[
    ("collections", REPLACE, REPLACE_BY_NAMES),
    (
        "platform",
        "if \"RustPython\" in sys_version:\n            name = \"RustPython\"",
        "if \"(Taipan\" in sys_version:\n            name = \"Taipan\"",
    ),
    (
        "xml.etree.ElementTree",
        "return self.attrib.keys()",
        "return list(self.attrib)",
    ),
    (
        "xml.etree.ElementTree",
        "return self.attrib.items()",
        "return list(self.attrib.items())",
    ),
];

const REPLACE: &str = "
    def _replace(self, /, **kwds):
        result = self._make(_map(kwds.pop, field_names, self))
";
/// Each field is looked up by its name: a trace knows the keywords, and makes neither their dictionary nor what
/// native code would go through. The function that does it is compiled when it is first needed. What a
/// subclass does otherwise, and wrong names, are left to the general way.
const REPLACE_BY_NAMES: &str = r#"
    _type, _exec, method_type = type, exec, type(_make.__get__(None, tuple))
    make_function, tuple_iter, tuple_len = _make.__func__, tuple.__iter__, tuple.__len__
    replaced = None

    def compile_replaced():
        nonlocal replaced
        lines = ['def replaced(_self, _kwds):', f' {arg_list} = _self' if field_names else '', ' _found = 0']
        for name in field_names:
            lines.append(f' if "{name}" in _kwds: {name}, _found = _kwds["{name}"], _found + 1')
        lines.append(f' return ({arg_list}), _found')
        names = {'__builtins__': {}}
        _exec('\n'.join(lines), names)
        replaced = names['replaced']

    def _replace(self, /, **kwds):
        make, kind = self._make, _type(self)
        if (_type(make) is method_type and make.__func__ is make_function and kind.__iter__ is tuple_iter
                and kind.__len__ is tuple_len and _len(self) == num_fields):
            if replaced is None:
                compile_replaced()
            values, found = replaced(self, kwds)
            if found == _len(kwds):
                return tuple_new(make.__self__, values)
        result = make(_map(kwds.pop, field_names, self))
"#;

/// Modules that every start imports; the others of the first kind are often imported.
const AT_START: &[&str] = &[
    "importlib._bootstrap",
    "_taipan_structs",
    "importlib._bootstrap_external",
    "_taipan_startup",
    "encodings",
    "encodings.aliases",
    "codecs",
    "io",
    "abc",
    "site",
    "os",
    "stat",
    "_collections_abc",
    "posixpath",
    "genericpath",
    "_sitebuiltins",
];
const OFTEN: &[&str] = &[
    "types",
    "enum",
    "operator",
    "keyword",
    "reprlib",
    "collections",
    "functools",
    "copyreg",
    "re",
    "re._compiler",
    "re._constants",
    "re._parser",
    "re._casefix",
    "contextlib",
    "warnings",
    "_py_warnings",
    "random",
    "bisect",
    "heapq",
    "dataclasses",
    "copy",
    "weakref",
    "_weakrefset",
    "typing",
    "string",
    "json",
    "json.decoder",
    "json.encoder",
    "json.scanner",
];

/// Where a module's code lies in the archive: code that is used together lies
/// together, so that few pages of the file are mapped and read.
fn rank(m: &Compiled) -> usize {
    let among = |list: &[&str]| list.iter().position(|name| *name == m.name);
    among(AT_START)
        .or_else(|| among(OFTEN).map(|i| i + AT_START.len()))
        .unwrap_or(usize::MAX)
}

/// Count, then for each module: name, package flag, and where its code and its
/// compressed source lie behind the table. All sources lie behind all code.
fn write_archive(path: &Path, modules: &[Compiled]) -> std::io::Result<()> {
    let mut table = Vec::new();
    let mut data = Vec::new();
    let number = |out: &mut Vec<u8>, n: usize| out.extend_from_slice(&(n as u32).to_le_bytes());
    let mut order: Vec<_> = (0..modules.len()).collect();
    order.sort_by_key(|&i| rank(&modules[i]));
    let mut places = vec![[0; 2]; modules.len()];
    for kind in 0..2 {
        for &i in &order {
            places[i][kind] = data.len();
            data.extend_from_slice([&modules[i].code, &modules[i].source][kind]);
        }
    }
    number(&mut table, modules.len());
    for (m, [code, source]) in modules.iter().zip(places) {
        number(&mut table, m.name.len());
        table.extend_from_slice(m.name.as_bytes());
        table.push(m.is_package.into());
        number(&mut table, code);
        number(&mut table, m.code.len());
        number(&mut table, source);
        number(&mut table, m.source.len());
    }
    let mut file = std::fs::File::create(path)?;
    file.write_all(&(table.len() as u32 + 4).to_le_bytes())?;
    file.write_all(&table)?;
    file.write_all(&data)
}
