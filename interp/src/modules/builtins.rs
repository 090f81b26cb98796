//! The module `builtins`.

use crate::eval::build_class;
use taipan_runtime::heap::{Gc, Kind};
use taipan_runtime::object::{Class, Consumer, MethodDef, ModuleDef, NativeFunction, Special};
use taipan_runtime::ops::compare::CompareOp;
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::list::sort::sort_list;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::object::attribute_name;
use taipan_runtime::types::protocol::{too_many_keywords, unexpected_keyword};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::CompileRequest;
use taipan_runtime::{Result, Value, Vm};

fn abs(vm: &Vm, args: &[Value]) -> Result {
    vm.absolute(args[0])
}

fn all(vm: &Vm, args: &[Value]) -> Result {
    let iterator = vm.iter(args[0])?;
    while let Some(v) = vm.next(iterator)? {
        if !vm.truth(v)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

fn any(vm: &Vm, args: &[Value]) -> Result {
    let iterator = vm.iter(args[0])?;
    while let Some(v) = vm.next(iterator)? {
        if vm.truth(v)? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

fn ascii(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.ascii(args[0])?.value())
}

fn in_base(vm: &Vm, v: Value, base: u32, prefix: &str) -> Result {
    let v = vm.index(v)?;
    let text = match v.as_int_ref() {
        Some(IntRef::Small(i)) => {
            let (mut buffer, mut at) = ([0u8; 72], 72);
            let mut rest = i.unsigned_abs();
            loop {
                at -= 1;
                buffer[at] = b"0123456789abcdef"[(rest % u64::from(base)) as usize];
                rest /= u64::from(base);
                if rest == 0 {
                    break;
                }
            }
            for c in prefix.bytes().rev().chain((i < 0).then_some(b'-')) {
                at -= 1;
                buffer[at] = c;
            }
            return Ok(vm.new_str_ascii(&buffer[at..]).value());
        }
        Some(IntRef::Big(b)) => {
            let text = b.to_text(base);
            match text.strip_prefix('-') {
                Some(digits) => format!("-{prefix}{digits}"),
                None => format!("{prefix}{text}"),
            }
        }
        None => String::new(),
    };
    Ok(vm.new_str_ascii(text.as_bytes()).value())
}

fn bin(vm: &Vm, args: &[Value]) -> Result {
    in_base(vm, args[0], 2, "0b")
}

fn oct(vm: &Vm, args: &[Value]) -> Result {
    in_base(vm, args[0], 8, "0o")
}

fn hex(vm: &Vm, args: &[Value]) -> Result {
    in_base(vm, args[0], 16, "0x")
}

fn breakpoint(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let name = vm.intern("breakpointhook");
    match vm.sys_dict.get().and_then(|d| d.get_str(name)) {
        Some(hook) => vm.call_with(hook, args, names),
        None => Err(vm.runtime_error("lost sys.breakpointhook")),
    }
}

fn callable(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(vm.is_callable(args[0])))
}

fn chr(vm: &Vm, args: &[Value]) -> Result {
    let out_of_range = || vm.value_error("chr() arg not in range(0x110000)");
    match vm.index(args[0])?.as_int_ref() {
        Some(IntRef::Small(i)) if (0..0x110000).contains(&i) => {
            Ok(vm.str_of_char(i as u32)?.value())
        }
        Some(IntRef::Small(_)) => Err(out_of_range()),
        _ => Err(out_of_range()),
    }
}

fn compile(vm: &Vm, args: &[Value]) -> Result {
    let flags = args[3].given().map_or(Ok(0), |v| vm.to_i64(v))?;
    let dont_inherit = args[4].given().map_or(Ok(false), |v| vm.truth(v))?;
    let optimize = args[5].given().map_or(Ok(-1), |v| vm.to_i64(v))?;
    const KNOWN: i64 = 0x1FF_0000 | 0x200 | 0x400 | 0x1000 | 0x2000 | 0x4000 | 0x8000 | 0x10;
    if flags & !KNOWN != 0 {
        return Err(vm.value_error("compile(): unrecognised flags"));
    }
    if !(-1..=2).contains(&optimize) {
        return Err(vm.value_error("compile(): invalid optimize value"));
    }
    let mut flags = flags as u32;
    if !dont_inherit && let Some(frame) = vm.current_frame() {
        flags |= frame.code.flags & 0x1FE_0000;
    }
    vm.interpreter().compile(
        vm,
        &CompileRequest {
            source: args[0],
            filename: args[1],
            mode: args[2],
            flags,
            optimize: optimize as i32,
        },
    )
}

fn delattr(vm: &Vm, args: &[Value]) -> Result {
    vm.set_attr(args[0], attribute_name(vm, args[1])?, None)?;
    Ok(Value::NONE)
}

fn dir(vm: &Vm, args: &[Value]) -> Result {
    let names = match args[0].given() {
        Some(v) => {
            let class = vm.class_of(v);
            let Some(f) = class.special(Special::Dir) else {
                return Err(vm.type_error("object does not provide __dir__"));
            };
            vm.call_special(f, v, &[])?
        }
        None => {
            let locals = locals(vm, &[])?;
            vm.call_method(locals, "keys", &[])?
        }
    };
    let items = vm.collect(names)?;
    let list = vm.new_list(&items)?.value();
    vm.call_method(list, "sort", &[])?;
    Ok(list)
}

fn divmod(vm: &Vm, args: &[Value]) -> Result {
    match vm.try_binary(Special::DivMod, Special::RDivMod, args[0], args[1])? {
        Some(v) => Ok(v),
        None => Err(vm.type_error(format!(
            "unsupported operand type(s) for divmod(): '{}' and '{}'",
            vm.class_of(args[0]).qualified_name(),
            vm.class_of(args[1]).qualified_name()
        ))),
    }
}

/// Globals and locals of `exec` and `eval`.
fn namespaces(vm: &Vm, name: &str, globals: Value, locals_arg: Value) -> Result<(Gc<Dict>, Value)> {
    let given_locals = locals_arg.given_not_none();
    let is_mapping = |v: Value| vm.class_of(v).special(Special::GetItem).is_some();
    if name == "eval" {
        if given_locals.is_some_and(|l| !is_mapping(l)) {
            return Err(vm.type_error("locals must be a mapping"));
        }
        if let Some(g) = globals
            .given_not_none()
            .filter(|g| g.cast::<Dict>().is_none())
        {
            return Err(vm.type_error(if is_mapping(g) {
                "globals must be a real dict; try eval(expr, {}, mapping)"
            } else {
                "globals must be a dict"
            }));
        }
    }
    let (globals, locals) = match globals.given_not_none() {
        Some(g) => {
            let Some(dict) = g.cast::<Dict>() else {
                return Err(vm.type_error(format!(
                    "{name}() globals must be a dict, not {}",
                    vm.class_of(g).qualified_name()
                )));
            };
            (dict, given_locals.unwrap_or(g))
        }
        None => {
            let Some(globals) = vm.current_globals() else {
                return Err(vm.system_error("globals and locals cannot be NULL"));
            };
            let l = match given_locals {
                Some(l) => l,
                None => locals(vm, &[])?,
            };
            (globals, l)
        }
    };
    let class = vm.class_of(locals);
    if !is_mapping(locals) {
        return Err(vm.type_error(format!(
            "locals must be a mapping or None, not {}",
            class.qualified_name()
        )));
    }
    let key = vm.names.__builtins__.get();
    if globals.get_str(key).is_none() {
        let builtins = match vm.current_frame() {
            Some(f) => f.function.builtins().value(),
            None => vm.builtins_dict().value(),
        };
        globals.set_str(vm, key, builtins);
    }
    Ok((globals, locals))
}

fn run(
    vm: &Vm,
    code: Gc<CodeObject>,
    globals: Gc<Dict>,
    locals: Value,
    closure: Option<Gc<Tuple>>,
) -> Result {
    vm.audit("exec", &[code.value()])?;
    let function = vm.new_function(code, globals);
    if let Some(c) = closure {
        function.closure.set(&function.header, c);
    }
    vm.interpreter().run_code(vm, function, locals)
}

fn free_count(code: Gc<CodeObject>) -> usize {
    (code.locals_plus - code.first_free) as usize
}

fn source_code(vm: &Vm, source: Value, mode: &str) -> Result<Gc<CodeObject>> {
    if let Some(code) = source.cast::<CodeObject>() {
        return Ok(code);
    }
    let mut source = source;
    if mode == "eval" && source.cast::<Str>().is_some() {
        source = vm.call_method(source, "lstrip", &[vm.new_str(" \t").value()])?;
    }
    if !vm.is_kind(source, Kind::Str)
        && !vm.is_kind(source, Kind::Bytes)
        && !vm.is_kind(source, Kind::ByteArray)
    {
        return Err(vm.type_error(format!(
            "{mode}() arg 1 must be a string, bytes or code object"
        )));
    }
    let flags = vm.current_frame().map_or(0, |f| f.code.flags & 0x1FE_0000);
    let code = vm.interpreter().compile(
        vm,
        &CompileRequest {
            source,
            filename: vm.new_str("<string>").value(),
            mode: vm.new_str(mode).value(),
            flags,
            optimize: -1,
        },
    )?;
    code.cast().ok_or_else(|| vm.type_error("code expected"))
}

fn eval(vm: &Vm, args: &[Value]) -> Result {
    let (globals, locals) = namespaces(vm, "eval", args[1], args[2])?;
    let code = source_code(vm, args[0], "eval")?;
    if free_count(code) > 0 {
        return Err(vm.type_error("code object passed to eval() may not contain free variables"));
    }
    run(vm, code, globals, locals, None)
}

fn exec(vm: &Vm, args: &[Value]) -> Result {
    let (globals, locals) = namespaces(vm, "exec", args[1], args[2])?;
    let closure = args[3].given_not_none();
    if closure.is_some() && args[0].cast::<CodeObject>().is_none() {
        return Err(vm.type_error("closure can only be used when source is a code object"));
    }
    let code = source_code(vm, args[0], "exec")?;
    let free = free_count(code);
    let cells = match closure {
        None if free > 0 => {
            return Err(vm.type_error(format!(
                "code object requires a closure of exactly length {free}"
            )));
        }
        None => None,
        Some(_) if free == 0 => {
            return Err(vm.type_error("cannot use a closure with this code object"));
        }
        Some(c) => {
            let cell_type = |v: &Value| vm.is_kind(*v, Kind::Cell);
            match c
                .cast::<Tuple>()
                .filter(|t| t.len() == free && t.as_slice().iter().all(cell_type))
            {
                Some(t) => Some(t),
                None => {
                    return Err(vm.type_error(format!(
                        "code object requires a closure of exactly length {free}"
                    )));
                }
            }
        }
    };
    run(vm, code, globals, locals, cells)?;
    Ok(Value::NONE)
}

fn format(vm: &Vm, args: &[Value]) -> Result {
    let spec = match args[1].given() {
        Some(s) => match s.cast::<Str>() {
            Some(s) => Some(s),
            None => {
                return Err(vm.type_error(format!(
                    "format() argument 2 must be str, not {}",
                    vm.class_of(s).qualified_name()
                )));
            }
        },
        None => None,
    };
    Ok(vm.format(args[0], spec)?.value())
}

fn getattr(vm: &Vm, args: &[Value]) -> Result {
    let name = attribute_name(vm, args[1])?;
    match args[2].given() {
        None => vm.get_attr(args[0], name),
        Some(default) => Ok(vm.find_attr(args[0], name)?.unwrap_or(default)),
    }
}

fn globals(vm: &Vm, _: &[Value]) -> Result {
    match vm.current_globals() {
        Some(g) => Ok(g.value()),
        None => Err(vm.system_error("globals() called without a frame")),
    }
}

fn locals(vm: &Vm, _: &[Value]) -> Result {
    match vm.current_frame() {
        Some(f) => vm.frame_locals(f),
        None => Err(vm.system_error("frame does not exist")),
    }
}

fn hasattr(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(
        vm.find_attr(args[0], attribute_name(vm, args[1])?)?
            .is_some(),
    ))
}

fn hash(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(vm.hash(args[0])? as i64))
}

fn id(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_uint(vm.id(args[0])))
}

fn input(vm: &Vm, args: &[Value]) -> Result {
    let sys = |name: &str| -> Result {
        let v = vm.sys_dict.get().and_then(|d| d.get_str(vm.intern(name)));
        v.filter(|v| !v.is_none())
            .ok_or_else(|| vm.runtime_error(format!("lost sys.{name}")))
    };
    let (stdin, stdout, stderr) = (sys("stdin")?, sys("stdout")?, sys("stderr")?);
    vm.audit("builtins.input", &[args[0].given().unwrap_or(Value::NONE)])?;
    vm.call_method(stderr, "flush", &[])?;
    if let Some(prompt) = args[0].given() {
        let text = vm.str(prompt)?.value();
        vm.call_method(stdout, "write", &[text])?;
    }
    let flushed = vm.call_method(stdout, "flush", &[]);
    if flushed.is_err() {
        vm.clear_raised();
    }
    let line = vm.call_method(stdin, "readline", &[])?;
    let Some(text) = line.cast::<Str>() else {
        return Err(vm.type_error("object.readline() returned non-string"));
    };
    if text.is_empty() {
        return Err(vm.eof_error("EOF when reading a line"));
    }
    let end = text.len() - usize::from(text.char_at(text.len() - 1) == u32::from(b'\n'));
    let line = vm.substring(text, 0, end)?.value();
    vm.audit("builtins.input/result", &[line])?;
    Ok(line)
}

fn isinstance(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(vm.is_instance(args[0], args[1])?))
}

fn issubclass(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(vm.is_subclass(args[0], args[1])?))
}

fn iter(vm: &Vm, args: &[Value]) -> Result {
    match args[1].given() {
        None => vm.iter(args[0]),
        Some(sentinel) => {
            if !vm.is_callable(args[0]) {
                return Err(vm.type_error("iter(v, w): v must be callable"));
            }
            Ok(vm.new_callable_iter(args[0], sentinel))
        }
    }
}

fn aiter(vm: &Vm, args: &[Value]) -> Result {
    let Some(iterator) = vm.call_if_defined(args[0], Special::AIter, &[])? else {
        return Err(vm.type_error(format!(
            "'{}' object is not an async iterable",
            vm.class_of(args[0]).qualified_name()
        )));
    };
    if vm.class_of(iterator).special(Special::ANext).is_none() {
        return Err(vm.type_error(format!(
            "aiter() returned not an async iterator of type '{}'",
            vm.class_of(iterator).qualified_name()
        )));
    }
    Ok(iterator)
}

fn anext(vm: &Vm, args: &[Value]) -> Result {
    let Some(awaitable) = vm.call_if_defined(args[0], Special::ANext, &[])? else {
        return Err(vm.type_error(format!(
            "'{}' object is not an async iterator",
            vm.class_of(args[0]).qualified_name()
        )));
    };
    match args[1].given() {
        None => Ok(awaitable),
        Some(default) => {
            let wrap = vm.import_attr("_taipan_support", "anext_default")?;
            vm.call(wrap, &[awaitable, default])
        }
    }
}

fn len(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(vm.length(args[0])? as i64))
}

fn extreme(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>, name: &str, op: CompareOp) -> Result {
    let count = names.map_or(0, |n| n.len());
    let (positional, values) = args.split_at(args.len() - count);
    let (mut key, mut default) = (None, None);
    if let Some(names) = names {
        if count > 2 {
            return Err(too_many_keywords(vm, name, 2, count));
        }
        for (k, v) in names.as_slice().iter().zip(values) {
            match k.cast::<Str>() {
                Some(k) if k.is_text("key") => key = Some(*v).filter(|k| !k.is_none()),
                Some(k) if k.is_text("default") => default = Some(*v),
                Some(other) => {
                    let named = ["key", "default"];
                    return Err(unexpected_keyword(vm, name, &other.to_text(), &named));
                }
                None => {}
            }
        }
    }
    let mut best: Option<(Value, Value)> = None;
    let mut consider = |item: Value| -> Result<()> {
        let k = match key {
            Some(f) => vm.call_one(f, item)?,
            None => item,
        };
        match best {
            Some((_, best_key)) if !vm.compare_bool(op, k, best_key)? => {}
            _ => best = Some((item, k)),
        }
        Ok(())
    };
    match positional {
        [] => return Err(vm.type_error(format!("{name} expected at least 1 argument, got 0"))),
        [iterable] => {
            let iterator = vm.iter(*iterable)?;
            while let Some(v) = vm.next(iterator)? {
                consider(v)?;
            }
        }
        many => {
            if default.is_some() {
                return Err(vm.type_error(format!(
                    "Cannot specify a default for {name}() with multiple positional arguments"
                )));
            }
            for v in many {
                consider(*v)?;
            }
        }
    }
    match (best, default) {
        (Some((v, _)), _) | (None, Some(v)) => Ok(v),
        (None, None) => Err(vm.value_error(format!("{name}() iterable argument is empty"))),
    }
}

fn max(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    extreme(vm, args, names, "max", CompareOp::Gt)
}

fn min(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    extreme(vm, args, names, "min", CompareOp::Lt)
}

fn next(vm: &Vm, args: &[Value]) -> Result {
    let class = vm.class_of(args[0]);
    let Some(f) = class.special(Special::Next) else {
        return Err(vm.type_error(format!(
            "'{}' object is not an iterator",
            class.qualified_name()
        )));
    };
    match args[1].given() {
        None => vm.call_special(f, args[0], &[]),
        Some(default) => Ok(vm.next(args[0])?.unwrap_or(default)),
    }
}

fn ord(vm: &Vm, args: &[Value]) -> Result {
    if let Some(s) = args[0].cast::<Str>() {
        if s.len() == 1 {
            return Ok(Value::small_int(s.char_at(0).into()));
        }
        return Err(vm.type_error(format!(
            "ord() expected a character, but string of length {} found",
            s.len()
        )));
    }
    if vm.is_kind(args[0], Kind::Bytes) || vm.is_kind(args[0], Kind::ByteArray) {
        let n = vm.length(args[0])?;
        if n == 1 {
            return vm.get_item(args[0], Value::small_int(0));
        }
        return Err(vm.type_error(format!(
            "ord() expected a character, but string of length {n} found"
        )));
    }
    Err(vm.type_error(format!(
        "ord() expected string of length 1, but {} found",
        vm.class_of(args[0]).qualified_name()
    )))
}

fn pow(vm: &Vm, args: &[Value]) -> Result {
    let modulus = args[2].given_not_none();
    let Some(m) = modulus else {
        return vm.binary(
            taipan_runtime::ops::arith::BinaryOp::Power,
            args[0],
            args[1],
        );
    };
    let (base, exponent) = (args[0], args[1]);
    let (of_base, of_exponent) = (vm.class_of(base), vm.class_of(exponent));
    let mut tries = [
        (base, Special::Pow, [exponent, m]),
        (exponent, Special::RPow, [base, m]),
    ];
    if of_base != of_exponent && of_exponent.is_subclass_of(of_base) {
        tries.swap(0, 1);
    }
    for (v, special, rest) in tries {
        if let Some(f) = vm.class_of(v).special(special) {
            let result = vm.call_special(f, v, &rest)?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
    }
    // Integers are computed with as the modulus's native class does, if it has a way to.
    if let Some(f) = vm.class_of(m).special(Special::Pow)
        && vm.class_of(m).layout.kind == Kind::Other
        && base.as_int_ref().is_some()
        && let Some(native) = f.cast::<NativeFunction>()
        && let Some(class) = native.owner.get()
    {
        let base = vm.call(class, &[base])?;
        let result = vm.call_special(f, base, &[exponent, m])?;
        if result != Value::NOT_IMPLEMENTED {
            return Ok(result);
        }
    }
    // Floats and complex numbers refuse a modulus wherever they stand.
    match vm.class_of(m).layout.kind {
        Kind::FloatSub => {
            return Err(
                vm.type_error("pow() 3rd argument not allowed unless all arguments are integers")
            );
        }
        Kind::Complex => return Err(vm.value_error("complex modulo")),
        _ => {}
    }
    Err(vm.type_error(format!(
        "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'",
        vm.class_of(args[0]).qualified_name(),
        vm.class_of(args[1]).qualified_name(),
        vm.class_of(m).qualified_name()
    )))
}

fn print(vm: &Vm, args: &[Value]) -> Result {
    // SAFETY: `*args` is bound to a tuple.
    let items = unsafe { args[0].cast_unchecked::<Tuple>() };
    let text_or = |v: Value, name: &str, default: u8| -> Result<Gc<Str>> {
        match v.given_not_none() {
            None => Ok(vm.str_of_byte(default)),
            Some(v) => v.cast::<Str>().ok_or_else(|| {
                vm.type_error(format!(
                    "{name} must be None or a string, not {}",
                    vm.class_of(v).qualified_name()
                ))
            }),
        }
    };
    let sep = text_or(args[1], "sep", b' ')?;
    let end = text_or(args[2], "end", b'\n')?;
    let file = match args[3].given_not_none() {
        Some(f) => f,
        None => match vm
            .sys_dict
            .get()
            .and_then(|d| d.get_str(vm.names.stdout.get()))
        {
            None => return Err(vm.runtime_error("lost sys.stdout")),
            Some(f) if f.is_none() => return Ok(Value::NONE),
            Some(f) => f,
        },
    };
    let write = |s: Gc<Str>| vm.call_method_named(file, vm.names.write.get(), &[s.value()]);
    for (i, v) in items.as_slice().iter().enumerate() {
        if i > 0 {
            write(sep)?;
        }
        write(vm.str(*v)?)?;
    }
    write(end)?;
    if let Some(f) = args[4].given()
        && vm.truth(f)?
    {
        vm.call_method(file, "flush", &[])?;
    }
    Ok(Value::NONE)
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.repr(args[0])?.value())
}

fn round(vm: &Vm, args: &[Value]) -> Result {
    let class = vm.class_of(args[0]);
    let Some(f) = class.special(Special::Round) else {
        return Err(vm.type_error(format!(
            "type {} doesn't define __round__ method",
            class.qualified_name()
        )));
    };
    match args[1].given_not_none() {
        Some(n) => vm.call_special(f, args[0], &[n]),
        None => vm.call_special(f, args[0], &[]),
    }
}

fn setattr(vm: &Vm, args: &[Value]) -> Result {
    vm.set_attr(args[0], attribute_name(vm, args[1])?, Some(args[2]))?;
    Ok(Value::NONE)
}

fn sorted(vm: &Vm, args: &[Value]) -> Result {
    let items = vm.collect(args[0])?;
    let list = vm.new_list(&items)?;
    drop(items);
    let key = args[1].given().filter(|key| !key.is_none());
    let reverse = match args[2].given() {
        Some(v) => vm.truth(v)?,
        None => false,
    };
    sort_list(vm, list, key, reverse)?;
    Ok(list.value())
}

fn vars(vm: &Vm, args: &[Value]) -> Result {
    match args[0].given() {
        None => locals(vm, &[]),
        Some(v) => match vm.find_attr(v, vm.names.__dict__.get())? {
            Some(d) => Ok(d),
            None => Err(vm.type_error("vars() argument must have __dict__ attribute")),
        },
    }
}

const fn f(
    name: &'static str,
    signature: &'static str,
    doc: &'static str,
    code: fn(&Vm, &[Value]) -> Result,
) -> MethodDef {
    MethodDef::new(name, signature, doc, code)
}

/// The module `builtins`.
pub static BUILTINS: ModuleDef = ModuleDef {
    name: "builtins",
    doc: "Built-in functions, types, exceptions, and other objects.\n\nThis module provides direct access to all 'built-in'\nidentifiers of Python; for example, builtins.len is\nthe full name for the built-in function len().\n\nThis module is not normally accessed explicitly by most\napplications, but can be useful in modules that provide\nobjects with the same name as a builtin and need to\nallow the builtin of that name to be accessed.",
    functions: &[
        f(
            "abs",
            "(x, /)",
            "Return the absolute value of the argument.",
            abs,
        ).reads(0xFF, 0),
        f(
            "all",
            "(iterable, /)",
            "Return True if bool(x) is True for all values x in the iterable.\n\nIf the iterable is empty, return True.",
            all,
        )
        .consumes(Consumer::All),
        f(
            "any",
            "(iterable, /)",
            "Return True if bool(x) is True for any x in the iterable.\n\nIf the iterable is empty, return False.",
            any,
        )
        .consumes(Consumer::Any),
        f(
            "ascii",
            "(obj, /)",
            "Return an ASCII-only representation of an object.",
            ascii,
        ).reads(0xFF, 0),
        f(
            "bin",
            "(number, /)",
            "Return the binary representation of an integer.\n\n   >>> bin(2796202)\n   '0b1010101010101010101010'",
            bin,
        ).reads(0xFF, 0),
        MethodDef::raw(
            "breakpoint",
            "(*args, **kws)",
            "Call sys.breakpointhook(*args, **kws).",
            breakpoint,
        ),
        f(
            "callable",
            "(obj, /)",
            "Return whether the object is callable (i.e., some kind of function).",
            callable,
        ).reads(0xFF, 0),
        f(
            "chr",
            "(i, /)",
            "Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff.",
            chr,
        ).reads(0xFF, 0),
        f(
            "compile",
            "(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1)",
            "Compile source into a code object that can be executed by exec() or eval().",
            compile,
        ),
        f(
            "delattr",
            "(obj, name, /)",
            "Deletes the named attribute from the given object.",
            delattr,
        ),
        f(
            "dir",
            "(object=<unset>, /)",
            "Show attributes of an object.",
            dir,
        ),
        f(
            "divmod",
            "(x, y, /)",
            "Return the tuple (x//y, x%y).  Invariant: div*y + mod == x.",
            divmod,
        ).reads(0xFF, 0),
        f(
            "eval",
            "(source, /, globals=None, locals=None)",
            "Evaluate the given source in the context of globals and locals.",
            eval,
        ),
        f(
            "exec",
            "(source, /, globals=None, locals=None, *, closure=None)",
            "Execute the given source in the context of globals and locals.",
            exec,
        ),
        f(
            "format",
            "(value, format_spec='', /)",
            "Return type(value).__format__(value, format_spec)",
            format,
        ).reads(0xFF, 0),
        f(
            "getattr",
            "(object, name, default=<unset>, /)",
            "Get a named attribute from an object.",
            getattr,
        ),
        f(
            "globals",
            "()",
            "Return the dictionary containing the current scope's global variables.",
            globals,
        ),
        f(
            "hasattr",
            "(obj, name, /)",
            "Return whether the object has an attribute with the given name.",
            hasattr,
        ),
        f(
            "hash",
            "(obj, /)",
            "Return the hash value for the given object.",
            hash,
        ).reads(0xFF, 0),
        f(
            "hex",
            "(number, /)",
            "Return the hexadecimal representation of an integer.\n\n   >>> hex(12648430)\n   '0xc0ffee'",
            hex,
        ).reads(0xFF, 0),
        f("id", "(obj, /)", "Return the identity of an object.", id).reads(0, 0),
        f(
            "input",
            "(prompt='', /)",
            "Read a string from standard input.  The trailing newline is stripped.",
            input,
        ),
        f(
            "isinstance",
            "(obj, class_or_tuple, /)",
            "Return whether an object is an instance of a class or of a subclass thereof.",
            isinstance,
        ),
        f(
            "issubclass",
            "(cls, class_or_tuple, /)",
            "Return whether 'cls' is derived from another class or is the same class.",
            issubclass,
        ),
        f(
            "iter",
            "(object, sentinel=<unset>, /)",
            "Get an iterator from an object.",
            iter,
        ),
        f(
            "aiter",
            "(async_iterable, /)",
            "Return an AsyncIterator for an AsyncIterable object.",
            aiter,
        ),
        f(
            "anext",
            "(aiterator, default=<unset>, /)",
            "Return the next item from the async iterator.",
            anext,
        ),
        f(
            "len",
            "(obj, /)",
            "Return the number of items in a container.",
            len,
        ).reads(0, 0b1).measures(),
        f(
            "locals",
            "()",
            "Return a dictionary containing the current scope's local variables.",
            locals,
        ),
        MethodDef::raw(
            "max",
            "",
            "max(iterable, *[, default=obj, key=func]) -> value\nmax(arg1, arg2, *args, *[, key=func]) -> value",
            max,
        )
        .reads(0xFF, 0)
        .consumes(Consumer::Max),
        MethodDef::raw(
            "min",
            "",
            "min(iterable, *[, default=obj, key=func]) -> value\nmin(arg1, arg2, *args, *[, key=func]) -> value",
            min,
        )
        .reads(0xFF, 0)
        .consumes(Consumer::Min),
        f(
            "next",
            "(iterator, default=<unset>, /)",
            "Return the next item from the iterator.",
            next,
        )
        .resumes(1),
        f(
            "oct",
            "(number, /)",
            "Return the octal representation of an integer.\n\n   >>> oct(342391)\n   '0o1234567'",
            oct,
        ).reads(0xFF, 0),
        f(
            "ord",
            "(c, /)",
            "Return the ordinal value of a character.",
            ord,
        ).reads(0xFF, 0),
        f(
            "pow",
            "(base, exp, mod=None)",
            "Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments.",
            pow,
        ).reads(0xFF, 0),
        f(
            "print",
            "(*args, sep=' ', end='\\n', file=None, flush=False)",
            "Prints the values to a stream, or to sys.stdout by default.",
            print,
        ),
        f(
            "repr",
            "(obj, /)",
            "Return the canonical string representation of the object.",
            repr,
        ).reads(0xFF, 0),
        f(
            "round",
            "(number, ndigits=None)",
            "Round a number to a given precision in decimal digits.",
            round,
        ).reads(0xFF, 0),
        f(
            "setattr",
            "(obj, name, value, /)",
            "Sets the named attribute on the given object to the specified value.",
            setattr,
        ),
        f(
            "sorted",
            "(iterable, /, *, key=None, reverse=False)",
            "Return a new list containing all items from the iterable in ascending order.",
            sorted,
        )
        .consumes(Consumer::Sorted),
        f(
            "sum",
            "(iterable, /, start=0)",
            "Return the sum of a 'start' value (default: 0) plus an iterable of numbers",
            super::sum::sum,
        )
        .consumes(Consumer::Sum),
        f(
            "vars",
            "(object=<unset>, /)",
            "Return the __dict__ attribute.",
            vars,
        ),
        MethodDef::raw(
            "__build_class__",
            "",
            "__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class",
            build_class,
        ),
        f(
            "__import__",
            "(name, globals=None, locals=None, fromlist=(), level=0)",
            "Import a module.",
            super::import_::import,
        ),
    ],
    types: &[],
    exec: Some(fill),
};

fn fill(vm: &Vm, module: Gc<Module>) -> Result<()> {
    let t = &vm.types;
    let types: [Gc<Class>; 28] = [
        t.object.get(),
        t.type_.get(),
        t.int.get(),
        t.bool.get(),
        t.float.get(),
        t.complex.get(),
        t.str.get(),
        t.bytes.get(),
        t.bytearray.get(),
        t.tuple.get(),
        t.list.get(),
        t.dict.get(),
        t.set.get(),
        t.frozenset.get(),
        t.slice.get(),
        t.range.get(),
        t.property.get(),
        t.static_method.get(),
        t.class_method.get(),
        t.memoryview.get(),
        t.super_.get(),
        t.enumerate.get(),
        t.reversed.get(),
        t.zip.get(),
        t.map.get(),
        t.filter.get(),
        t.base_exception.get(),
        t.object.get(),
    ];
    for class in types {
        module.set(vm, &class.name_string(), class);
    }
    for def in exc::all() {
        module.set(vm, def.name, vm.class_of_def(def)?);
    }
    for alias in ["EnvironmentError", "IOError"] {
        module.set(vm, alias, vm.exception_class(&exc::OS_ERROR));
    }
    // The one exception class with two bases.
    let bases = [
        vm.exception_class(&exc::BASE_EXCEPTION_GROUP).value(),
        vm.exception_class(&exc::EXCEPTION).value(),
    ];
    let namespace = vm.new_dict();
    namespace.set_str(vm, vm.names.__module__.get(), vm.intern("builtins").value());
    let arguments = [
        vm.intern("ExceptionGroup").value(),
        vm.new_tuple(&bases)?.value(),
        namespace.value(),
    ];
    let group = vm.call(t.type_.get().value(), &arguments)?;
    module.set(vm, "ExceptionGroup", group);
    for (name, v) in [
        ("None", Value::NONE),
        ("Ellipsis", Value::ELLIPSIS),
        ("NotImplemented", Value::NOT_IMPLEMENTED),
        ("True", Value::TRUE),
        ("False", Value::FALSE),
        ("__debug__", Value::bool(vm.settings.borrow().optimize == 0)),
    ] {
        module.set(vm, name, v);
    }
    let builtin = |name| module.dict().get_str(name);
    vm.builtin_import.set(builtin(vm.names.__import__.get()));
    vm.builtin_all.set(builtin(vm.intern("all")));
    vm.builtin_any.set(builtin(vm.intern("any")));
    Ok(())
}
