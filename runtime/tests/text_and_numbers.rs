//! Methods of the text and number types, called on a bare interpreter: no Python
//! code runs, so that failures point at the runtime alone.

use taipan_runtime::types::list::List;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::Settings;
use taipan_runtime::{Result, Value, Vm};

/// An interpreter without anything that runs Python code.
fn vm() -> Box<Vm> {
    let vm = Vm::new(Settings {
        int_max_str_digits: 4300,
        hash_seed: Some(0),
        ..Settings::default()
    })
    .expect("address space");
    // Whatever is not rooted dies at once.
    vm.heap.set_stress(true);
    vm
}

/// `repr(v)`, lists and tuples item by item.
fn shown(vm: &Vm, v: Value) -> Result<String> {
    let items = |items: &[Value]| -> Result<String> {
        Ok(items
            .iter()
            .map(|v| shown(vm, *v))
            .collect::<Result<Vec<_>>>()?
            .join(", "))
    };
    if let Some(list) = v.cast::<List>() {
        return Ok(format!("[{}]", items(list.as_slice())?));
    }
    match v.cast::<Tuple>() {
        Some(tuple) => Ok(format!("({})", items(tuple.as_slice())?)),
        None => vm.repr_text(v),
    }
}

/// `repr(object.name(*args))`, or the exception's class and text.
fn call(vm: &Vm, object: Value, name: &str, args: &[Value]) -> String {
    let text = vm
        .call_method(object, name, args)
        .and_then(|v| shown(vm, v));
    match text {
        Ok(text) => text,
        Err(_) => {
            let e = vm.take_raised();
            let class = vm.class_of(e).name_string();
            format!("{class}: {}", vm.str_text(e).unwrap_or_default())
        }
    }
}

#[test]
fn strings() {
    let vm = vm();
    let s = |t: &str| vm.new_str(t).value();
    let hello = s("Hello, World");
    assert_eq!(call(&vm, hello, "upper", &[]), "'HELLO, WORLD'");
    assert_eq!(call(&vm, hello, "find", &[s("World")]), "7");
    assert_eq!(call(&vm, hello, "split", &[s(", ")]), "['Hello', 'World']");
    assert_eq!(call(&vm, hello, "rsplit", &[]), "['Hello,', 'World']");
    assert_eq!(
        call(&vm, hello, "replace", &[s("l"), s("é€")]),
        "'Heé€é€o, Woré€d'"
    );
    assert_eq!(
        call(&vm, s("aéx€"), "partition", &[s("x")]),
        "('aé', 'x', '€')"
    );
    assert_eq!(
        call(&vm, s("-5"), "zfill", &[Value::small_int(4)]),
        "'-005'"
    );
    assert_eq!(
        call(
            &vm,
            s("%5.1f|%-4s|%x"),
            "__mod__",
            &[
                vm.new_tuple(&[Value::float(2.25), s("é"), Value::small_int(255)])
                    .unwrap()
                    .value()
            ]
        ),
        "'  2.2|é   |ff'"
    );
    assert_eq!(
        call(
            &vm,
            s("{0!r:>6}{1:{2}}"),
            "format",
            &[s("a"), Value::small_int(7), s("03")]
        ),
        "\"   'a'007\""
    );
    assert_eq!(call(&vm, s("{x}"), "format", &[]), "KeyError: 'x'");
    assert_eq!(
        call(&vm, hello, "find", &[Value::NONE]),
        "TypeError: find() argument 1 must be str, not None"
    );
    assert_eq!(
        call(&vm, s("é€"), "encode", &[]),
        "b'\\xc3\\xa9\\xe2\\x82\\xac'"
    );
    assert_eq!(
        call(&vm, s("é€"), "encode", &[s("ascii"), s("namereplace")]),
        "b'\\\\N{LATIN SMALL LETTER E WITH ACUTE}\\\\N{EURO SIGN}'"
    );
    assert_eq!(
        call(&vm, s("é"), "encode", &[s("ascii")]),
        "UnicodeEncodeError: 'ascii' codec can't encode character '\\xe9' in position 0: ordinal not in range(128)"
    );
    assert_eq!(
        call(
            &vm,
            s("aba"),
            "translate",
            &[vm.call_method(hello, "maketrans", &[s("a"), s("€")])
                .unwrap()]
        ),
        "'€b€'"
    );
    assert_eq!(
        call(
            &vm,
            s(", "),
            "join",
            &[vm.new_list(&[s("a"), s("€")]).unwrap().value()]
        ),
        "'a, €'"
    );
}

#[test]
fn byte_strings() {
    let vm = vm();
    let b = |t: &[u8]| vm.new_bytes(t).unwrap().value();
    assert_eq!(call(&vm, b(b"a,b"), "split", &[b(b",")]), "[b'a', b'b']");
    assert_eq!(
        call(&vm, b(b"abc"), "hex", &[vm.new_str(":").value()]),
        "'61:62:63'"
    );
    assert_eq!(
        call(&vm, b(b"\xff"), "decode", &[]),
        "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"
    );
    assert_eq!(
        call(
            &vm,
            b(b"%d|%s"),
            "__mod__",
            &[vm.new_tuple(&[Value::small_int(5), b(b"x")])
                .unwrap()
                .value()]
        ),
        "b'5|x'"
    );
    let array = vm.new_bytearray(b"hello".to_vec());
    let view = vm.memoryview_of(array.value()).unwrap();
    assert_eq!(
        call(&vm, view.value(), "__getitem__", &[Value::small_int(1)]),
        "101"
    );
    assert_eq!(
        call(&vm, array.value(), "append", &[Value::small_int(33)]),
        "BufferError: Existing exports of data: object cannot be re-sized"
    );
    assert_eq!(call(&vm, view.value(), "release", &[]), "None");
    assert_eq!(
        call(&vm, array.value(), "append", &[Value::small_int(33)]),
        "None"
    );
    assert_eq!(
        call(&vm, array.value(), "__repr__", &[]),
        "\"bytearray(b'hello!')\""
    );
}

#[test]
fn numbers() {
    let vm = vm();
    let i = Value::small_int;
    assert_eq!(call(&vm, i(7), "__pow__", &[i(100), i(13)]), "9");
    assert_eq!(call(&vm, i(255), "to_bytes", &[i(2)]), "b'\\x00\\xff'");
    assert_eq!(
        call(&vm, i(1234), "__format__", &[vm.new_str(",").value()]),
        "'1,234'"
    );
    assert_eq!(call(&vm, Value::float(2.5), "__round__", &[]), "2");
    assert_eq!(
        call(&vm, Value::float(0.1), "as_integer_ratio", &[]),
        "(3602879701896397, 36028797018963968)"
    );
    assert_eq!(
        call(
            &vm,
            vm.new_complex(1.0, 2.0),
            "__mul__",
            &[vm.new_complex(0.0, 1.0)]
        ),
        "(-2+1j)"
    );
    let int = vm.types.int.get().value();
    let made = vm
        .call(int, &[vm.new_str("0x1F").value(), i(16)])
        .and_then(|v| vm.repr_text(v));
    assert_eq!(made, Ok("31".to_owned()));
    let big = vm
        .call(int, &[vm.new_str(&"9".repeat(60)).value()])
        .unwrap();
    assert_eq!(vm.repr_text(big), Ok("9".repeat(60)));
    let range = vm.new_range(i(0), big, i(3)).unwrap().value();
    assert_eq!(call(&vm, range, "__contains__", &[i(9)]), "True");
    assert_eq!(call(&vm, range, "__getitem__", &[i(5)]), "15");
    let slice = vm.new_slice(Value::NONE, Value::NONE, i(-1)).value();
    assert_eq!(call(&vm, slice, "indices", &[i(5)]), "(4, -1, -1)");
}
