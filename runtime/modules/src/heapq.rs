//! `_heapq`: heaps in lists, with the smallest or the largest item first.

use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::ops::compare::CompareOp;
use taipan_runtime::types::list::List;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// Which item comes first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Min,
    Max,
}

impl Order {
    /// Whether `a` must be nearer to the front than `b`.
    #[inline]
    fn before(self, vm: &Vm, a: Value, b: Value) -> Result<bool> {
        match self {
            Order::Min => vm.compare_bool(CompareOp::Lt, a, b),
            Order::Max => vm.compare_bool(CompareOp::Lt, b, a),
        }
    }
}

fn list(vm: &Vm, name: &str, args: &[Value]) -> Result<Gc<List>> {
    args[0].cast::<List>().ok_or_else(|| {
        let which = if args.len() > 1 {
            "argument 1"
        } else {
            "argument"
        };
        vm.type_error(format!(
            "{name}() {which} must be list, not {}",
            vm.class_of(args[0]).qualified_name()
        ))
    })
}

#[cold]
fn resized(vm: &Vm) -> Raised {
    vm.runtime_error("list changed size during iteration")
}

fn at(vm: &Vm, heap: Gc<List>, index: usize) -> Result {
    heap.get(index).ok_or_else(|| resized(vm))
}

/// Moves the item at `index` towards the front, not past `start`.
fn sift_down(vm: &Vm, heap: Gc<List>, start: usize, mut index: usize, order: Order) -> Result<()> {
    let len = heap.len();
    if index >= len {
        return Err(vm.index_error("index out of range"));
    }
    while index > start {
        let parent_index = (index - 1) >> 1;
        let (item, parent) = (at(vm, heap, index)?, at(vm, heap, parent_index)?);
        let before = order.before(vm, item, parent)?;
        if heap.len() != len {
            return Err(resized(vm));
        }
        if !before {
            break;
        }
        // Comparing may have exchanged items; what is there now is moved.
        let (item, parent) = (at(vm, heap, index)?, at(vm, heap, parent_index)?);
        heap.set(parent_index, item);
        heap.set(index, parent);
        index = parent_index;
    }
    Ok(())
}

/// Moves the item at `index` to the bottom along the smaller children, then up
/// to its place: fewer comparisons than stopping on the way.
fn sift_up(vm: &Vm, heap: Gc<List>, mut index: usize, order: Order) -> Result<()> {
    let len = heap.len();
    let start = index;
    if index >= len {
        return Err(vm.index_error("index out of range"));
    }
    let limit = len >> 1;
    while index < limit {
        let mut child = 2 * index + 1;
        if child + 1 < len {
            let (left, right) = (at(vm, heap, child)?, at(vm, heap, child + 1)?);
            if !order.before(vm, left, right)? {
                child += 1;
            }
            if heap.len() != len {
                return Err(resized(vm));
            }
        }
        let (up, down) = (at(vm, heap, child)?, at(vm, heap, index)?);
        heap.set(index, up);
        heap.set(child, down);
        index = child;
    }
    sift_down(vm, heap, start, index, order)
}

fn push(vm: &Vm, name: &str, args: &[Value], order: Order) -> Result {
    let heap = list(vm, name, args)?;
    heap.push(vm, args[1])?;
    sift_down(vm, heap, 0, heap.len() - 1, order)?;
    Ok(Value::NONE)
}

fn pop(vm: &Vm, name: &str, args: &[Value], order: Order) -> Result {
    let heap = list(vm, name, args)?;
    let Some(last) = heap.pop() else {
        return Err(vm.index_error("index out of range"));
    };
    let Some(first) = heap.get(0) else {
        return Ok(last);
    };
    heap.set(0, last);
    sift_up(vm, heap, 0, order)?;
    Ok(first)
}

fn replace(vm: &Vm, name: &str, args: &[Value], order: Order) -> Result {
    let heap = list(vm, name, args)?;
    let Some(first) = heap.get(0) else {
        return Err(vm.index_error("index out of range"));
    };
    heap.set(0, args[1]);
    sift_up(vm, heap, 0, order)?;
    Ok(first)
}

fn pushpop(vm: &Vm, name: &str, args: &[Value], order: Order) -> Result {
    let heap = list(vm, name, args)?;
    let Some(first) = heap.get(0) else {
        return Ok(args[1]);
    };
    if !order.before(vm, first, args[1])? {
        return Ok(args[1]);
    }
    let Some(first) = heap.get(0) else {
        return Err(vm.index_error("index out of range"));
    };
    heap.set(0, args[1]);
    sift_up(vm, heap, 0, order)?;
    Ok(first)
}

fn heapify(vm: &Vm, name: &str, args: &[Value], order: Order) -> Result {
    let heap = list(vm, name, args)?;
    for index in (0..heap.len() >> 1).rev() {
        sift_up(vm, heap, index, order)?;
    }
    Ok(Value::NONE)
}

/// The module.
pub static HEAPQ: ModuleDef = ModuleDef {
    name: "_heapq",
    doc: "Heap queue algorithm (a.k.a. priority queue).",
    functions: &[
        MethodDef::new(
            "heappush",
            "(heap, item, /)",
            "Push item onto heap, maintaining the heap invariant.",
            |vm, args| push(vm, "heappush", args, Order::Min),
        ),
        MethodDef::new(
            "heappushpop",
            "(heap, item, /)",
            "Push item on the heap, then pop and return the smallest item from the heap.\n\n\
             The combined action runs more efficiently than heappush() followed by\na separate call to heappop().",
            |vm, args| pushpop(vm, "heappushpop", args, Order::Min),
        ),
        MethodDef::new(
            "heappop",
            "(heap, /)",
            "Pop the smallest item off the heap, maintaining the heap invariant.",
            |vm, args| pop(vm, "heappop", args, Order::Min),
        ),
        MethodDef::new(
            "heapreplace",
            "(heap, item, /)",
            "Pop and return the current smallest value, and add the new item.\n\n\
             This is more efficient than heappop() followed by heappush(), and can be\n\
             more appropriate when using a fixed-size heap.  Note that the value\n\
             returned may be larger than item!  That constrains reasonable uses of\n\
             this routine unless written as part of a conditional replacement:\n\n    \
             if item > heap[0]:\n        item = heapreplace(heap, item)",
            |vm, args| replace(vm, "heapreplace", args, Order::Min),
        ),
        MethodDef::new(
            "heapify",
            "(heap, /)",
            "Transform list into a heap, in-place, in O(len(heap)) time.",
            |vm, args| heapify(vm, "heapify", args, Order::Min),
        ),
        MethodDef::new(
            "heappush_max",
            "(heap, item, /)",
            "Push item onto max heap, maintaining the heap invariant.",
            |vm, args| push(vm, "heappush_max", args, Order::Max),
        ),
        MethodDef::new(
            "heappushpop_max",
            "(heap, item, /)",
            "Maxheap variant of heappushpop.\n\n\
             The combined action runs more efficiently than heappush_max()\n\
             followed by a separate call to heappop_max().",
            |vm, args| pushpop(vm, "heappushpop_max", args, Order::Max),
        ),
        MethodDef::new(
            "heappop_max",
            "(heap, /)",
            "Maxheap variant of heappop.",
            |vm, args| pop(vm, "heappop_max", args, Order::Max),
        ),
        MethodDef::new(
            "heapreplace_max",
            "(heap, item, /)",
            "Maxheap variant of heapreplace.",
            |vm, args| replace(vm, "heapreplace_max", args, Order::Max),
        ),
        MethodDef::new(
            "heapify_max",
            "(heap, /)",
            "Maxheap variant of heapify.",
            |vm, args| heapify(vm, "heapify_max", args, Order::Max),
        ),
    ],
    types: &[],
    exec: Some(|vm, module| {
        module.set(vm, "__about__", vm.new_str("Heap queues").value());
        Ok(())
    }),
};
