"""Names and numbers of the machine's instructions."""

import _imp

opmap = {}
_specialized_opmap = {}
_specializations = {}
for _number, (_name, _caches, _generic) in enumerate(_imp._instructions()):
    if _generic == _name:
        opmap[_name] = _number
    else:
        _specialized_opmap[_name] = _number
        _specializations.setdefault(_generic, []).append(_name)
# Arguments have 24 bits here, so that this never occurs; tools ask for it.
opmap.setdefault("EXTENDED_ARG", 255)
HAVE_ARGUMENT = 0
MIN_INSTRUMENTED_OPCODE = 256
del _number, _name, _caches, _generic
