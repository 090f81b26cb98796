//! The parameters that users can set.

use std::path::PathBuf;

/// See [`Params::parse`] for their names on the command line.
#[derive(Clone, Debug)]
pub struct Params {
    pub enabled: bool,
    /// Iterations after which a loop is recorded.
    pub threshold: u32,
    /// Calls after which a function is recorded.
    pub call_threshold: u32,
    /// Exits by one guard after which a bridge is recorded.
    pub bridge_threshold: u32,
    /// Failed recordings after which a loop is left alone.
    pub attempts: u32,
    /// Bytes of code up to which a tree is compiled anew to take up a bridge; what leaves
    /// larger ones becomes a side trace.
    pub merge_size: usize,
    /// Bridges of one tree.
    pub max_bridges: usize,
    /// Compile whatever is hot, without regard for the time it takes.
    pub unlimited: bool,
    /// Compile on a thread of its own.
    pub helper_thread: bool,
    /// Compile in less time to slower code; to be set at the start.
    pub quick: bool,
    /// Compile quickly at first and again later: with a helper thread, or where `again` is given.
    pub tiers: bool,
    /// Instructions executed in quick code after which it is compiled again; it is for tests to change.
    pub again: Option<u32>,
    /// Where `unlimited` keeps trees from resting: every so many entries of a tree are the interpreter's.
    pub rest_every: u32,
    /// Where to write what was recorded and compiled.
    pub log: Option<PathBuf>,
    pub log_snapshots: bool,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            enabled: true,
            threshold: 1000,
            call_threshold: 1500,
            bridge_threshold: 100,
            attempts: 4,
            merge_size: 8 << 10,
            max_bridges: 150,
            unlimited: false,
            helper_thread: true,
            quick: false,
            tiers: true,
            again: None,
            rest_every: 0,
            log: None,
            log_snapshots: false,
        }
    }
}

impl Params {
    /// Reads `off`, `on` or `KEY=VALUE,…`.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub fn parse(&mut self, text: &str) -> Result<(), String> {
        for part in text.split(',').filter(|p| !p.is_empty()) {
            match part.split_once('=') {
                None => match part {
                    "on" | "1" => self.enabled = true,
                    "off" | "0" => self.enabled = false,
                    _ => return Err(format!("unknown JIT option '{part}'")),
                },
                Some((key, value)) => {
                    let number = value
                        .parse::<u32>()
                        .map_err(|_| format!("JIT option '{key}' needs a number, not '{value}'"))?;
                    self.set(key, number)?;
                }
            }
        }
        Ok(())
    }

    /// Sets one parameter by name.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn set(&mut self, key: &str, value: u32) -> Result<(), String> {
        match key {
            "threshold" => self.threshold = value.max(1),
            "call_threshold" => self.call_threshold = value.max(1),
            "bridge_threshold" => self.bridge_threshold = value.max(1),
            "attempts" => self.attempts = value,
            "helper_thread" => self.helper_thread = value != 0,
            "quick" => self.quick = value != 0,
            "tiers" => self.tiers = value != 0,
            "again" => self.again = Some(value),
            "rest_every" => self.rest_every = value,
            "unlimited" => self.unlimited = value != 0,
            "merge_size" => self.merge_size = value as usize,
            "max_bridges" => self.max_bridges = value as usize,
            _ => return Err(format!("unknown JIT parameter '{key}'")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_wrong_ones_named() {
        let mut p = Params::default();
        assert!(p.parse("threshold=7,bridge_threshold=0").is_ok());
        assert_eq!((p.threshold, p.bridge_threshold), (7, 1));
        assert!(p.parse("off").is_ok() && !p.enabled);
        assert_eq!(
            p.parse("speed=9"),
            Err("unknown JIT parameter 'speed'".into())
        );
        assert!(p.parse("threshold=x").is_err());
    }
}
