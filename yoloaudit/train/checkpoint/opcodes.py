"""The bytes of a pickle → the value they describe, of inert records; a machine that can neither import nor call.

It knows the opcodes that `torch.save` uses (protocol 2, and the newer spellings up to protocol 4) and refuses all
others. Budgets bound the steps, the memory slots and the depth; what a step costs is bounded too: nothing is copied
that an earlier step made, and the key of a mapping is a text or a small number.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeAlias

from yoloaudit.errors import CheckpointError
from yoloaudit.train.checkpoint.inert import Name, Record, built, called, corrupt, named, storage

MOST_STEPS = 2_000_000
"""yolov5x takes less than 200,000."""
MOST_SLOTS = 1_000_000
MOST_MARKS = 1_000
"""Mappings, lists and tuples that are open at once."""
MOST_NAME = 200
MOST_INTEGER = 64
"""Bytes of an integer."""
PROTOCOLS = range(2, 6)
KEYS = 1 << 24
"""Numbers that may be keys: among larger ones enough can be found that all collide in Python's dictionaries."""
SET = named("builtins", "set")
U16, U32, I32, U64, F64 = (struct.Struct(form) for form in ("<H", "<I", "<i", "<Q", ">d"))


def value_of(data: bytes, sizes: Mapping[str, int]) -> Any:
    """The value that a pickle describes; `sizes`: bytes of each storage that it may refer to, by key.

    Mappings are dicts, sequences lists and tuples, tensors `inert.Tensor`, all other objects `inert.Record`. A list may
    hold itself, and anything may be nested deeply: walk it with a limit. Raises CheckpointError.
    """
    machine = Machine(data, sizes)
    try:
        return machine.run()
    except IndexError:
        raise corrupt("it ends early, or its stack is empty") from None


class Machine:
    """The stack, the marks and the memory of one pickle."""

    __slots__ = ("at", "data", "marks", "memory", "sizes", "stack")

    def __init__(self, data: bytes, sizes: Mapping[str, int]) -> None:
        self.data, self.sizes = data, sizes
        self.at = 0
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memory: dict[int, Any] = {}

    def run(self) -> Any:
        """Step until the pickle stops; its value."""
        data, steps = self.data, STEPS
        for _ in range(MOST_STEPS):
            code = data[self.at]
            self.at += 1
            if code == STOP:
                return self._end()
            step = steps[code]
            if step is None:
                _unknown(code)
            step(self)
        raise CheckpointError(f"holds a pickle of more than {MOST_STEPS:,} steps, the limit for checkpoints")

    def _end(self) -> Any:
        if self.marks or len(self.stack) != 1 or self.at != len(self.data):
            raise corrupt("something is left behind its end")
        return self.stack.pop()

    def take(self, count: int) -> bytes:
        """The next bytes."""
        start = self.at
        end = self.at = start + count
        if end > len(self.data):
            raise IndexError
        return self.data[start:end]

    def items(self) -> list[Any]:
        """What lies above the last mark, which goes."""
        items = self.stack
        self.stack = self.marks.pop()
        return items

    def close(self, make: Callable[[list[Any]], Any]) -> None:
        items = self.items()
        self.stack.append(make(items))

    def remember(self, slot: int) -> None:
        if slot >= MOST_SLOTS:
            raise CheckpointError(f"holds a pickle that uses memory slot {slot:,}; the limit is {MOST_SLOTS:,}")
        self.memory[slot] = self.stack[-1]

    def recall(self, slot: int) -> None:
        try:
            self.stack.append(self.memory[slot])
        except KeyError:
            raise corrupt("it recalls what it never stored") from None

    def text(self, count: int) -> None:
        try:
            self.stack.append(self.take(count).decode("utf-8", "surrogatepass"))
        except UnicodeDecodeError:
            raise corrupt("a text that is not UTF-8") from None

    def join(self, count: int) -> None:
        items = [self.stack.pop() for _ in range(count)]
        self.stack.append(tuple(reversed(items)))


def _unknown(code: int) -> NoReturn:
    raise CheckpointError(f"holds a pickle with the opcode 0x{code:02x}, which no checkpoint needs. It is refused")


def _protocol(machine: Machine) -> None:
    protocol = machine.take(1)[0]
    if protocol not in PROTOCOLS or machine.at != 2:
        raise corrupt(f"protocol {protocol}")


def _mark(machine: Machine) -> None:
    if len(machine.marks) >= MOST_MARKS:
        raise CheckpointError(f"holds a pickle nested more than {MOST_MARKS:,} levels deep, the limit for checkpoints")
    machine.marks.append(machine.stack)
    machine.stack = []


def _integer(machine: Machine, count: int) -> None:
    if not 0 <= count <= MOST_INTEGER:
        raise CheckpointError(f"holds a pickle with an integer of {count:,} bytes; the limit is {MOST_INTEGER}")
    machine.stack.append(int.from_bytes(machine.take(count), "little", signed=True))


def _global(machine: Machine) -> None:
    words = []
    for _ in range(2):
        end = machine.data.find(b"\n", machine.at, machine.at + MOST_NAME)
        if end < 0:
            raise corrupt("a name that has no end")
        words.append(machine.data[machine.at : end].decode("latin-1"))
        machine.at = end + 1
    machine.stack.append(named(*words))


def _global_from_stack(machine: Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if type(name) is not str or type(module) is not str:
        raise corrupt("a name that is no text")
    machine.stack.append(named(module, name))


def _call(machine: Machine) -> None:
    arguments = machine.stack.pop()
    machine.stack[-1] = called(machine.stack[-1], arguments)


def _new(machine: Machine) -> None:
    arguments = machine.stack.pop()
    name = machine.stack[-1]
    if type(name) is not Name or name.role != "module" or arguments != ():
        what = repr(name) if type(name) is Name else "what has no name"
        raise CheckpointError(f"holds a pickle that makes {what} in a way no checkpoint does. It is refused")
    machine.stack[-1] = Record(name, ())


def _build(machine: Machine) -> None:
    state = machine.stack.pop()
    built(machine.stack[-1], state)


def _storage(machine: Machine) -> None:
    machine.stack[-1] = storage(machine.stack[-1], machine.sizes)


def _append(machine: Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if type(target) is not list:
        raise corrupt("it appends to what is no list")
    target.extend(items)


def _set(machine: Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if type(target) is not dict or len(items) % 2:
        raise corrupt("it sets items of what is no mapping")
    for place in range(0, len(items), 2):
        key = items[place]
        if type(key) is not str and not (type(key) in (int, bool) and -KEYS <= key < KEYS):
            raise CheckpointError("holds a pickle with a mapping whose keys are neither texts nor small numbers")
        target[key] = items[place + 1]


def _set_one(machine: Machine) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    _set(machine, [key, value])


def _add(machine: Machine) -> None:
    items, target = machine.items(), machine.stack[-1]
    if type(target) is not Record or target.name.name != "set" or type(target.arguments[0]) is not list:
        raise corrupt("it adds to what is no set")
    target.arguments[0].extend(items)


def _push(make: Callable[[], Any]) -> Step:
    return lambda machine: machine.stack.append(make())


def _number(form: struct.Struct) -> Step:
    size, unpack = form.size, form.unpack
    return lambda machine: machine.stack.append(unpack(machine.take(size))[0])


def _counted(form: struct.Struct, then: Callable[[Machine, int], None]) -> Step:
    """A step whose count, of bytes or a slot, stands before what it counts."""
    size, unpack = form.size, form.unpack
    return lambda machine: then(machine, unpack(machine.take(size))[0])


def _bytes(machine: Machine, count: int) -> None:
    machine.stack.append(machine.take(count))


Step: TypeAlias = Callable[[Machine], Any]
U8 = struct.Struct("B")
STOP = ord(".")
TABLE: dict[bytes, Step] = {
    b"\x80": _protocol,
    b"\x95": _counted(U64, lambda _, __: None),  # a frame: only a hint to readers of streams
    b"(": _mark,
    b"0": lambda machine: machine.stack.pop(),
    b"N": _push(lambda: None),
    b"\x88": _push(lambda: True),
    b"\x89": _push(lambda: False),
    b"J": _number(I32),
    b"K": _number(U8),
    b"M": _number(U16),
    b"G": _number(F64),
    b"\x8a": _counted(U8, _integer),
    b"\x8b": _counted(I32, _integer),
    b"X": _counted(U32, Machine.text),
    b"\x8c": _counted(U8, Machine.text),
    b"\x8d": _counted(U64, Machine.text),
    b"B": _counted(U32, _bytes),
    b"C": _counted(U8, _bytes),
    b"]": _push(list),
    b"}": _push(dict),
    b")": _push(tuple),
    b"\x8f": _push(lambda: Record(SET, ([],))),
    b"\x85": lambda machine: machine.join(1),
    b"\x86": lambda machine: machine.join(2),
    b"\x87": lambda machine: machine.join(3),
    b"t": lambda machine: machine.close(tuple),
    b"l": lambda machine: machine.close(list),
    b"\x91": lambda machine: machine.close(lambda items: Record(SET, (items,))),
    b"a": lambda machine: _append(machine, [machine.stack.pop()]),
    b"e": lambda machine: _append(machine, machine.items()),
    b"s": _set_one,
    b"u": lambda machine: _set(machine, machine.items()),
    b"\x90": _add,
    b"q": _counted(U8, Machine.remember),
    b"r": _counted(U32, Machine.remember),
    b"\x94": lambda machine: machine.remember(len(machine.memory)),
    b"h": _counted(U8, Machine.recall),
    b"j": _counted(U32, Machine.recall),
    b"c": _global,
    b"\x93": _global_from_stack,
    b"R": _call,
    b"\x81": _new,
    b"b": _build,
    b"Q": _storage,
}
"""What each opcode does. Not here, and refused: all text opcodes, INST, OBJ, EXT, NEWOBJ_EX, buffers, DUP, POP_MARK."""
STEPS: list[Step | None] = [TABLE.get(bytes([code])) for code in range(256)]
