//! Helpers whose commonest case takes a few instructions: these stand before the call.

use super::helpers::{LIST_PUSH, STR_AT, STR_EQUAL, STR_TESTS};
use super::lower::{Lower, trusted};
use super::tables::{DICT_FIND_AT, DICT_SET_AT};
use crate::ir::Helper;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, BlockArg, InstBuilder, Value, types};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::{Array, List};
use taipan_runtime::types::str::Str;
use taipan_runtime::{Header, Vm};

/// Whether the call behind the quick way is a rare one.
pub(super) fn suffices(helper: &'static Helper) -> bool {
    [&LIST_PUSH, &DICT_FIND_AT, &DICT_SET_AT]
        .iter()
        .any(|quick| std::ptr::eq(helper, *quick))
}

impl Lower<'_> {
    /// Code for the commonest case of a helper, if there is such code. What follows it is to
    /// be the call, for all other cases; the block returned is behind both ways and has
    /// the result as its parameter. `number` is the last argument, if that is known.
    pub(super) fn quick_way(
        &mut self,
        helper: &'static Helper,
        args: &[Value],
        number: Option<i64>,
    ) -> Result<Option<Block>, String> {
        let place = number.and_then(|n| usize::try_from(n).ok());
        match (args, place) {
            (&[dict, key, _], Some(place)) if std::ptr::eq(helper, &DICT_FIND_AT) => {
                let (slow, next) = self.two_ways();
                let (_, v) = self.entry_at(dict, key, place, slow);
                self.b.ins().jump(next, &[BlockArg::Value(v)]);
                self.b.switch_to_block(slow);
                return Ok(Some(next));
            }
            (&[dict, key, v, _], Some(place)) if std::ptr::eq(helper, &DICT_SET_AT) => {
                let (slow, next) = self.two_ways();
                self.set_entry_at([dict, key, v], place, slow, next);
                self.b.switch_to_block(slow);
                return Ok(Some(next));
            }
            _ => {}
        }
        let code = if std::ptr::eq(helper, &LIST_PUSH) {
            Self::push_where_room
        } else if std::ptr::eq(helper, &STR_EQUAL) {
            Self::equal_at_a_glance
        } else if std::ptr::eq(helper, &STR_AT) {
            Self::character_of_table
        } else if std::ptr::eq(helper, &STR_TESTS) {
            Self::tests_of_character
        } else {
            return Ok(None);
        };
        let (a, b) = match *args {
            [a] => (a, a),
            [a, b] => (a, b),
            _ => return Err("a helper of one or two arguments".into()),
        };
        let (slow, next) = self.two_ways();
        code(self, a, b, slow, next);
        self.b.switch_to_block(slow);
        Ok(Some(next))
    }

    /// The block of the slow way, and the one behind both ways.
    fn two_ways(&mut self) -> (Block, Block) {
        let (slow, next) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(slow);
        self.b.append_block_param(next, types::I64);
        (slow, next)
    }

    /// The table of a dictionary and the value of an entry, if that has this very key.
    fn entry_at(&mut self, dict: Value, key: Value, place: usize, slow: Block) -> (Value, Value) {
        let table = self.word_at(dict, Dict::TABLE_OFFSET);
        self.proceed(table, slow);
        let entries = Dict::ENTRIES_OFFSET as i32;
        let entries = self.b.ins().uload32(trusted(), table, entries);
        let is_there = IntCC::UnsignedGreaterThan;
        let is_there = self.b.ins().icmp_imm_u(is_there, entries, place as i64);
        self.proceed(is_there, slow);
        let found = self.word_at(table, Dict::KEY_OFFSET + place * Dict::ENTRY_SIZE);
        let same = self.b.ins().icmp(IntCC::Equal, found, key);
        self.proceed(same, slow);
        let v = self.word_at(table, Dict::VALUE_OFFSET + place * Dict::ENTRY_SIZE);
        // Keys of entries that were removed may stay.
        self.proceed(v, slow);
        (table, v)
    }

    /// Replaces the value of an entry that has this very key, in a table that needs no barrier.
    fn set_entry_at(&mut self, [dict, key, v]: [Value; 3], place: usize, slow: Block, next: Block) {
        let (table, _) = self.entry_at(dict, key, place, slow);
        self.proceed_without_barrier(table, slow);
        let offset = Dict::VALUE_OFFSET + place * Dict::ENTRY_SIZE;
        self.b.ins().store(trusted(), v, table, offset as i32);
        self.leave_with(1, next);
    }

    /// Goes on where storing into an object needs no barrier.
    fn proceed_without_barrier(&mut self, object: Value, otherwise: Block) {
        let flags = self.byte_at(object, Header::GC_OFFSET);
        let set = self.b.ins().band_imm_s(flags, i64::from(Header::BARRIER));
        let free = self.b.ins().icmp_imm_s(IntCC::Equal, set, 0);
        self.proceed(free, otherwise);
    }

    fn word_at(&mut self, from: Value, offset: usize) -> Value {
        self.b
            .ins()
            .load(types::I64, trusted(), from, offset as i32)
    }

    fn byte_at(&mut self, from: Value, offset: usize) -> Value {
        self.b
            .ins()
            .uload8(types::I64, trusted(), from, offset as i32)
    }

    fn leave_with(&mut self, result: i64, next: Block) {
        let result = self.iconst(result);
        self.b.ins().jump(next, &[BlockArg::Value(result)]);
    }

    /// Goes on here if the condition holds.
    fn proceed(&mut self, condition: Value, otherwise: Block) {
        let more = self.b.create_block();
        self.b.ins().brif(condition, more, &[], otherwise, &[]);
        self.b.switch_to_block(more);
    }

    /// Appends a value to a list whose storage has room and needs no barrier.
    fn push_where_room(&mut self, list: Value, v: Value, slow: Block, next: Block) {
        let items = self.word_at(list, List::ITEMS_OFFSET);
        self.proceed(items, slow);
        let length = self.word_at(list, List::LEN_OFFSET);
        let capacity = self.word_at(items, Array::CAPACITY_OFFSET);
        let room = self.b.ins().icmp(IntCC::UnsignedLessThan, length, capacity);
        self.proceed(room, slow);
        self.proceed_without_barrier(items, slow);
        let offset = self.b.ins().ishl_imm_s(length, 3);
        let place = self.b.ins().iadd(items, offset);
        let words = Array::WORDS_OFFSET as i32;
        self.b.ins().store(trusted(), v, place, words);
        let more = self.b.ins().iadd_imm_s(length, 1);
        self.b
            .ins()
            .store(trusted(), more, list, List::LEN_OFFSET as i32);
        self.leave_with(1, next);
    }

    /// Goes on where a string's characters are bytes behind it.
    fn proceed_if_bytes(&mut self, s: Value, otherwise: Block) {
        let flags = self.byte_at(s, Header::FLAGS_OFFSET);
        let others = i64::from(Str::NOT_LATIN1_INLINE);
        let set = self.b.ins().band_imm_s(flags, others);
        let none = self.b.ins().icmp_imm_s(IntCC::Equal, set, 0);
        self.proceed(none, otherwise);
    }

    /// A character of a Latin-1 string: there is one string of each.
    fn character_of_table(&mut self, s: Value, i: Value, slow: Block, next: Block) {
        self.proceed_if_bytes(s, slow);
        let place = self.b.ins().iadd(s, i);
        let c = self.byte_at(place, Str::CHARS_OFFSET);
        // SAFETY: only the address is computed.
        let table = unsafe { &raw const (*(self.vm as *const Vm)).names.latin1 };
        let table = self.iconst(table as i64);
        let offset = self.b.ins().ishl_imm_s(c, 3);
        let entry = self.b.ins().iadd(table, offset);
        let v = self.word_at(entry, 0);
        // Made when it is first asked for.
        self.proceed(v, slow);
        self.b.ins().jump(next, &[BlockArg::Value(v)]);
    }

    /// What holds of a Latin-1 string of one character.
    fn tests_of_character(&mut self, s: Value, _: Value, slow: Block, next: Block) {
        let length = self.word_at(s, Str::LEN_OFFSET);
        let single = self.b.ins().icmp_imm_s(IntCC::Equal, length, 1);
        self.proceed(single, slow);
        self.proceed_if_bytes(s, slow);
        let c = self.byte_at(s, Str::CHARS_OFFSET);
        let table = self.iconst(Str::tests_of_characters().as_ptr() as i64);
        let entry = self.b.ins().iadd(table, c);
        let bits = self.byte_at(entry, 0);
        self.b.ins().jump(next, &[BlockArg::Value(bits)]);
    }

    /// The same string is equal to itself; those of different lengths are not, nor are
    /// different ones of which there is one of each text.
    fn equal_at_a_glance(&mut self, a: Value, b: Value, slow: Block, next: Block) {
        let (equal, unequal) = (self.b.create_block(), self.b.create_block());
        let differ = self.b.ins().icmp(IntCC::NotEqual, a, b);
        self.proceed(differ, equal);
        let (m, n) = (
            self.word_at(a, Str::LEN_OFFSET),
            self.word_at(b, Str::LEN_OFFSET),
        );
        let same_length = self.b.ins().icmp(IntCC::Equal, m, n);
        self.proceed(same_length, unequal);
        let (f, g) = (
            self.byte_at(a, Header::FLAGS_OFFSET),
            self.byte_at(b, Header::FLAGS_OFFSET),
        );
        let both = self.b.ins().band(f, g);
        let interned = self.b.ins().band_imm_s(both, i64::from(Str::INTERNED));
        self.b.ins().brif(interned, unequal, &[], slow, &[]);
        self.b.switch_to_block(equal);
        self.leave_with(1, next);
        self.b.switch_to_block(unequal);
        self.leave_with(0, next);
    }
}
