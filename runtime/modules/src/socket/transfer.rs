//! Sending and receiving.

use super::address::{Address, from_value, to_value};
use super::object::{Socket, deadline, int_argument, timed_out};
use std::time::Instant;
use taipan_runtime::heap::Gc;
use taipan_runtime::ops::buffer::BufferView;
use taipan_runtime::types::protocol::{no_keywords, this};
use taipan_runtime::types::support::arg_name;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

fn flags(vm: &Vm, v: Value) -> Result<i32> {
    v.given().map_or(Ok(0), |v| int_argument(vm, v))
}

/// A size that must not be negative.
fn size(vm: &Vm, function: &str, what: &str, v: Value) -> Result<usize> {
    usize::try_from(vm.to_ssize_arg(v)?)
        .map_err(|_| vm.value_error(format!("negative {what} in {function}")))
}

/// Room for so many bytes.
fn room(vm: &Vm, len: usize) -> Result<Vec<u8>> {
    let mut data = Vec::new();
    match data.try_reserve_exact(len) {
        Ok(()) => Ok(data),
        Err(_) => Err(vm.memory_error()),
    }
}

/// Receives into memory, with the sender's address if there is a place for it.
///
/// # Safety
/// `len` bytes at `data` may be written during the call.
unsafe fn receive(
    vm: &Vm,
    s: &Socket,
    (data, len): (*mut u8, usize),
    flags: i32,
    mut from: Option<&mut Address>,
) -> Result<usize> {
    if len == 0 && from.is_none() {
        return Ok(0);
    }
    let full = Address::empty().len;
    s.call(vm, libc::POLLIN, |fd| {
        // SAFETY: by contract; the address has room for as much as is said.
        unsafe {
            match &mut from {
                None => libc::recv(fd, data.cast(), len, flags),
                Some(address) => {
                    address.len = full;
                    let place = address.pointer_mut();
                    libc::recvfrom(fd, data.cast(), len, flags, place, &mut address.len)
                }
            }
        }
    })
}

fn receive_bytes(vm: &Vm, function: &str, args: &[Value], from: Option<&mut Address>) -> Result {
    let len = size(vm, function, "buffersize", args[1])?;
    let flags = flags(vm, args[2])?;
    let mut data = room(vm, len)?;
    // SAFETY: there is room for so many bytes, and as many as came become the content.
    unsafe {
        let place = (data.as_mut_ptr(), len);
        let got = receive(vm, &this::<Socket>(args[0]), place, flags, from)?;
        data.set_len(got.min(len));
    }
    Ok(vm.new_bytes(&data)?.value())
}

pub fn recv(vm: &Vm, args: &[Value]) -> Result {
    receive_bytes(vm, "recv", args, None)
}

pub fn recvfrom(vm: &Vm, args: &[Value]) -> Result {
    let mut from = Address::empty();
    let data = receive_bytes(vm, "recvfrom", args, Some(&mut from))?;
    vm.pair(data, to_value(vm, &from)?)
}

/// Memory that an argument lends for writing.
fn writable<'a>(vm: &'a Vm, function: &str, v: Value) -> Result<BufferView<'a>> {
    vm.get_contiguous_buffer(v, true).map_err(|_| {
        vm.clear_raised();
        vm.type_error(format!(
            "{function}() argument 1 must be read-write bytes-like object, not {}",
            arg_name(vm, v)
        ))
    })
}

fn receive_into(
    vm: &Vm,
    function: &str,
    args: &[Value],
    from: Option<&mut Address>,
) -> Result<usize> {
    let buffer = writable(vm, function, args[1])?;
    let mut len = match args[2].given() {
        Some(v) => size(vm, function, "buffersize", v)?,
        None => 0,
    };
    let flags = flags(vm, args[3])?;
    let all = buffer.len();
    if len == 0 {
        len = all;
    }
    if len > all {
        return Err(vm.value_error("buffer too small for requested bytes"));
    }
    // SAFETY: the buffer is lent for writing until the end of this function.
    unsafe {
        receive(
            vm,
            &this::<Socket>(args[0]),
            (buffer.data, len),
            flags,
            from,
        )
    }
}

pub fn recv_into(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(receive_into(vm, "recv_into", args, None)? as i64))
}

pub fn recvfrom_into(vm: &Vm, args: &[Value]) -> Result {
    let mut from = Address::empty();
    let got = receive_into(vm, "recvfrom_into", args, Some(&mut from))?;
    vm.pair(vm.new_int(got as i64), to_value(vm, &from)?)
}

pub fn send(vm: &Vm, args: &[Value]) -> Result {
    let data = vm.byte_slice(args[1])?;
    let data: &[u8] = &data;
    let flags = flags(vm, args[2])?;
    let sent = this::<Socket>(args[0]).call(vm, libc::POLLOUT, |fd| {
        // SAFETY: the data is lent until the end of this function.
        unsafe { libc::send(fd, data.as_ptr().cast(), data.len(), flags) }
    })?;
    Ok(vm.new_int(sent as i64))
}

pub fn sendall(vm: &Vm, args: &[Value]) -> Result {
    let data = vm.byte_slice(args[1])?;
    let mut data: &[u8] = &data;
    let flags = flags(vm, args[2])?;
    let s = this::<Socket>(args[0]);
    // One time for all of the data.
    let until = deadline(s.timeout());
    loop {
        if until.is_some_and(|t| s.timeout().is_some_and(|d| !d.is_zero()) && Instant::now() > t) {
            return Err(timed_out(vm));
        }
        let sent = s.call_until(vm, libc::POLLOUT, until, |fd| {
            // SAFETY: the data is lent until the end of this function.
            unsafe { libc::send(fd, data.as_ptr().cast(), data.len(), flags) }
        })?;
        data = &data[sent..];
        if data.is_empty() {
            return Ok(Value::NONE);
        }
        vm.interpreter().check_signals(vm)?;
    }
}

pub fn sendto(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords(vm, "socket.sendto", names)?;
    let (data, flag_bits, address) = match *args {
        [_, data, address] => (data, 0, address),
        [_, data, flags, address] => (data, int_argument(vm, flags)?, address),
        _ => {
            return Err(vm.type_error(format!(
                "sendto() takes 2 or 3 arguments ({} given)",
                args.len() - 1
            )));
        }
    };
    let data = vm.byte_slice(data)?;
    let data: &[u8] = &data;
    let s = this::<Socket>(args[0]);
    let address = from_value(vm, "sendto", s.family.get(), address)?;
    let sent = s.call(vm, libc::POLLOUT, |fd| {
        // SAFETY: the data is lent until the end of this function, and the address has the
        // length that is said.
        unsafe {
            libc::sendto(
                fd,
                data.as_ptr().cast(),
                data.len(),
                flag_bits,
                address.pointer(),
                address.len,
            )
        }
    })?;
    Ok(vm.new_int(sent as i64))
}

/// Memory for control messages, aligned as their headers.
struct Control(Vec<u64>);

impl Control {
    fn new(vm: &Vm, len: usize) -> Result<Control> {
        let mut words = Vec::new();
        let count = len.div_ceil(8);
        if words.try_reserve_exact(count).is_err() {
            return Err(vm.memory_error());
        }
        words.resize(count, 0);
        Ok(Control(words))
    }
}

/// A message header without anything.
fn header() -> libc::msghdr {
    // SAFETY: null pointers and zero lengths are valid.
    unsafe { std::mem::zeroed() }
}

/// A control message's length with its header.
pub fn cmsg_len(vm: &Vm, args: &[Value]) -> Result {
    let len = control_length(vm, "CMSG_LEN", args[0], 0)?;
    // SAFETY: only computes.
    Ok(vm.new_int(unsafe { libc::CMSG_LEN(len) }.into()))
}

/// A control message's length with its header and padding.
pub fn cmsg_space(vm: &Vm, args: &[Value]) -> Result {
    let len = control_length(vm, "CMSG_SPACE", args[0], 8)?;
    // SAFETY: only computes.
    Ok(vm.new_int(unsafe { libc::CMSG_SPACE(len) }.into()))
}

fn control_length(vm: &Vm, function: &str, v: Value, padding: u32) -> Result<u32> {
    // SAFETY: only computes.
    let most = i32::MAX as u32 - unsafe { libc::CMSG_LEN(padding) };
    vm.to_ssize_arg(v)
        .ok()
        .and_then(|len| u32::try_from(len).ok())
        .filter(|len| *len <= most)
        .ok_or_else(|| {
            vm.clear_raised();
            vm.overflow_error(format!("{function}() argument out of range"))
        })
}

/// The control messages that were received.
fn control_messages(vm: &Vm, message: &libc::msghdr) -> Result {
    let list = vm.new_list(&[])?;
    if message.msg_controllen == 0 {
        return Ok(list.value());
    }
    // SAFETY: the system filled the control memory, and the walk stays within its length.
    unsafe {
        let end = message.msg_control as usize + message.msg_controllen;
        let mut at = libc::CMSG_FIRSTHDR(message);
        while let Some(head) = at.as_ref() {
            let data = libc::CMSG_DATA(at);
            let len = head
                .cmsg_len
                .saturating_sub(libc::CMSG_LEN(0) as usize)
                .min(end.saturating_sub(data as usize));
            let parts = [
                vm.new_int(head.cmsg_level.into()),
                vm.new_int(head.cmsg_type.into()),
                vm.new_bytes(std::slice::from_raw_parts(data, len))?.value(),
            ];
            list.push(vm, vm.new_tuple(&parts)?.value())?;
            at = libc::CMSG_NXTHDR(message, at);
        }
    }
    Ok(list.value())
}

/// Receives into several pieces of memory, with control messages: how many bytes, and the rest of the
/// result.
fn receive_message(
    vm: &Vm,
    function: &str,
    s: &Socket,
    pieces: &mut [libc::iovec],
    args: &[Value],
) -> Result<(usize, [Value; 3])> {
    let space = match args[2].given() {
        Some(v) => {
            let n = vm.to_ssize_arg(v)?;
            usize::try_from(n).ok().filter(|n| *n <= i32::MAX as usize)
        }
        None => Some(0),
    };
    let Some(space) = space else {
        return Err(vm.value_error(format!(
            "invalid ancillary data buffer length in {function}()"
        )));
    };
    let flags = flags(vm, args[3])?;
    let mut control = Control::new(vm, space)?;
    let mut address = Address::empty();
    let full = address.len;
    let mut message = header();
    let got = s.call(vm, libc::POLLIN, |fd| {
        message = header();
        message.msg_name = address.pointer_mut().cast();
        message.msg_namelen = full;
        message.msg_iov = pieces.as_mut_ptr();
        message.msg_iovlen = pieces.len();
        if space > 0 {
            message.msg_control = control.0.as_mut_ptr().cast();
            message.msg_controllen = space;
        }
        // SAFETY: the caller's pieces, the address and the control memory have these lengths.
        unsafe { libc::recvmsg(fd, &mut message, flags) }
    })?;
    address.len = message.msg_namelen;
    let rest = [
        control_messages(vm, &message)?,
        vm.new_int(message.msg_flags.into()),
        to_value(vm, &address)?,
    ];
    Ok((got, rest))
}

pub fn recvmsg(vm: &Vm, args: &[Value]) -> Result {
    let Ok(len) = usize::try_from(vm.to_ssize_arg(args[1])?) else {
        return Err(vm.value_error("negative buffer size in recvmsg()"));
    };
    let mut data = room(vm, len)?;
    let mut pieces = [libc::iovec {
        iov_base: data.as_mut_ptr().cast(),
        iov_len: len,
    }];
    let s = this::<Socket>(args[0]);
    let (got, [control, flags, address]) = receive_message(vm, "recvmsg", &s, &mut pieces, args)?;
    // SAFETY: so many bytes came into the room.
    unsafe { data.set_len(got.min(len)) };
    let data = vm.new_bytes(&data)?.value();
    Ok(vm.new_tuple(&[data, control, flags, address])?.value())
}

pub fn recvmsg_into(vm: &Vm, args: &[Value]) -> Result {
    let buffers = vm.collect(args[1])?;
    let mut lent = Vec::with_capacity(buffers.len());
    for v in buffers.iter() {
        lent.push(vm.get_contiguous_buffer(*v, true).map_err(|_| {
            vm.clear_raised();
            vm.type_error(format!(
                "recvmsg_into() argument 1 must be an iterable of single-segment read-write buffers, \
                 not {}",
                arg_name(vm, *v)
            ))
        })?);
    }
    let mut pieces: Vec<libc::iovec> = lent
        .iter()
        .map(|b| libc::iovec {
            iov_base: b.data.cast(),
            iov_len: b.len(),
        })
        .collect();
    let s = this::<Socket>(args[0]);
    let (got, [control, flags, address]) =
        receive_message(vm, "recvmsg_into", &s, &mut pieces, args)?;
    let got = vm.new_int(got as i64);
    Ok(vm.new_tuple(&[got, control, flags, address])?.value())
}

pub fn sendmsg(vm: &Vm, args: &[Value]) -> Result {
    let s = this::<Socket>(args[0]);
    let buffers = vm.collect(args[1])?;
    let mut lent = Vec::with_capacity(buffers.len());
    for v in buffers.iter() {
        lent.push(vm.byte_slice(*v)?);
    }
    let mut pieces: Vec<libc::iovec> = lent
        .iter()
        .map(|b| libc::iovec {
            iov_base: b.as_ptr().cast_mut().cast(),
            iov_len: b.len(),
        })
        .collect();
    let mut messages = Vec::new();
    if let Some(given) = args[2].given() {
        for v in vm.collect(given)?.iter() {
            let parts = vm.collect(*v)?;
            let [level, kind, data] = parts[..] else {
                return Err(vm.type_error("[sendmsg() ancillary data items must be 3-sequences]"));
            };
            let data = vm.byte_slice(data)?.to_vec();
            messages.push((int_argument(vm, level)?, int_argument(vm, kind)?, data));
        }
    }
    let flags = flags(vm, args[3])?;
    let address = match args[4].given_not_none() {
        Some(v) => Some(from_value(vm, "sendmsg", s.family.get(), v)?),
        None => None,
    };
    // SAFETY: only computes.
    let space = |len: usize| unsafe { libc::CMSG_SPACE(len as u32) } as usize;
    let total = messages.iter().map(|m| space(m.2.len())).sum();
    let mut control = Control::new(vm, total)?;
    let mut message = header();
    if let Some(address) = &address {
        message.msg_name = address.pointer().cast_mut().cast();
        message.msg_namelen = address.len;
    }
    message.msg_iov = pieces.as_mut_ptr();
    message.msg_iovlen = pieces.len();
    if total > 0 {
        message.msg_control = control.0.as_mut_ptr().cast();
        message.msg_controllen = total;
        // SAFETY: the control memory has room for all of them, each with its header and padding.
        unsafe {
            let mut at = libc::CMSG_FIRSTHDR(&message);
            for (level, kind, data) in &messages {
                let Some(head) = at.as_mut() else { break };
                head.cmsg_level = *level;
                head.cmsg_type = *kind;
                head.cmsg_len = libc::CMSG_LEN(data.len() as u32) as usize;
                std::ptr::copy_nonoverlapping(data.as_ptr(), libc::CMSG_DATA(at), data.len());
                at = libc::CMSG_NXTHDR(&message, at);
            }
        }
    }
    let sent = s.call(vm, libc::POLLOUT, |fd| {
        // SAFETY: what the header points to lives until the end of this function.
        unsafe { libc::sendmsg(fd, &message, flags) }
    })?;
    Ok(vm.new_int(sent as i64))
}
