//! Code units: the engine is compiled once for each width in which the host
//! stores text (Latin-1 and bytes, UCS-2, UCS-4), since a loop over bytes
//! should not pay for wide characters.

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for u16 {}
    impl Sealed for u32 {}
}

/// A unit of the subject: one character, stored as `u8`, `u16` or `u32`.
pub trait Unit: Copy + PartialEq + sealed::Sealed {
    /// The character's code point.
    fn to_u32(self) -> u32;
    /// The unit for a code point; `None` when the width cannot hold it.
    fn from_u32(c: u32) -> Option<Self>;
    /// The index of the first `needle` in `hay`.
    fn find(hay: &[Self], needle: Self) -> Option<usize>;
    /// The index of the last `needle` in `hay`.
    fn rfind(hay: &[Self], needle: Self) -> Option<usize>;
    /// The index of the first unit that is one of the one to three `needles`.
    fn find_any(hay: &[Self], needles: &[u8]) -> Option<usize>;
    /// The index of the first place where `needle`, whose search is prepared
    /// in `finder` if its characters are below 256, stands in `hay`.
    fn find_str(
        hay: &[Self],
        needle: &[u32],
        finder: Option<&memchr::memmem::Finder<'static>>,
    ) -> Option<usize>;
}

impl Unit for u8 {
    #[inline(always)]
    fn to_u32(self) -> u32 {
        u32::from(self)
    }
    #[inline(always)]
    fn from_u32(c: u32) -> Option<u8> {
        u8::try_from(c).ok()
    }
    #[inline]
    fn find(hay: &[u8], needle: u8) -> Option<usize> {
        memchr::memchr(needle, hay)
    }
    #[inline]
    fn rfind(hay: &[u8], needle: u8) -> Option<usize> {
        memchr::memrchr(needle, hay)
    }
    #[inline]
    fn find_any(hay: &[u8], needles: &[u8]) -> Option<usize> {
        match *needles {
            [a] => memchr::memchr(a, hay),
            [a, b] => memchr::memchr2(a, b, hay),
            [a, b, c] => memchr::memchr3(a, b, c, hay),
            _ => None,
        }
    }
    fn find_str(
        hay: &[u8],
        _needle: &[u32],
        finder: Option<&memchr::memmem::Finder<'static>>,
    ) -> Option<usize> {
        // Without a finder the needle has a character that no byte equals.
        finder?.find(hay)
    }
}

macro_rules! wide_unit {
    ($unit:ty) => {
        impl Unit for $unit {
            #[inline(always)]
            fn to_u32(self) -> u32 {
                u32::from(self)
            }
            #[inline(always)]
            fn from_u32(c: u32) -> Option<$unit> {
                <$unit>::try_from(c).ok()
            }
            #[inline]
            fn find(hay: &[$unit], needle: $unit) -> Option<usize> {
                find_wide(hay, |c| c == needle)
            }
            #[inline]
            fn rfind(hay: &[$unit], needle: $unit) -> Option<usize> {
                hay.iter().rposition(|&c| c == needle)
            }
            #[inline]
            fn find_any(hay: &[$unit], needles: &[u8]) -> Option<usize> {
                match *needles {
                    [a] => find_wide(hay, |c| c == a.into()),
                    [a, b] => find_wide(hay, |c| c == a.into() || c == b.into()),
                    [a, b, d] => {
                        find_wide(hay, |c| c == a.into() || c == b.into() || c == d.into())
                    }
                    _ => None,
                }
            }
            fn find_str(
                hay: &[$unit],
                needle: &[u32],
                _finder: Option<&memchr::memmem::Finder<'static>>,
            ) -> Option<usize> {
                let first = <$unit>::try_from(*needle.first()?).ok()?;
                let last = hay.len().checked_sub(needle.len())?;
                let mut at = 0;
                loop {
                    at += <$unit>::find(&hay[at..=last], first)?;
                    let same = hay[at..].iter().zip(needle).all(|(&h, &n)| h.to_u32() == n);
                    if same {
                        return Some(at);
                    }
                    at += 1;
                    if at > last {
                        return None;
                    }
                }
            }
        }
    };
}

wide_unit!(u16);
wide_unit!(u32);

/// The first unit with the property. Blocks are tested whole first, which the
/// compiler turns into vector comparisons.
#[inline(always)]
fn find_wide<U: Copy>(hay: &[U], test: impl Fn(U) -> bool) -> Option<usize> {
    let mut at = 0;
    for block in hay.chunks_exact(16) {
        if block.iter().fold(false, |any, &c| any | test(c)) {
            break;
        }
        at += 16;
    }
    hay[at..].iter().position(|&c| test(c)).map(|i| at + i)
}
