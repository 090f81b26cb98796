//! Second pass: from definitions and uses to scopes.

use super::*;
use rustc_hash::FxHashSet;

type Names = FxHashSet<Name>;

pub fn analyze(table: &mut SymbolTable) -> Res<()> {
    let mut free = Names::default();
    let mut global = Names::default();
    let mut type_params = Names::default();
    block(
        table,
        SymbolTable::TOP,
        None,
        &mut free,
        &mut global,
        &mut type_params,
        None,
    )
}

struct Context<'a> {
    scopes: IndexMap<Name, Scope, FxBuildHasher>,
    local: Names,
    bound: Option<Names>,
    free: &'a mut Names,
    global: Names,
    type_params: &'a mut Names,
}

fn directive_error<T>(b: &Block, name: &Name, message: String) -> Res<T> {
    let pos = b
        .directives
        .iter()
        .find(|(n, _)| n == name)
        .map_or(b.pos, |d| d.1);
    syntax(message, pos)
}

/// Resolves one name of a block.
fn name(
    b: &Block,
    name: &Name,
    flags: u32,
    cx: &mut Context<'_>,
    class: Option<&Block>,
) -> Res<()> {
    // Annotations reach a class's namespace by this, whatever the class binds it to.
    let class = class.filter(|_| &**name != "__classdict__");
    let mut set = |scope| {
        cx.scopes.insert(name.clone(), scope);
    };
    if flags & flag::GLOBAL != 0 {
        if flags & flag::NONLOCAL != 0 {
            return directive_error(b, name, format!("name '{name}' is nonlocal and global"));
        }
        set(Scope::GlobalExplicit);
        cx.global.insert(name.clone());
        if let Some(bound) = &mut cx.bound {
            bound.remove(name);
        }
        return Ok(());
    }
    if flags & flag::NONLOCAL != 0 {
        let Some(bound) = &cx.bound else {
            return directive_error(
                b,
                name,
                "nonlocal declaration not allowed at module level".into(),
            );
        };
        if !bound.contains(name) {
            return directive_error(b, name, format!("no binding for nonlocal '{name}' found"));
        }
        if cx.type_params.contains(name) {
            return directive_error(
                b,
                name,
                format!("nonlocal binding not allowed for type parameter '{name}'"),
            );
        }
        set(Scope::Free);
        cx.free.insert(name.clone());
        return Ok(());
    }
    if flags & flag::BOUND != 0 {
        set(Scope::Local);
        cx.local.insert(name.clone());
        cx.global.remove(name);
        if flags & flag::TYPE_PARAM != 0 {
            cx.type_params.insert(name.clone());
        } else {
            cx.type_params.remove(name);
        }
        return Ok(());
    }
    // An annotation scope sees the class around it first, as globals or names of
    // its dictionary, unless the class says otherwise.
    if let Some(class) = class {
        let sym = class.symbols.get(name).copied().unwrap_or_default();
        if sym.flags & flag::GLOBAL != 0 {
            set(Scope::GlobalExplicit);
            return Ok(());
        }
        if sym.flags & flag::BOUND != 0 && sym.flags & flag::NONLOCAL == 0 {
            set(Scope::GlobalImplicit);
            return Ok(());
        }
    }
    if cx.bound.as_ref().is_some_and(|bound| bound.contains(name)) {
        set(Scope::Free);
        cx.free.insert(name.clone());
        return Ok(());
    }
    set(Scope::GlobalImplicit);
    Ok(())
}

/// Locals that inner blocks use become cells.
fn cells(
    scopes: &mut IndexMap<Name, Scope, FxBuildHasher>,
    free: &mut Names,
    inlined_cells: &Names,
) {
    for (name, scope) in scopes.iter_mut() {
        if *scope == Scope::Local && (free.contains(name) || inlined_cells.contains(name)) {
            *scope = Scope::Cell;
            free.remove(name);
        }
    }
}

/// Whether a block within takes the name from outside.
fn free_in_child(table: &SymbolTable, block: BlockId, name: &str) -> bool {
    table.blocks[block]
        .children
        .iter()
        .any(|&c| table.blocks[c].scope_of(name) == Scope::Free)
}

/// Merges an inlined comprehension's names into the block around it.
fn inline(
    table: &mut SymbolTable,
    id: BlockId,
    comp: BlockId,
    cx_scopes: &mut IndexMap<Name, Scope, FxBuildHasher>,
    comp_free: &mut Names,
    inlined_cells: &mut Names,
) {
    let symbols: Vec<(Name, Symbol)> = table.blocks[comp]
        .symbols
        .iter()
        .map(|(n, s)| (n.clone(), *s))
        .collect();
    for (name, sym) in symbols {
        if sym.flags & flag::PARAM != 0 {
            continue;
        }
        if sym.scope == Scope::Cell || sym.flags & flag::COMP_CELL != 0 {
            inlined_cells.insert(name.clone());
        }
        let is_class = table.blocks[id].kind == BlockKind::Class;
        let mut scope = sym.scope;
        // `__class__` in a class body's comprehension is the global of that name.
        if scope == Scope::Free && is_class && &*name == "__class__" {
            scope = Scope::GlobalImplicit;
            if !free_in_child(table, comp, &name) {
                comp_free.remove(&name);
            }
            table.blocks[comp].symbols.shift_remove(&name);
        }
        match table.blocks[id].symbols.get(&name).copied() {
            None => {
                cx_scopes.insert(name.clone(), scope);
                table.blocks[id].symbols.insert(
                    name,
                    Symbol {
                        flags: sym.flags,
                        scope: Scope::Unknown,
                    },
                );
            }
            Some(existing) => {
                // A free variable of the comprehension may be bound here, unless this is
                // a class, whose locals inner scopes do not see.
                if existing.flags & flag::BOUND != 0
                    && !is_class
                    && !free_in_child(table, comp, &name)
                {
                    comp_free.remove(&name);
                }
            }
        }
    }
}

fn drop_class_free(b: &mut Block, free: &mut Names) {
    if free.remove("__class__") {
        b.needs_class_closure = true;
    }
    if free.remove("__classdict__") {
        b.needs_classdict = true;
    }
    if free.remove("__conditional_annotations__") {
        b.has_conditional_annotations = true;
    }
}

fn update(
    b: &mut Block,
    scopes: &IndexMap<Name, Scope, FxBuildHasher>,
    bound: Option<&Names>,
    free: &Names,
    inlined_cells: &Names,
    sees_class: bool,
) {
    for (name, sym) in &mut b.symbols {
        if let Some(&scope) = scopes.get(name) {
            sym.scope = scope;
        }
        if inlined_cells.contains(name) {
            sym.flags |= flag::COMP_CELL;
        }
    }
    let mut sorted: Vec<&Name> = free.iter().collect();
    sorted.sort();
    for name in sorted {
        if let Some(sym) = b.symbols.get_mut(name) {
            // What an inner scope means may be another variable than what the name
            // means in a class, or where a class's names are seen.
            if sees_class {
                sym.flags |= flag::FREE_CLASS;
            }
            continue;
        }
        if bound.is_some_and(|bound| !bound.contains(name)) {
            continue;
        }
        b.symbols.insert(
            name.clone(),
            Symbol {
                flags: 0,
                scope: Scope::Free,
            },
        );
    }
}

fn block(
    table: &mut SymbolTable,
    id: BlockId,
    bound: Option<&Names>,
    free: &mut Names,
    global: &mut Names,
    type_params: &mut Names,
    class: Option<BlockId>,
) -> Res<()> {
    stacker::maybe_grow(64 << 10, 1 << 20, || {
        block_inner(table, id, bound, free, global, type_params, class)
    })
}

fn block_inner(
    table: &mut SymbolTable,
    id: BlockId,
    bound: Option<&Names>,
    free: &mut Names,
    global: &mut Names,
    type_params: &mut Names,
    class: Option<BlockId>,
) -> Res<()> {
    let is_class = table.blocks[id].kind == BlockKind::Class;
    let is_function = table.blocks[id].is_function_like();
    let mut new_free = Names::default();
    let mut inlined_cells = Names::default();
    // What children see; a class passes on what it sees itself.
    let mut new_global = Names::default();
    let mut new_bound = Names::default();
    if is_class {
        new_global.extend(global.iter().cloned());
        if let Some(b) = bound {
            new_bound.extend(b.iter().cloned());
        }
    }
    let mut cx = Context {
        scopes: IndexMap::default(),
        local: Names::default(),
        bound: bound.cloned(),
        free: &mut *free,
        global: std::mem::take(global),
        type_params: &mut *type_params,
    };
    {
        let b = &table.blocks[id];
        let class = class.map(|c| &table.blocks[c]);
        for (n, sym) in &b.symbols {
            name(b, n, sym.flags, &mut cx, class)?;
        }
    }
    let Context {
        mut scopes,
        local,
        bound: own_bound,
        global: own_global,
        ..
    } = cx;
    *global = own_global;
    if is_class {
        for special in ["__class__", "__classdict__", "__conditional_annotations__"] {
            new_bound.insert(special.into());
        }
    } else {
        if is_function {
            new_bound.extend(local.iter().cloned());
        }
        if let Some(b) = &own_bound {
            new_bound.extend(b.iter().cloned());
        }
        new_global.extend(global.iter().cloned());
    }

    let children = table.blocks[id].children.clone();
    let mut spliced = Vec::with_capacity(children.len());
    for child in children {
        let mut child_free = Names::default();
        let new_class = if table.blocks[child].can_see_class_scope {
            if is_class { Some(id) } else { class }
        } else {
            None
        };
        // Comprehensions are inlined, but generators, and those of annotation
        // scopes that can see a class.
        let inlined = table.blocks[child]
            .comprehension
            .is_some_and(|k| k != CompKind::Generator)
            && !table.blocks[id].can_see_class_scope;
        {
            let mut params = type_params.clone();
            let mut globals = new_global.clone();
            block(
                table,
                child,
                Some(&new_bound),
                &mut child_free,
                &mut globals,
                &mut params,
                new_class,
            )?;
        }
        if inlined {
            inline(
                table,
                id,
                child,
                &mut scopes,
                &mut child_free,
                &mut inlined_cells,
            );
            table.blocks[child].comp_inlined = true;
        }
        new_free.extend(child_free);
        // The children of an inlined comprehension become this block's.
        if inlined {
            spliced.extend(table.blocks[child].children.iter().copied());
        } else {
            spliced.push(child);
        }
    }
    table.blocks[id].children = spliced;

    if is_function {
        cells(&mut scopes, &mut new_free, &inlined_cells);
    } else if is_class {
        drop_class_free(&mut table.blocks[id], &mut new_free);
    }
    let sees_class = table.blocks[id].can_see_class_scope;
    update(
        &mut table.blocks[id],
        &scopes,
        own_bound.as_ref(),
        &new_free,
        &inlined_cells,
        is_class || sees_class,
    );
    free.extend(new_free);
    Ok(())
}
