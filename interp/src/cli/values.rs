//! Settings that come from an option `-X` or a variable and have to be of a certain form.

use taipan_runtime::vm::Settings;

/// The text of a fatal error, as it goes to standard error.
pub fn fatal(message: &str, state: &str) -> String {
    format!("Fatal Python error: {message}\nPython runtime state: {state}\n")
}

/// What `-X name` says: absent, alone, or with a value. The last one counts.
pub fn x_option<'a>(s: &'a Settings, name: &str) -> Option<Option<&'a str>> {
    let found = s.x_options.iter().rfind(|(k, _)| k == name)?;
    Some(found.1.as_deref())
}

/// The value of an environment variable that is set and not to be ignored.
pub fn variable(s: &Settings, name: &str) -> Option<String> {
    if s.ignore_environment {
        return None;
    }
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

/// Reads all such settings into `s`; the text of the fatal error where one is wrong.
pub fn apply(s: &mut Settings) -> Result<(), String> {
    const NUMBER_OF_CPUS: &str = "n is missing or an invalid number, n must be greater than 0";
    s.int_max_str_digits = int_max_str_digits(s)?;
    s.tracemalloc = tracemalloc_frames(s)?;
    let count = match x_option(s, "cpu_count") {
        Some(text) => text.map(str::to_owned).unwrap_or_default(),
        None => variable(s, "PYTHON_CPU_COUNT").unwrap_or_else(|| "default".to_owned()),
    };
    s.cpu_count = match count.parse::<i32>() {
        _ if count == "default" => None,
        Ok(n) if n > 0 => Some(n),
        _ => {
            let from = if x_option(s, "cpu_count").is_some() {
                format!("-X cpu_count=n option: {NUMBER_OF_CPUS}")
            } else {
                format!("PYTHON_CPU_COUNT: {NUMBER_OF_CPUS}")
            };
            return Err(fatal(
                &format!("config_init_cpu_count: {from}"),
                "preinitialized",
            ));
        }
    };
    if let Some(text) = x_option(s, "frozen_modules")
        && !matches!(text, Some("on" | "off") | None)
    {
        return Err(fatal(
            "bad value for option -X frozen_modules (expected \"on\" or \"off\")",
            "preinitialized",
        ));
    }
    gil(s)?;
    s.import_time = import_time(s)?;
    s.context_aware_warnings = flag(s, "context_aware_warnings", "PYTHON_CONTEXT_AWARE_WARNINGS")?;
    s.thread_inherit_context = flag(s, "thread_inherit_context", "PYTHON_THREAD_INHERIT_CONTEXT")?;
    s.warn_default_encoding = x_option(s, "warn_default_encoding").is_some()
        || variable(s, "PYTHONWARNDEFAULTENCODING").is_some();
    s.faulthandler = s.dev_mode
        || x_option(s, "faulthandler").is_some()
        || variable(s, "PYTHONFAULTHANDLER").is_some();
    s.pycache_prefix = match x_option(s, "pycache_prefix") {
        Some(path) => path.filter(|p| !p.is_empty()).map(str::to_owned),
        None => variable(s, "PYTHONPYCACHEPREFIX"),
    };
    Ok(())
}

/// Whether UTF-8 mode is asked for or refused; neither where nothing says.
pub fn utf8_mode(s: &Settings) -> Result<Option<bool>, String> {
    let (text, wrong) = match x_option(s, "utf8") {
        Some(None) => return Ok(Some(true)),
        Some(Some(text)) => (text.to_owned(), "invalid -X utf8 option value"),
        None => match variable(s, "PYTHONUTF8") {
            None => return Ok(None),
            Some(text) => (text, "invalid PYTHONUTF8 environment variable value"),
        },
    };
    match text.as_str() {
        "0" => Ok(Some(false)),
        "1" => Ok(Some(true)),
        _ => Err(fatal(
            &format!("preconfig_init_utf8_mode: {wrong}"),
            "preinitializing",
        )),
    }
}

fn int_max_str_digits(s: &Settings) -> Result<u32, String> {
    const DEFAULT: u32 = 4300;
    const LEAST: u32 = 640;
    let (text, from) = match x_option(s, "int_max_str_digits") {
        Some(text) => (text.unwrap_or("").to_owned(), "-X int_max_str_digits"),
        None => match variable(s, "PYTHONINTMAXSTRDIGITS") {
            Some(text) => (text, "PYTHONINTMAXSTRDIGITS"),
            None => return Ok(DEFAULT),
        },
    };
    match text.parse::<u32>() {
        Ok(n) if n == 0 || (LEAST..=i32::MAX as u32).contains(&n) => Ok(n),
        _ => Err(fatal(
            &format!(
                "config_init_int_max_str_digits: {from}: invalid limit; must be >= {LEAST} or 0 for unlimited."
            ),
            "preinitialized",
        )),
    }
}

/// How many frames `tracemalloc` is to note from the start; zero if none.
fn tracemalloc_frames(s: &Settings) -> Result<i64, String> {
    const LIMIT: i64 = 65535;
    let (text, from) = match x_option(s, "tracemalloc") {
        Some(None) => return Ok(1),
        Some(Some(text)) => (text.to_owned(), "-X tracemalloc=NFRAME"),
        None => match variable(s, "PYTHONTRACEMALLOC") {
            Some(text) => (text, "PYTHONTRACEMALLOC"),
            None => return Ok(0),
        },
    };
    match text.parse::<i32>() {
        Ok(n) if n >= 0 && i64::from(n) <= LIMIT => Ok(n.into()),
        Ok(n) if n >= 0 => Err(fatal(
            "init_interp_main: can't start tracemalloc",
            &format!(
                "core initialized\nValueError: the number of frames must be in range [1; {LIMIT}]"
            ),
        )),
        _ => Err(fatal(
            &format!("config_init_tracemalloc: {from}: invalid number of frames"),
            "preinitialized",
        )),
    }
}

/// One lock guards the interpreter, whatever is asked for.
fn gil(s: &Settings) -> Result<(), String> {
    let (text, from) = match x_option(s, "gil") {
        Some(text) => (text.unwrap_or("").to_owned(), "-X gil"),
        None => match variable(s, "PYTHON_GIL") {
            Some(text) => (text, "PYTHON_GIL / -X gil"),
            None => return Ok(()),
        },
    };
    let message = match text.as_str() {
        "1" => return Ok(()),
        "0" => "Disabling the GIL is not supported by this build".to_owned(),
        _ => format!("{from} must be \"0\" or \"1\""),
    };
    Err(fatal(
        &format!("config_read_gil: {message}"),
        "preinitialized",
    ))
}

/// Whether times of imports are wanted: 1, or 2 with those of modules that are there.
fn import_time(s: &Settings) -> Result<u8, String> {
    match x_option(s, "importtime") {
        Some(None | Some("1")) => Ok(1),
        Some(Some("2")) => Ok(2),
        Some(Some(_)) => Err(fatal(
            "config_init_import_time: -X importtime: values other than 1 and 2 are reserved for future use.",
            "preinitialized",
        )),
        None => Ok(match variable(s, "PYTHONPROFILEIMPORTTIME").as_deref() {
            None => 0,
            Some("2") => 2,
            Some(_) => 1,
        }),
    }
}

/// A setting that is 0, as where nothing says, or 1.
fn flag(s: &Settings, option: &str, name: &str) -> Result<bool, String> {
    let (text, from) = match x_option(s, option) {
        Some(text) => (text.unwrap_or("").to_owned(), format!("-X {option}")),
        None => match variable(s, name) {
            Some(text) => (text, name.to_owned()),
            None => return Ok(false),
        },
    };
    match text.as_str() {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => Err(fatal(
            &format!("config_init_{option}: {from} must be \"0\" or \"1\""),
            "preinitialized",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(option: &str, value: Option<&str>) -> Settings {
        Settings {
            ignore_environment: true,
            x_options: vec![(option.to_owned(), value.map(str::to_owned))],
            ..Settings::default()
        }
    }

    #[test]
    fn values_out_of_range_are_fatal() {
        for (option, value) in [
            ("int_max_str_digits", "639"),
            ("cpu_count", "0"),
            ("gil", "0"),
            ("importtime", "3"),
            ("thread_inherit_context", "yes"),
            ("tracemalloc", "-1"),
        ] {
            let error = apply(&mut with(option, Some(value)));
            assert!(
                error.is_err_and(|e| e.starts_with("Fatal Python error: ")),
                "{option}"
            );
        }
        assert!(utf8_mode(&with("utf8", Some("2"))).is_err());
    }

    #[test]
    fn values_arrive_in_the_settings() {
        let mut s = with("cpu_count", Some("3"));
        assert_eq!((apply(&mut s), s.cpu_count), (Ok(()), Some(3)));
        let mut s = with("int_max_str_digits", Some("640"));
        assert_eq!((apply(&mut s), s.int_max_str_digits), (Ok(()), 640));
        assert_eq!(utf8_mode(&with("utf8", None)), Ok(Some(true)));
    }
}
