//! `_types`: the built-in classes by the names that the module `types` has for them.

use taipan_runtime::heap::{Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, ModuleDef, TypeDef};

/// What extension modules in C share pointers by. There are none here, so that nothing but the
/// class exists.
#[repr(C)]
pub struct Capsule {
    pub header: Header,
}

heap_object!(Capsule, "PyCapsule", Kind::Other, |this, marker| {});

static CAPSULE: TypeDef = TypeDef {
    doc: "Holds a pointer of an extension module.",
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("PyCapsule", <Capsule as Object>::LAYOUT)
};

/// The module.
pub static TYPES: ModuleDef = ModuleDef {
    name: "_types",
    doc: "Define names for built-in types.",
    functions: &[],
    types: &[],
    exec: Some(|vm, module| {
        let types = &vm.types;
        for (name, class) in [
            ("AsyncGeneratorType", types.async_generator.get()),
            ("BuiltinFunctionType", types.native_function.get()),
            ("BuiltinMethodType", types.native_function.get()),
            ("CapsuleType", vm.class_of_def(&CAPSULE)?),
            ("CellType", types.cell.get()),
            (
                "ClassMethodDescriptorType",
                types.class_method_descriptor.get(),
            ),
            ("CodeType", types.code.get()),
            ("CoroutineType", types.coroutine.get()),
            ("EllipsisType", types.ellipsis.get()),
            ("FrameType", types.frame.get()),
            ("FunctionType", types.function.get()),
            ("GeneratorType", types.generator.get()),
            ("GenericAlias", types.generic_alias.get()),
            ("GetSetDescriptorType", types.getset.get()),
            ("LambdaType", types.function.get()),
            ("MappingProxyType", types.mappingproxy.get()),
            ("MemberDescriptorType", types.member.get()),
            ("MethodDescriptorType", types.method_descriptor.get()),
            ("MethodType", types.bound_method.get()),
            ("MethodWrapperType", types.method_wrapper.get()),
            ("ModuleType", types.module.get()),
            ("NoneType", types.none.get()),
            ("NotImplementedType", types.not_implemented.get()),
            (
                "SimpleNamespace",
                vm.class_of_def(&crate::namespace::NAMESPACE)?,
            ),
            ("TracebackType", types.traceback.get()),
            ("UnionType", types.union_type.get()),
            ("WrapperDescriptorType", types.wrapper_descriptor.get()),
        ] {
            module.set(vm, name, class);
        }
        Ok(())
    }),
};
