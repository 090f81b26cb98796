//! The module `_suggestions`: the closest of some names to a misspelt one, for `traceback`.

use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::list::List;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::suggest::closest;

fn generate_suggestions(vm: &Vm, args: &[Value]) -> Result {
    let Some(item) = args[1].cast::<Str>() else {
        let got = vm.type_name(args[1]);
        return Err(vm.type_error(format!(
            "_generate_suggestions() argument 2 must be str, not {got}"
        )));
    };
    let Some(candidates) = args[0].cast::<List>() else {
        return Err(vm.type_error("candidates must be a list"));
    };
    let texts: Option<Vec<String>> = candidates
        .as_slice()
        .iter()
        .map(|c| c.cast::<Str>().map(|s| s.to_text()))
        .collect();
    let Some(texts) = texts else {
        return Err(vm.type_error("all elements in 'candidates' must be strings"));
    };
    Ok(closest(&item.to_text(), &texts).map_or(Value::NONE, |s| vm.new_str(&s).value()))
}

/// The module.
pub static SUGGESTIONS: ModuleDef = ModuleDef {
    name: "_suggestions",
    doc: "",
    functions: &[MethodDef::new(
        "_generate_suggestions",
        "(candidates, item, /)",
        "Returns the candidate in candidates that's closest to item",
        generate_suggestions,
    )],
    types: &[],
    exec: None,
};
