/*
 * Plain accesses of simulated code, ranges, and the rest of the hooks.
 *
 * A plain hook comes *before* its access, which the compiled code then does
 * itself.  Plain accesses are no points as long as they do not race; a
 * scenario may ask for them to be (`races: explore`).  They are always seen:
 * use of freed memory, bounds, uninitialised pointers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/access.h"
#include "harness/sim/memory.h"
#include "harness/sim/tsan_abi.h"

#include <string.h>

/* Whether the scheduler should see a plain access: heap and globals, when the
 * scenario asks for it; stacks are nobody else's. */
static bool is_point(const struct world *w, const void *address)
{
    const struct fiber *f = w->current;
    uintptr_t at = (uintptr_t)address - (uintptr_t)f->stack;
    return w->plain_points && at >= f->stack_size;
}

enum {
    NULL_PAGE = 4096 /* bytes at 0 that are never mapped */
};

static void see_point(struct world *w, enum access access, const void *address,
                      size_t size, uintptr_t pc)
{
    enum fl_step_kind kind =
        access == ACCESS_READ ? FL_STEP_LOAD : FL_STEP_STORE;
    world_point_of(w, (struct operation){.kind = kind,
                                         .location = address,
                                         .size = (uint32_t)size,
                                         .plain = true});
    bool nowhere = (uintptr_t)address < NULL_PAGE; /* it ends the run */
    if (w->recording && !nowhere) {
        uint64_t value = 0;
        memcpy(&value, address, size < sizeof(value) ? size : sizeof(value));
        access_log(
            w, kind, pc, address,
            (struct accessed){.size = size, .before = value, .after = value});
    }
    if (access == ACCESS_WRITE) {
        world_effect(w, address);
    }
}

/* A loop that writes to memory other than its stack has a state that the probe
 * of a search does not see. */
static __attribute__((noinline)) void move_on(struct world *w,
                                              const void *address)
{
    struct fiber *f = w->current;
    if (f != NULL &&
        (uintptr_t)address - (uintptr_t)f->stack >= f->stack_size) {
        f->probe = 0;
        if (w->awaits != NULL) {
            await_effect(w);
        }
    }
}

__attribute__((noinline)) void access_plain_slowly(const volatile void *where,
                                                   size_t size,
                                                   enum access access,
                                                   uintptr_t pc)
{
    void *address = (void *)(uintptr_t)where;
    struct world *w = world;
    if (__builtin_expect(w->plain_points, 0) && w->current != NULL &&
        is_point(w, address)) {
        see_point(w, access, address, size, pc);
    }
    if (__builtin_expect(w->by_operations, 0) && access == ACCESS_WRITE) {
        move_on(w, address);
    }
    access_touch_plain(w, address, size, access == ACCESS_WRITE);
    heap_access(w, address, size, access, pc);
    memory_plain(w, address, size, access == ACCESS_WRITE, pc);
}

/* Whether nothing but the heap has to be asked, and it allows the access. */
static inline bool plain_is_quick(struct world *w, void *address, size_t size,
                                  enum access access)
{
    return w->plain_quick && heap_allows(w, address, size, access);
}

static inline void plain_beyond(const struct world *w, void *address,
                                size_t size, enum access access, uintptr_t pc)
{
    if (w->memory == NULL) {
        access_plain_slowly(address, size, access, pc);
    } else if (access == ACCESS_WRITE) {
        memory_writes(address, size, pc);
    } else {
        memory_reads(address, size, pc);
    }
}

/* One at which the loop that it may be in is looked at (rounds.h). */
static __attribute__((noinline)) void
plain_looked(void *address, size_t size, enum access access, uintptr_t pc)
{
    struct world *w = world;
    const struct plain_access made = {.address = address,
                                      .size = size,
                                      .writes = access == ACCESS_WRITE,
                                      .pc = pc};
    rounds_look(w, &made);
    if (!plain_is_quick(w, address, size, access)) {
        plain_beyond(w, address, size, access, pc);
    }
}

/* Each long way ends in a call, so that the short needs no frame. */
static inline void plain(void *address, size_t size, enum access access,
                         uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return;
    }
    if (__builtin_expect(w->rounds.left-- == 0, 0)) {
        plain_looked(address, size, access, pc);
        return;
    }
    if (!plain_is_quick(w, address, size, access)) {
        plain_beyond(w, address, size, access, pc);
    }
}

/* A volatile access: plain, unless the scenario says that it is meant as a
 * relaxed atomic one.  Then it is a point and no race; but a hook cannot supply
 * a value, so it finds the newest. */
static inline void is_volatile(void *address, size_t size, enum access access,
                               uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL || w->current == NULL ||
        !w->scenario->system.volatile_atomic) {
        plain(address, size, access, pc);
        return;
    }
    enum access atomic =
        access == ACCESS_READ ? ACCESS_ATOMIC_READ : ACCESS_ATOMIC_WRITE;
    see_point(w, access, address, size, pc);
    heap_access(w, address, size, atomic, pc);
    memory_volatile(w, address, size, access == ACCESS_WRITE, pc);
}

#define PC ((uintptr_t)__builtin_return_address(0))

#define DEFINE_PLAIN(S)                                    \
    void __tsan_read##S(void *address)                     \
    {                                                      \
        plain(address, S, ACCESS_READ, PC);                \
    }                                                      \
    void __tsan_write##S(void *address)                    \
    {                                                      \
        plain(address, S, ACCESS_WRITE, PC);               \
    }                                                      \
    void __tsan_read_write##S(void *address)               \
    {                                                      \
        plain(address, S, ACCESS_READ, PC);                \
        plain(address, S, ACCESS_WRITE, PC);               \
    }                                                      \
    void __tsan_volatile_read##S(void *address)            \
    {                                                      \
        is_volatile(address, S, ACCESS_READ, PC);          \
    }                                                      \
    void __tsan_volatile_write##S(void *address)           \
    {                                                      \
        is_volatile(address, S, ACCESS_WRITE, PC);         \
    }                                                      \
    void __tsan_unaligned_read##S(void *address)           \
    {                                                      \
        plain(address, S, ACCESS_READ, PC);                \
    }                                                      \
    void __tsan_unaligned_write##S(void *address)          \
    {                                                      \
        plain(address, S, ACCESS_WRITE, PC);               \
    }                                                      \
    void __tsan_unaligned_read_write##S(void *address)     \
    {                                                      \
        plain(address, S, ACCESS_READ, PC);                \
        plain(address, S, ACCESS_WRITE, PC);               \
    }                                                      \
    void __tsan_unaligned_volatile_read##S(void *address)  \
    {                                                      \
        is_volatile(address, S, ACCESS_READ, PC);          \
    }                                                      \
    void __tsan_unaligned_volatile_write##S(void *address) \
    {                                                      \
        is_volatile(address, S, ACCESS_WRITE, PC);         \
    }

DEFINE_PLAIN(1)
DEFINE_PLAIN(2)
DEFINE_PLAIN(4)
DEFINE_PLAIN(8)
DEFINE_PLAIN(16)

void __tsan_read_range(void *address, unsigned long size)
{
    if (size > 0) {
        plain(address, size, ACCESS_READ, PC);
    }
}

void __tsan_write_range(void *address, unsigned long size)
{
    if (size > 0) {
        plain(address, size, ACCESS_WRITE, PC);
    }
}

void *__tsan_memcpy(void *to, const void *from, size_t size)
{
    __tsan_read_range((void *)(uintptr_t)from, size);
    __tsan_write_range(to, size);
    return memcpy(to, from, size);
}

void *__tsan_memmove(void *to, const void *from, size_t size)
{
    __tsan_read_range((void *)(uintptr_t)from, size);
    __tsan_write_range(to, size);
    return memmove(to, from, size);
}

void *__tsan_memset(void *to, int byte, size_t size)
{
    __tsan_write_range(to, size);
    return memset(to, byte, size);
}

/* Stacks come from unwinding, so entries and exits need no book. */
void __tsan_func_entry(void *return_address)
{
    (void)return_address;
}

void __tsan_func_exit(void)
{
}

void __tsan_vptr_update(void **slot, void *value)
{
    (void)value;
    plain(slot, sizeof(*slot), ACCESS_WRITE, PC);
}

void __tsan_vptr_read(void **slot)
{
    plain(slot, sizeof(*slot), ACCESS_READ, PC);
}

void __tsan_init(void)
{
}
