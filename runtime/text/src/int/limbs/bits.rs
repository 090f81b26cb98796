//! Shifts, and `&`, `|`, `^` as of two's complement without end.

use super::{BITS, increment, trimmed_len};

/// A bitwise operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BitOp {
    And,
    Or,
    Xor,
}

/// How many limbs [`shl`] needs at most.
#[inline]
pub fn shl_len(x: &[u64], n: u64) -> usize {
    x.len() + (n / BITS) as usize + 1
}

/// `x << n` of a magnitude that is not zero.
pub fn shl(x: &[u64], n: u64, out: &mut [u64]) -> usize {
    let (skip, by) = ((n / BITS) as usize, n % BITS);
    out[..skip].fill(0);
    let out = &mut out[skip..];
    if by == 0 {
        out[..x.len()].copy_from_slice(x);
        return skip + x.len();
    }
    let mut below = 0;
    for (o, limb) in out.iter_mut().zip(x) {
        *o = limb << by | below;
        below = limb >> (BITS - by);
    }
    out[x.len()] = below;
    skip + x.len() + usize::from(below != 0)
}

/// How many limbs [`shr`] needs at most.
#[inline]
pub fn shr_len(x: &[u64], n: u64) -> usize {
    x.len()
        .saturating_sub(usize::try_from(n / BITS).unwrap_or(usize::MAX))
        + 1
}

/// The magnitude of `x >> n`, rounded towards minus infinity.
pub fn shr(negative: bool, x: &[u64], n: u64, out: &mut [u64]) -> usize {
    let skip = usize::try_from(n / BITS).unwrap_or(usize::MAX).min(x.len());
    let by = n % BITS;
    let (lost, kept) = x.split_at(skip);
    let mut loses = lost.iter().any(|limb| *limb != 0);
    let out_len = if by == 0 {
        out[..kept.len()].copy_from_slice(kept);
        kept.len()
    } else if let Some((first, rest)) = kept.split_first() {
        loses |= first << (BITS - by) != 0;
        let mut low = first >> by;
        let (top, body) = out[..kept.len()].split_last_mut().expect("not empty");
        for (o, limb) in body.iter_mut().zip(rest) {
            *o = low | limb << (BITS - by);
            low = limb >> by;
        }
        *top = low;
        kept.len() - usize::from(low == 0)
    } else {
        0
    };
    if negative && loses {
        increment(out, out_len)
    } else {
        out_len
    }
}

/// How many limbs [`bit_op`] needs at most.
#[inline]
pub fn bit_op_len(op: BitOp, a: (bool, &[u64]), b: (bool, &[u64])) -> usize {
    match (op, a.0, b.0) {
        (BitOp::And, false, false) => a.1.len().min(b.1.len()),
        (BitOp::And, false, true) => a.1.len(),
        (BitOp::And, true, false) => b.1.len(),
        (_, false, false) => a.1.len().max(b.1.len()),
        _ => a.1.len().max(b.1.len()) + 1,
    }
}

/// `a op b` of signed numbers: whether it is negative, and the length of its magnitude.
pub fn bit_op(op: BitOp, a: (bool, &[u64]), b: (bool, &[u64]), out: &mut [u64]) -> (bool, usize) {
    // Not longer than this is the result's two's complement but for the sign.
    let out = &mut out[..bit_op_len(op, a, b)];
    if a.0 || b.0 {
        return match op {
            BitOp::And => complements(a, b, out, |x, y| x & y),
            BitOp::Or => complements(a, b, out, |x, y| x | y),
            BitOp::Xor => complements(a, b, out, |x, y| x ^ y),
        };
    }
    let (long, short) = if a.1.len() >= b.1.len() {
        (a.1, b.1)
    } else {
        (b.1, a.1)
    };
    let pairs = out.iter_mut().zip(long).zip(short);
    match op {
        BitOp::And => pairs.for_each(|((o, x), y)| *o = x & y),
        BitOp::Or => pairs.for_each(|((o, x), y)| *o = x | y),
        BitOp::Xor => pairs.for_each(|((o, x), y)| *o = x ^ y),
    }
    if op != BitOp::And {
        out[short.len()..].copy_from_slice(&long[short.len()..]);
        if long.len() > short.len() {
            return (false, long.len());
        }
    }
    (false, trimmed_len(out))
}

/// The same where one is negative: its magnitude is turned into two's complement limb by limb,
/// and that of a negative result back.
#[inline]
fn complements(
    a: (bool, &[u64]),
    b: (bool, &[u64]),
    out: &mut [u64],
    f: impl Fn(u64, u64) -> u64,
) -> (bool, usize) {
    let fill = |negative: bool| if negative { u64::MAX } else { 0 };
    let flip = [fill(a.0), fill(b.0)];
    let negative = f(flip[0], flip[1]) != 0;
    let flip_out = fill(negative);
    // The ones that complements add.
    let (mut add_a, mut add_b, mut add_out) = (a.0, b.0, negative);
    let complement = |limb: u64, flip: u64, add: &mut bool| {
        let (limb, over) = (limb ^ flip).overflowing_add((*add).into());
        *add = over;
        limb
    };
    let both = a.1.len().min(b.1.len()).min(out.len());
    for ((o, x), y) in out.iter_mut().zip(&a.1[..both]).zip(&b.1[..both]) {
        let x = complement(*x, flip[0], &mut add_a);
        let y = complement(*y, flip[1], &mut add_b);
        *o = complement(f(x, y), flip_out, &mut add_out);
    }
    for (i, o) in out.iter_mut().enumerate().skip(both) {
        let x =
            a.1.get(i)
                .map_or(flip[0], |l| complement(*l, flip[0], &mut add_a));
        let y =
            b.1.get(i)
                .map_or(flip[1], |l| complement(*l, flip[1], &mut add_b));
        *o = complement(f(x, y), flip_out, &mut add_out);
    }
    (negative, trimmed_len(out))
}
