//! "Did you mean": the closest of some names to a misspelt one.

const MOVE: usize = 2;
const CASE: usize = 1;

/// Edit distance in CPython's costs (a change of case costs half a change),
/// given up above `limit`.
fn distance(a: &[char], b: &[char], limit: usize) -> usize {
    let cost = |x: char, y: char| {
        if x == y {
            0
        } else if x.to_lowercase().eq(y.to_lowercase()) {
            CASE
        } else {
            MOVE
        }
    };
    let mut row: Vec<usize> = (1..=b.len()).map(|i| i * MOVE).collect();
    let mut result = row.last().copied().unwrap_or(0);
    for (i, &x) in a.iter().enumerate() {
        let mut previous = i * MOVE;
        result = previous + MOVE;
        let mut best = usize::MAX;
        for (j, &y) in b.iter().enumerate() {
            let substitute = previous + cost(x, y);
            previous = row[j];
            let insert_delete = result.min(previous) + MOVE;
            result = insert_delete.min(substitute);
            row[j] = result;
            best = best.min(result);
        }
        if best > limit {
            return limit + 1;
        }
    }
    result
}

/// The closest candidate, if it is close enough to suggest.
pub fn closest(name: &str, candidates: &[String]) -> Option<String> {
    const MAX_NAMES: usize = 750;
    const MAX_LENGTH: usize = 40;
    let wrong: Vec<char> = name.chars().collect();
    if candidates.len() > MAX_NAMES || wrong.len() > MAX_LENGTH {
        return None;
    }
    let mut best: Option<(usize, &String)> = None;
    for candidate in candidates {
        if candidate == name {
            continue;
        }
        let chars: Vec<char> = candidate.chars().collect();
        if chars.len() > MAX_LENGTH {
            continue;
        }
        let mut limit = (wrong.len() + chars.len() + 3) * MOVE / 6;
        if let Some((d, _)) = best {
            limit = limit.min(d.saturating_sub(1));
        }
        let d = distance(&wrong, &chars, limit);
        if d <= limit {
            best = Some((d, candidate));
        }
    }
    best.map(|(_, s)| s.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_only_what_is_close() {
        let names = ["blech", "other"].map(String::from);
        assert_eq!(closest("bluch", &names).as_deref(), Some("blech"));
        assert_eq!(closest("somethingelse", &names), None);
    }
}
