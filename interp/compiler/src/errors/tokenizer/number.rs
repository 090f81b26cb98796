//! Numbers, and what makes them invalid.

use super::{Step, Tokenizer, is_name_char};

impl Tokenizer<'_> {
    /// A letter must not follow a number, but for the keywords that may.
    fn end_of_number(&mut self, what: &str) -> Step<()> {
        if self.loose {
            return Ok(());
        }
        let c = self.peek(0);
        let rest = &self.source[self.at..];
        let keyword = |words: &[&str]| words.iter().any(|w| rest.starts_with(w));
        // A warning only: `1and 2` and its like.
        let warned = match c {
            b'a' => keyword(&["and"]),
            b'e' => keyword(&["else"]),
            b'f' => keyword(&["for"]),
            b'i' => keyword(&["if", "in", "is"]),
            b'n' => keyword(&["not"]),
            b'o' => keyword(&["or"]),
            _ => false,
        };
        if warned {
            return Ok(());
        }
        if c < 0x80 && is_name_char(c) {
            return self.fail(format!("invalid {what} literal"), self.at);
        }
        Ok(())
    }

    fn digits(&mut self, what: &str) -> Step<()> {
        loop {
            while self.peek(0).is_ascii_digit() {
                self.at += 1;
            }
            if self.peek(0) != b'_' {
                return Ok(());
            }
            self.at += 1;
            if !self.peek(0).is_ascii_digit() {
                return self.fail(format!("invalid {what} literal"), self.at);
            }
        }
    }

    fn radix(&mut self, what: &str, ok: fn(u8) -> bool) -> Step<()> {
        self.at += 2;
        loop {
            if self.peek(0) == b'_' {
                self.at += 1;
            }
            if !ok(self.peek(0)) {
                let c = self.peek(0);
                if c.is_ascii_digit() {
                    return self.fail(
                        format!("invalid digit '{}' in {what} literal", c as char),
                        self.at + 1,
                    );
                }
                return self.fail(format!("invalid {what} literal"), self.at);
            }
            while ok(self.peek(0)) {
                self.at += 1;
            }
            if self.peek(0) != b'_' {
                break;
            }
        }
        let c = self.peek(0);
        if c.is_ascii_digit() {
            return self.fail(
                format!("invalid digit '{}' in {what} literal", c as char),
                self.at + 1,
            );
        }
        self.end_of_number(what)
    }

    pub(super) fn number(&mut self) -> Step<()> {
        let start = self.at;
        if self.peek(0) == b'0' {
            match self.peek(1) {
                b'x' | b'X' => return self.radix("hexadecimal", |b| b.is_ascii_hexdigit()),
                b'o' | b'O' => return self.radix("octal", |b| matches!(b, b'0'..=b'7')),
                b'b' | b'B' => return self.radix("binary", |b| matches!(b, b'0' | b'1')),
                _ => {}
            }
            self.at += 1;
            let mut nonzero = false;
            loop {
                if self.peek(0) == b'_' {
                    self.at += 1;
                    if !self.peek(0).is_ascii_digit() {
                        return self.fail("invalid decimal literal", self.at);
                    }
                }
                if self.peek(0) != b'0' {
                    break;
                }
                self.at += 1;
            }
            let zeros_end = self.at;
            if self.peek(0).is_ascii_digit() {
                nonzero = true;
                self.digits("decimal")?;
            }
            match self.peek(0) {
                b'.' | b'e' | b'E' | b'j' | b'J' => {}
                _ if nonzero && !self.loose => {
                    let message = "leading zeros in decimal integer literals are not permitted; \
                                   use an 0o prefix for octal integers";
                    return self.fail_range(message, start + 1, zeros_end + 1);
                }
                _ => return self.end_of_number("decimal"),
            }
        } else if self.peek(0) != b'.' {
            self.digits("decimal")?;
        }
        if self.peek(0) == b'.' {
            self.at += 1;
            if self.peek(0).is_ascii_digit() {
                self.digits("decimal")?;
            }
        }
        if matches!(self.peek(0), b'e' | b'E') {
            let digits_at = if matches!(self.peek(1), b'+' | b'-') {
                2
            } else {
                1
            };
            if self.peek(digits_at).is_ascii_digit() {
                self.at += digits_at;
                self.digits("decimal")?;
            } else if digits_at == 2 {
                self.at += 2;
                return self.fail("invalid decimal literal", self.at);
            } else {
                return self.end_of_number("decimal");
            }
        }
        if matches!(self.peek(0), b'j' | b'J') {
            self.at += 1;
            return self.end_of_number("imaginary");
        }
        self.end_of_number("decimal")
    }
}
