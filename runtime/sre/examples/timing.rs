//! Times finding all matches, for `scripts/sre_timing`, which writes the cases
//! and compares with CPython: `timing FILE`. A case is a line: name, width of
//! the units, file of the subject, number of groups, code. Prints the number of
//! matches and the best time of several rounds in milliseconds.

use std::time::Instant;

use taipan_sre::{CharTables, Cursor, Mode, Program, Scratch, Unit};

fn tables() -> CharTables {
    CharTables {
        is_alnum: |c| char::from_u32(c).is_some_and(char::is_alphanumeric),
        is_space: |c| char::from_u32(c).is_some_and(char::is_whitespace),
        is_decimal: |c| (48..58).contains(&c),
        lower: |c| {
            char::from_u32(c)
                .and_then(|c| c.to_lowercase().next())
                .map_or(c, u32::from)
        },
        ..CharTables::ascii()
    }
}

fn time<U: Unit>(program: &Program, text: &[U]) {
    let mut scratch = Scratch::new();
    let mut best = f64::MAX;
    let mut count = 0;
    for _ in 0..7 {
        let begin = Instant::now();
        let mut cursor = Cursor::new(0);
        count = 0;
        while program.run(
            &mut scratch,
            text,
            cursor.pos,
            text.len(),
            Mode::Search,
            cursor.must_advance,
            &mut || true,
        ) == Ok(true)
        {
            count += 1;
            cursor.advance(&scratch);
        }
        best = best.min(begin.elapsed().as_secs_f64());
    }
    println!("{count} {}", best * 1e3);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: timing FILE")?;
    for line in std::fs::read_to_string(path)?.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [_, width, subject, groups, code] = fields[..] else {
            return Err("a case has five fields".into());
        };
        let code = code
            .split(' ')
            .map(str::parse)
            .collect::<Result<Vec<u32>, _>>()?;
        let program = Program::compile(&code, groups.parse()?, tables())?;
        let bytes = std::fs::read(subject)?;
        if width == "u8" {
            time(&program, &bytes);
        } else {
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                .collect();
            time(&program, &units);
        }
    }
    Ok(())
}
