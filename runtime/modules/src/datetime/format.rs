//! `strftime` and `strptime`, which the modules `time` and `_strptime` do, and what the date types
//! share beside them.

use super::args::{Parameters, exactly, text};
use super::calendar::{Date, Time};
use super::zone::{self, offset_text};
use taipan_runtime::heap::Gc;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::TextBuf;

/// A `time.struct_time` of local time.
pub fn struct_time(vm: &Vm, date: Date, time: Time, dst: i64) -> Result {
    let items = [
        i64::from(date.year),
        date.month.into(),
        date.day.into(),
        time.hour.into(),
        time.minute.into(),
        time.second.into(),
        date.weekday(),
        date.day_of_year(),
        dst,
    ];
    crate::time::new_struct_time(vm, items)
}

/// `Thu Jan  1 00:00:00 1970`.
pub fn ctime(vm: &Vm, date: Date, time: Time) -> Value {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let text = format!(
        "{} {} {:2} {:02}:{:02}:{:02} {:04}",
        DAYS[date.weekday() as usize],
        MONTHS[usize::from(date.month) - 1],
        date.day,
        time.hour,
        time.minute,
        time.second,
        date.year
    );
    vm.new_str(&text).value()
}

/// The object that `strftime` formats, for what the C library does not know.
pub struct Subject {
    /// Microseconds, for `%f`.
    pub micros: u32,
    /// For `%z` and `%Z`.
    pub zone: Option<Value>,
    /// What the zone is asked about.
    pub about: Value,
    /// The time tuple.
    pub tuple: Value,
}

static STRFTIME: Parameters<1> = Parameters {
    function: "strftime",
    names: ["format"],
    required: 1,
    positional: 1,
    convert: None,
};

/// The format that a call of `strftime` gives.
pub fn format_argument(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result<Gc<Str>> {
    let [format] = STRFTIME.bind(vm, &args[1..], names)?;
    text(vm, "strftime", 1, format)
}

/// `strftime`: replaces what the C library does not know, or writes with fewer digits.
pub fn strftime(vm: &Vm, format: Gc<Str>, subject: &Subject) -> Result {
    let points: Vec<u32> = format.code_points().collect();
    let at = |i: usize| points.get(i).and_then(|c| char::from_u32(*c));
    let native = |format: &str| {
        let format = vm.new_str(format).value();
        vm.call(
            vm.import_attr("time", "strftime")?,
            &[format, subject.tuple],
        )
    };
    let offset = |separator: &str| -> Result<String> {
        let offset = zone::offset(vm, subject.zone, subject.about)?;
        Ok(offset.map_or(String::new(), |o| offset_text(o, separator)))
    };
    let year = vm.to_i64(item(subject.tuple, 0))?;
    let mut out = TextBuf::new();
    let mut i = 0;
    while let Some(&c) = points.get(i) {
        i += 1;
        if c != u32::from('%') {
            out.push(c);
            continue;
        }
        let directive = at(i);
        match directive {
            Some('f') => out.push_str(&format!("{:06}", subject.micros)),
            Some('z') => out.push_str(&offset("")?),
            Some(':') if at(i + 1) == Some('z') => {
                i += 1;
                out.push_str(&offset(":")?);
            }
            Some('Z') => {
                let name = zone::name(vm, subject.zone, subject.about)?;
                if !name.is_none() {
                    // The C library is not to see directives in it.
                    let [one, two] = ["%", "%%"].map(|t| vm.new_str(t).value());
                    let name = vm.call_method(name, "replace", &[one, two])?;
                    match name.cast::<Str>() {
                        Some(name) => out.push_text(name.data()),
                        None => {
                            return Err(vm.type_error("tzname.replace() did not return a string"));
                        }
                    }
                }
            }
            // The C library writes years without leading zeros.
            Some(d @ ('Y' | 'G' | 'F' | 'C')) if year < 1000 => {
                let year = match d {
                    'G' => vm.str_text(native("%G")?)?.parse().unwrap_or(year),
                    _ => year,
                };
                match d {
                    'C' => out.push_str(&format!("{:02}", year / 100)),
                    _ => out.push_str(&format!("{year:04}")),
                }
                if d == 'F' {
                    let part = |i: usize| vm.to_i64(item(subject.tuple, i));
                    out.push_str(&format!("-{:02}-{:02}", part(1)?, part(2)?));
                }
            }
            _ => {
                out.push_ascii("%");
                if let Some(&c) = points.get(i) {
                    out.push(c);
                }
            }
        }
        i += 1;
    }
    let format = vm.finish_text(out)?;
    vm.call(
        vm.import_attr("time", "strftime")?,
        &[format, subject.tuple],
    )
}

fn item(tuple: Value, i: usize) -> Value {
    tuple
        .cast::<Tuple>()
        .and_then(|t| t.as_slice().get(i).copied())
        .unwrap_or(Value::small_int(0))
}

/// `__format__` of all types: `strftime`, or `str` for an empty format.
pub fn format(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    exactly(vm, "__format__", &args[1..], names, 1)?;
    let format = text(vm, "__format__", 1, args[1])?;
    if format.is_empty() {
        return Ok(vm.str(args[0])?.value());
    }
    vm.call_method(args[0], "strftime", &[args[1]])
}

/// `strptime` of all types, by the function of `_strptime` with this name.
pub fn strptime(vm: &Vm, function: &str, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    exactly(vm, "strptime", &args[1..], names, 2)?;
    text(vm, "strptime", 1, args[1])?;
    text(vm, "strptime", 2, args[2])?;
    vm.call(vm.import_attr("_strptime", function)?, args)
}

/// The protocol of a call of `__reduce_ex__`.
pub fn protocol(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result<i32> {
    exactly(vm, "__reduce_ex__", &args[1..], names, 1)?;
    super::args::c_int(vm, args[1])
}

/// `(class, (state,))`, or `(class, (state, zone))`.
pub fn reduced(vm: &Vm, v: Value, state: &[u8], zone: Option<Value>) -> Result {
    let state = vm.new_bytes(state)?.value();
    let arguments = match zone {
        Some(zone) => vm.pair(state, zone)?,
        None => vm.new_tuple(&[state])?.value(),
    };
    vm.pair(vm.class_of(v).value(), arguments)
}

/// The state that a constructor's first argument is when unpickled: so many bytes, or as many
/// characters of a text that Python 2 pickled.
pub fn pickled<const N: usize>(v: Value) -> Option<[u8; N]> {
    use taipan_runtime::types::bytes::Bytes;
    if let Some(bytes) = v.cast::<Bytes>() {
        return bytes.as_slice().try_into().ok();
    }
    let text = v.cast::<Str>().filter(|t| t.len() == N)?;
    let mut state = [0; N];
    for (to, c) in state.iter_mut().zip(text.code_points()) {
        *to = u8::try_from(c).ok()?;
    }
    Some(state)
}
