//! What several modules share, among it binding with the messages of C's
//! `PyArg_ParseTupleAndKeywords`.

use taipan_runtime::heap::Gc;
use taipan_runtime::object::Class;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// The class's name with its module, unless that is `builtins` or `__main__`.
pub fn full_name(vm: &Vm, class: Gc<Class>) -> Result<String> {
    let qualname = vm.str_text(vm.get_attr(class.value(), vm.names.__qualname__.get())?)?;
    let module = vm.get_attr(class.value(), vm.names.__module__.get())?;
    let module = vm.str_text(module)?;
    Ok(match module.as_str() {
        "builtins" | "__main__" => qualname,
        module => format!("{module}.{qualname}"),
    })
}

/// As [`full_name`] with `__main__` too: what C's `%T` writes.
pub fn full_name_with_main(vm: &Vm, class: Gc<Class>) -> Result<String> {
    let name = full_name(vm, class)?;
    let module = vm.get_attr(class.value(), vm.names.__module__.get())?;
    Ok(if vm.str_text(module)? == "__main__" {
        format!("__main__.{name}")
    } else {
        name
    })
}

/// Lets signal handlers run in the midst of long native work.
///
/// # Errors
/// What a handler raises.
pub fn check_signals(vm: &Vm) -> Result<()> {
    vm.interpreter().check_signals(vm)
}

/// An integer from zero to `most`, for which C has the type `c_type`.
///
/// # Errors
/// TypeError, ValueError or OverflowError if it is not.
pub fn unsigned_arg(vm: &Vm, v: Value, most: u64, c_type: &str) -> Result<u64> {
    let given = vm.index(v)?;
    let number = match given.as_int_ref() {
        Some(i) if i.is_negative() => {
            return Err(vm.value_error("Cannot convert negative int"));
        }
        Some(IntRef::Small(i)) => Some(i.unsigned_abs()),
        Some(IntRef::Big(b)) => match *b.limbs() {
            [low] => Some(low),
            _ => None,
        },
        None => return Err(vm.type_error("an integer is required")),
    };
    number
        .filter(|n| *n <= most)
        .ok_or_else(|| vm.overflow_error(format!("Python int too large for C {c_type}")))
}

/// The parameters of a function, all of which may be given by name.
pub struct Parameters<const N: usize> {
    /// How messages name the function; nothing if they do not.
    pub function: &'static str,
    pub names: [&'static str; N],
    pub required: usize,
    /// How many may be given by position.
    pub positional: usize,
    /// What is done with those given when one is missing.
    pub convert: Option<fn(&Vm, Value) -> Result<()>>,
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

impl<const N: usize> Parameters<N> {
    /// One value a parameter, [`Value::MISSING`] where none was given.
    ///
    /// # Errors
    /// TypeError for wrong numbers and names.
    #[inline]
    pub fn bind(&self, vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result<[Value; N]> {
        let mut bound = [Value::MISSING; N];
        if names.is_none() && args.len() >= self.required && args.len() <= self.positional {
            bound[..args.len()].copy_from_slice(args);
            return Ok(bound);
        }
        self.bind_slowly(vm, args, names, bound)
    }

    #[cold]
    fn bind_slowly(
        &self,
        vm: &Vm,
        args: &[Value],
        names: Option<Gc<Tuple>>,
        mut bound: [Value; N],
    ) -> Result<[Value; N]> {
        let keywords = names.as_ref().map_or(&[][..], |n| n.as_slice());
        let name = || {
            if self.function.is_empty() {
                "function".to_owned()
            } else {
                format!("{}()", self.function)
            }
        };
        let positional = args.len() - keywords.len();
        if args.len() > N {
            return Err(vm.type_error(format!(
                "{} takes at most {N} argument{} ({} given)",
                name(),
                plural(N),
                args.len()
            )));
        }
        if positional > self.positional {
            let how = if self.required == self.positional {
                "exactly"
            } else {
                "at most"
            };
            return Err(vm.type_error(format!(
                "{} takes {how} {} positional argument{} ({positional} given)",
                name(),
                self.positional,
                plural(self.positional)
            )));
        }
        bound[..positional].copy_from_slice(&args[..positional]);
        let mut used = 0;
        for at in positional..N {
            let given = keywords
                .iter()
                .position(|k| k.cast::<Str>().is_some_and(|k| k.is_text(self.names[at])));
            match given {
                Some(i) => {
                    bound[at] = args[positional + i];
                    used += 1;
                }
                None if at < self.required => {
                    // C converts what it was given before it misses the next one.
                    if let Some(convert) = self.convert {
                        bound[..at].iter().try_for_each(|v| convert(vm, *v))?;
                    }
                    return Err(vm.type_error(format!(
                        "{} missing required argument '{}' (pos {})",
                        name(),
                        self.names[at],
                        at + 1
                    )));
                }
                None => {}
            }
        }
        if used < keywords.len() {
            return Err(self.wrong_keyword(vm, &name(), keywords, positional));
        }
        Ok(bound)
    }

    fn wrong_keyword(&self, vm: &Vm, name: &str, keywords: &[Value], positional: usize) -> Raised {
        let texts: Vec<String> = keywords
            .iter()
            .filter_map(|k| k.cast::<Str>())
            .map(|k| k.to_text())
            .collect();
        let twice = (0..positional).find(|at| texts.iter().any(|t| t == self.names[*at]));
        if let Some(at) = twice {
            return vm.type_error(format!(
                "argument for {name} given by name ('{}') and position ({})",
                self.names[at],
                at + 1
            ));
        }
        let unknown = texts.iter().find(|t| !self.names.contains(&t.as_str()));
        let name = if self.function.is_empty() {
            "this function"
        } else {
            name
        };
        vm.type_error(format!(
            "{name} got an unexpected keyword argument '{}'",
            unknown.map_or("", |t| t)
        ))
    }
}
