//! Where things are: the executable, and the virtual folder of the embedded library.

use taipan_runtime::Vm;

/// `sys.prefix`: the folder above the one that holds the executable.
pub fn prefix(vm: &Vm) -> String {
    let executable = vm.settings.borrow().executable.clone();
    let path = std::path::Path::new(&executable);
    let parent = path
        .parent()
        .and_then(|p| p.parent())
        .map(|p| p.to_string_lossy().into_owned());
    parent
        .filter(|p| !p.is_empty())
        .unwrap_or_else(|| "/usr".to_owned())
}

/// `sys._stdlib_dir`: where `__file__` of library modules says they are.
pub fn stdlib_dir(vm: &Vm) -> String {
    format!("{}/lib/taipan3.14", prefix(vm))
}
