//! What arithmetic is done by: precision, exponents, rounding; and the conditions it reports.

/// Conditions, as bits. The signals `Invalid...` stands for are several bits.
pub mod status {
    pub const CLAMPED: u32 = 1;
    pub const CONVERSION_SYNTAX: u32 = 2;
    pub const DIVISION_BY_ZERO: u32 = 4;
    pub const DIVISION_IMPOSSIBLE: u32 = 8;
    pub const DIVISION_UNDEFINED: u32 = 0x10;
    pub const INEXACT: u32 = 0x40;
    pub const INVALID_CONTEXT: u32 = 0x80;
    pub const INVALID_OPERATION: u32 = 0x100;
    /// A result too large for memory, whatever the traps say.
    pub const OUT_OF_MEMORY: u32 = 0x200;
    pub const FLOAT_OPERATION: u32 = 0x400;
    pub const OVERFLOW: u32 = 0x800;
    pub const ROUNDED: u32 = 0x1000;
    pub const SUBNORMAL: u32 = 0x2000;
    pub const UNDERFLOW: u32 = 0x4000;

    /// All conditions of the signal `InvalidOperation`.
    pub const INVALID: u32 = CONVERSION_SYNTAX
        | DIVISION_IMPOSSIBLE
        | DIVISION_UNDEFINED
        | 0x20
        | INVALID_CONTEXT
        | INVALID_OPERATION
        | OUT_OF_MEMORY;
    /// Those after which a result means nothing.
    pub const ERRORS: u32 = INVALID | DIVISION_BY_ZERO;
}

/// Where a result goes that lies between two numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rounding {
    Up,
    Down,
    Ceiling,
    Floor,
    HalfUp,
    HalfDown,
    HalfEven,
    /// Away from zero if the last digit would be 0 or 5.
    ZeroFiveUp,
}

impl Rounding {
    /// With their names in Python.
    pub const ALL: [(Rounding, &'static str); 8] = [
        (Rounding::Up, "ROUND_UP"),
        (Rounding::Down, "ROUND_DOWN"),
        (Rounding::Ceiling, "ROUND_CEILING"),
        (Rounding::Floor, "ROUND_FLOOR"),
        (Rounding::HalfUp, "ROUND_HALF_UP"),
        (Rounding::HalfDown, "ROUND_HALF_DOWN"),
        (Rounding::HalfEven, "ROUND_HALF_EVEN"),
        (Rounding::ZeroFiveUp, "ROUND_05UP"),
    ];

    /// Python's name.
    pub fn name(self) -> &'static str {
        Rounding::ALL[self as usize].1
    }
}

/// Most digits, and the bounds of exponents, on machines of 64 bits.
pub const MAX_PREC: i64 = 999_999_999_999_999_999;
pub const MAX_EMAX: i64 = 999_999_999_999_999_999;
pub const MIN_EMIN: i64 = -999_999_999_999_999_999;
pub const MIN_ETINY: i64 = MIN_EMIN - (MAX_PREC - 1);

/// The parameters of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Context {
    pub prec: i64,
    pub emax: i64,
    pub emin: i64,
    pub rounding: Rounding,
    pub clamp: bool,
}

impl Context {
    /// The largest one, in which most conversions are exact.
    pub const MAX: Context = Context {
        prec: MAX_PREC,
        emax: MAX_EMAX,
        emin: MIN_EMIN,
        rounding: Rounding::HalfEven,
        clamp: false,
    };

    /// The exponent of the smallest subnormal number.
    #[inline]
    pub fn etiny(&self) -> i64 {
        self.emin - (self.prec - 1)
    }

    /// The exponent of the largest number.
    #[inline]
    pub fn etop(&self) -> i64 {
        self.emax - (self.prec - 1)
    }

    /// As the largest one, with so many digits.
    pub fn with_digits(prec: i64) -> Context {
        Context {
            prec,
            ..Context::MAX
        }
    }
}
