# Frames and threads of a simulated run, for gdb.
#
# All threads of the program under test are fibers of one OS thread, so gdb sees
# one thread.  `faultline threads` lists them, `faultline thread T1` shows the
# frames of another one: its registers are put in place, the stack is printed,
# and the registers are put back.
#
# SPDX-License-Identifier: Apache-2.0

import re
import struct

import gdb

# What jump_fcontext() of Boost.Context leaves on the stack it goes from, by
# architecture: offsets of the registers, and the size of it all.
LAYOUT = {
    "x86-64": ({"r12": 8, "r13": 16, "r14": 24, "r15": 32, "rbx": 40,
                "rbp": 48, "rip": 56}, 64, "rsp"),
    "aarch64": (dict([("x%d" % n, 64 + 8 * (n - 19)) for n in range(19, 31)],
                     pc=160), 176, "sp"),
}
STATES = ["unused", "ready", "waits", "spins", "rests", "done", "crashed"]


def world():
    return gdb.parse_and_eval("world").dereference()


def fibers():
    w = world()
    for i in range(int(w["fibers_count"])):
        yield w["fibers"][i]


def current_id():
    current = world()["current"]
    return int(current["id"]) if int(current) != 0 else None


def ours():
    """Leaves the frames of the harness for the first one of the program."""
    frame = gdb.selected_frame()
    while frame is not None:
        found = frame.find_sal().symtab
        name = found.fullname() if found is not None else ""
        if name and not re.search(r"/harness/", name):
            frame.select()
            return
        frame = frame.older()


def frames_of(fiber):
    """The stack of a fiber that is not running."""
    layout = LAYOUT.get(gdb.selected_frame().architecture().name().split(":")[-1])
    if layout is None:
        print("  the stacks of other threads are not known on this machine")
        return
    registers, size, stack = layout
    context = int(fiber["context"])
    if context == 0:
        print("  it has no stack any more")
        return
    raw = gdb.selected_inferior().read_memory(context, size).tobytes()
    gdb.newest_frame().select()
    kept = {name: int(gdb.parse_and_eval("(unsigned long)$" + name))
            for name in list(registers) + [stack]}
    try:
        for name, offset in registers.items():
            value = struct.unpack_from("<Q", raw, offset)[0]
            gdb.execute("set $%s = %d" % (name, value), to_string=True)
        gdb.execute("set $%s = %d" % (stack, context + size), to_string=True)
        for line in gdb.execute("backtrace 40", to_string=True).splitlines():
            if "/harness/" not in line and "harness/sim" not in line:
                print("  " + line)
    finally:
        for name, value in kept.items():
            gdb.execute("set $%s = %d" % (name, value), to_string=True)


class Faultline(gdb.Command):
    """Commands for simulated runs: threads, thread T<i>, where."""

    def __init__(self):
        super().__init__("faultline", gdb.COMMAND_STACK, prefix=True)


class Threads(gdb.Command):
    """Lists the threads of the simulated run."""

    def __init__(self):
        super().__init__("faultline threads", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        running = current_id()
        for fiber in fibers():
            i = int(fiber["id"])
            steps = int(fiber["steps"])
            if i == running:
                steps += int(world()["step"]) - int(fiber["resumed"])
            state = int(fiber["state"])
            what = STATES[state] if state < len(STATES) else "?"
            wait = fiber["wait_what"]
            if what == "waits" and int(wait) != 0:
                what += " for a " + wait.string()
            print("%s T%d  %-24s %d own steps" %
                  ("*" if i == running else " ", i,
                   "runs" if i == running else what, steps))


class Thread(gdb.Command):
    """Shows the frames of one thread: faultline thread T1."""

    def __init__(self):
        super().__init__("faultline thread", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        found = re.fullmatch(r"T?(\d+)", argument.strip())
        if not found:
            raise gdb.GdbError("say which thread: faultline thread T1")
        for fiber in fibers():
            if int(fiber["id"]) != int(found.group(1)):
                continue
            if int(fiber["id"]) == current_id():
                gdb.execute("backtrace")
            else:
                frames_of(fiber)
            return
        raise gdb.GdbError("there is no T%s" % found.group(1))


class Where(gdb.Command):
    """Selects the innermost frame of the program under test."""

    def __init__(self):
        super().__init__("faultline where", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        ours()
        gdb.execute("frame")


Faultline()
Threads()
Thread()
Where()
