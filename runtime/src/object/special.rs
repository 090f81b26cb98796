//! The special methods that a class keeps resolved, so that an operation finds
//! its implementation with one load.

macro_rules! specials {
    ($($variant:ident $name:literal;)*) => {
        /// A special method with a place in every class's table.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        pub enum Special { $($variant,)* }

        /// Number of special methods in the table.
        pub const SPECIAL_COUNT: usize = [$(Special::$variant,)*].len();

        impl Special {
            /// All of them, in order.
            pub const ALL: [Special; SPECIAL_COUNT] = [$(Special::$variant,)*];
            /// The method's name.
            pub const fn name(self) -> &'static str {
                match self { $(Special::$variant => $name,)* }
            }
        }
    };
}

impl Special {
    /// Whether `name` is that of a method with a slot in CPython's type structure.
    pub fn is_slot_name(name: &str) -> bool {
        Self::ALL.iter().any(|s| s.is_slot() && s.name() == name)
    }

    /// Whether a class that gets it may change what attribute access finds on
    /// instances that have the attribute themselves.
    pub const fn governs_attributes(self) -> bool {
        use Special as S;
        matches!(
            self,
            S::GetAttribute | S::SetAttr | S::DelAttr | S::Get | S::Set | S::Delete
        )
    }

    /// Whether CPython's type structure has a slot for it; other special methods are
    /// ordinary methods of native types.
    pub const fn is_slot(self) -> bool {
        use Special as S;
        !matches!(
            self,
            S::Format
                | S::Bytes
                | S::Complex
                | S::Round
                | S::Trunc
                | S::Floor
                | S::Ceil
                | S::Reversed
                | S::LengthHint
                | S::Missing
                | S::Enter
                | S::Exit
                | S::AEnter
                | S::AExit
                | S::InstanceCheck
                | S::SubclassCheck
                | S::ClassGetItem
                | S::InitSubclass
                | S::SetName
                | S::Dir
        )
    }
}

specials! {
    New "__new__"; Init "__init__"; Del "__del__"; Repr "__repr__"; Str "__str__"; Format "__format__";
    Bytes "__bytes__"; Hash "__hash__"; Bool "__bool__"; Call "__call__";
    Lt "__lt__"; Le "__le__"; Eq "__eq__"; Ne "__ne__"; Gt "__gt__"; Ge "__ge__";
    GetAttribute "__getattribute__"; GetAttr "__getattr__"; SetAttr "__setattr__"; DelAttr "__delattr__";
    Get "__get__"; Set "__set__"; Delete "__delete__";
    Len "__len__"; GetItem "__getitem__"; SetItem "__setitem__"; DelItem "__delitem__"; Contains "__contains__";
    Missing "__missing__"; LengthHint "__length_hint__"; Iter "__iter__"; Next "__next__"; Reversed "__reversed__";
    Add "__add__"; Sub "__sub__"; Mul "__mul__"; MatMul "__matmul__"; TrueDiv "__truediv__";
    FloorDiv "__floordiv__"; Mod "__mod__"; DivMod "__divmod__"; Pow "__pow__"; LShift "__lshift__";
    RShift "__rshift__"; And "__and__"; Xor "__xor__"; Or "__or__";
    RAdd "__radd__"; RSub "__rsub__"; RMul "__rmul__"; RMatMul "__rmatmul__"; RTrueDiv "__rtruediv__";
    RFloorDiv "__rfloordiv__"; RMod "__rmod__"; RDivMod "__rdivmod__"; RPow "__rpow__"; RLShift "__rlshift__";
    RRShift "__rrshift__"; RAnd "__rand__"; RXor "__rxor__"; ROr "__ror__";
    IAdd "__iadd__"; ISub "__isub__"; IMul "__imul__"; IMatMul "__imatmul__"; ITrueDiv "__itruediv__";
    IFloorDiv "__ifloordiv__"; IMod "__imod__"; IPow "__ipow__"; ILShift "__ilshift__"; IRShift "__irshift__";
    IAnd "__iand__"; IXor "__ixor__"; IOr "__ior__";
    Neg "__neg__"; Pos "__pos__"; Abs "__abs__"; Invert "__invert__";
    Int "__int__"; Float "__float__"; Index "__index__"; Complex "__complex__";
    Round "__round__"; Trunc "__trunc__"; Floor "__floor__"; Ceil "__ceil__";
    Enter "__enter__"; Exit "__exit__"; AEnter "__aenter__"; AExit "__aexit__";
    Await "__await__"; AIter "__aiter__"; ANext "__anext__";
    Buffer "__buffer__"; ReleaseBuffer "__release_buffer__";
    InstanceCheck "__instancecheck__"; SubclassCheck "__subclasscheck__";
    ClassGetItem "__class_getitem__"; InitSubclass "__init_subclass__"; SetName "__set_name__"; Dir "__dir__";
}
