//! The module `_taipan_symbols`: the blocks of a source in plain values, from
//! which the embedded `_symtable` makes its entries.

use taipan_compiler::symtable::{Block, BlockKind, SymbolTable};
use taipan_compiler::{Mode, Options};
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::str::Str;
use taipan_runtime::{Result, Value, Vm};

/// Where a symbol's scope stands above its flags.
const SCOPE_OFF: u32 = 12;

/// `blocks(source, filename, mode)`: one tuple a block, the module's first.
fn blocks(vm: &Vm, args: &[Value]) -> Result {
    let filename = vm.import_attr("os", "fsdecode")?;
    let filename = vm.call(filename, &[args[1]])?;
    let filename = vm.str_text(filename)?;
    if filename.contains('\0') {
        return Err(vm.value_error("embedded null character"));
    }
    let Some(mode) = args[2].cast::<Str>() else {
        return Err(vm.type_error(format!(
            "symtable() argument 3 must be str, not {}",
            vm.class_of(args[2]).qualified_name()
        )));
    };
    let options = Options {
        mode: match &*mode.to_text() {
            "exec" => Mode::Exec,
            "eval" => Mode::Eval,
            "single" => Mode::Single,
            _ => {
                let message = "symtable() arg 3 must be 'exec' or 'eval' or 'single'";
                return Err(vm.value_error(message));
            }
        },
        filename,
        ..Options::default()
    };
    let wrong = "symtable() arg 1 must be a string or bytes object";
    let source = crate::compile::source_text(vm, args[0], &options.filename, wrong)?;
    let table = match taipan_compiler::symbols(&source, &options) {
        Ok(table) => table,
        Err(e) => return Err(crate::compile::raise(vm, &e, &options.filename)),
    };
    let mut found = vm.rooted();
    for block in &table.blocks {
        found.push(describe(vm, &table, block)?);
    }
    Ok(vm.new_list(&found)?.value())
}

/// `(type, name, line, nested, symbols, parameters, children)`.
fn describe(vm: &Vm, table: &SymbolTable, block: &Block) -> Result {
    let kind = match block.kind {
        BlockKind::Function => 0,
        BlockKind::Class => 1,
        BlockKind::Module => 2,
        BlockKind::Annotation => 3,
        BlockKind::TypeAlias => 4,
        BlockKind::TypeParameters => 5,
        BlockKind::TypeVariable => 6,
    };
    let is_top = std::ptr::eq(block, &table.blocks[SymbolTable::TOP]);
    let line = if is_top { 0 } else { block.pos.line };
    let symbols = vm.new_dict();
    for (name, symbol) in &block.symbols {
        // Read by what the compiler adds, not by the program.
        if block.kind == BlockKind::Annotation && &**name == "__conditional_annotations__" {
            continue;
        }
        let flags = symbol.flags | (symbol.scope as u32) << SCOPE_OFF;
        symbols.set_str(vm, vm.intern(name), vm.new_int(flags.into()));
    }
    let mut params = vm.rooted();
    for name in &block.params {
        params.push(vm.intern(name).value());
    }
    let children: Vec<Value> = block
        .children
        .iter()
        .map(|c| Value::small_int(*c as i64))
        .collect();
    // Code objects of comprehensions have brackets around their names.
    let name = match block.comprehension {
        Some(_) => block.name.trim_matches(['<', '>']),
        None => &block.name,
    };
    let parts = [
        Value::small_int(kind),
        vm.intern(name).value(),
        vm.new_int(line.into()),
        Value::small_int(block.nested.into()),
        symbols.value(),
        vm.new_list(&params)?.value(),
        vm.new_list(&children)?.value(),
    ];
    Ok(vm.new_tuple(&parts)?.value())
}

/// The module `_taipan_symbols`.
pub static SYMBOLS: ModuleDef = ModuleDef {
    name: "_taipan_symbols",
    doc: "",
    functions: &[MethodDef::new(
        "blocks",
        "(source, filename, startstr, /)",
        "Return the blocks of a source.",
        blocks,
    )],
    types: &[],
    exec: None,
};
