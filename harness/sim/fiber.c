/*
 * Fibers on Boost.Context's fcontext, which is hand-written assembly behind a
 * C interface: a switch costs some 6 ns, where swapcontext() costs 200.
 *
 *     lowest address                                     highest
 *     | guard | stack .......................... <- grows | thread-locals |
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/fiber.h"

#include "harness/need.h"
#include "harness/sim/modes.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define FIBER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_ASAN 1
#endif
#endif

#ifdef FIBER_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

/* Where the stacks lie: far from what the loader and malloc use, in the range
 * that AddressSanitizer leaves to programs. */
#define STACKS_BASE ((char *)0x220000000000)
#define ROOM_SIZE \
    ((size_t)1 << 28) /* all stacks of a world, at their largest */
#define ROOMS 4

struct transfer {
    void *from; /* the context of whoever jumped here */
    void *data;
};

/* The C interface of libboost_context; its own header is C++. */
void *make_fcontext(void *top, size_t size, void (*entry)(struct transfer));
struct transfer jump_fcontext(void *to, void *data);

#if defined(__x86_64__)

/* A function to which the compiler adds nothing, not even to count its calls
 * (-fprofile-generate). */
#ifdef __clang__
#define AS_IT_IS \
    __attribute__((naked, noinline, no_profile_instrument_function))
#else
#define AS_IT_IS \
    __attribute__((naked, noinline, noipa, no_profile_instrument_function))
#endif

/*
 * jump_fcontext(), to and from the same contexts, but faster.  It ends in a
 * return and not in a jump, so that the processor, which predicts each return
 * by the call before it, stays in step: Boost's leaves one call too many behind
 * each time, after which every return up to the code under test is a surprise.
 * And the control words of floating point are loaded only if they differ, which
 * they hardly ever do.
 *
 *     from the top of the stack: control words, r12 to r15, rbx, rbp, address
 *
 * One that begins is given what it is told also where arguments are.
 */
#define JUMP_AWAY        \
    "push %rbp\n\t"      \
    "push %rbx\n\t"      \
    "push %r15\n\t"      \
    "push %r14\n\t"      \
    "push %r13\n\t"      \
    "push %r12\n\t"      \
    "push $0\n\t"        \
    "fnstcw 4(%rsp)\n\t" \
    "mov %rsp, %rax\n\t" \
    "mov %rdi, %rsp\n\t"

#define JUMP_IN                \
    "movzwl 4(%rax), %ecx\n\t" \
    "cmp %cx, 4(%rsp)\n\t"     \
    "jne 2f\n"                 \
    "1:\tadd $8, %rsp\n\t"     \
    "pop %r12\n\t"             \
    "pop %r13\n\t"             \
    "pop %r14\n\t"             \
    "pop %r15\n\t"             \
    "pop %rbx\n\t"             \
    "pop %rbp\n\t"             \
    "mov %rsi, %rdx\n\t"       \
    "mov %rax, %rdi\n\t"       \
    "ret\n"

/* What either is given is in registers. */
#define JUMP_OF(name)                                                      \
    AS_IT_IS static struct transfer name(__attribute__((unused)) void *to, \
                                         __attribute__((unused)) void *data)

/* Without the control word of SSE, which nobody looks at: to save it takes
 * twice as long as all the rest. */
JUMP_OF(jump_lightly)
{
    __asm__(JUMP_AWAY JUMP_IN "2:\tfldcw 4(%rsp)\n\t"
                              "jmp 1b");
}

JUMP_OF(jump_with_modes)
{
    __asm__(JUMP_AWAY "stmxcsr (%rax)\n\t"
                      "mov (%rax), %ecx\n\t"
                      "cmp %ecx, (%rsp)\n\t"
                      "jne 2f\n\t" JUMP_IN "2:\tldmxcsr (%rsp)\n\t"
                      "fldcw 4(%rsp)\n\t"
                      "jmp 1b");
}

#else

#define jump_lightly jump_fcontext

/* Boost's jump leaves the control words as they are. */
static struct transfer jump_with_modes(void *to, void *data)
{
    struct modes modes = modes_now();
    struct transfer t = jump_fcontext(to, data);
    modes_set(modes);
    return t;
}

#endif

struct stacks {
    struct transfer (*jump)(void *to, void *data);
    struct modes modes; /* of the OS thread */
    char *base;
    size_t guard_size; /* a page of the system, of 4 to 64 KiB */
    size_t stack_size;
    size_t slot_size; /* guard, stack and thread-locals, in whole pages */
#ifdef FIBER_ASAN
    const void *main_stack; /* of the OS thread, as first left */
    size_t main_stack_size;
    void *fake[FIBERS_MAX + 1]; /* of who is away; the last is the main one's */
#endif
};

#ifdef FIBER_ASAN

/*
 * AddressSanitizer must know on which stack the program is: bounds, and the
 * fake stack that each stack has if use after return is looked for.  It is told
 * before a jump (leave) and after it (arrive, on the other side).
 */

static uint32_t slot_of(const struct fiber *fiber)
{
    return fiber == NULL ? (uint32_t)FIBERS_MAX : fiber->id;
}

static void tell_leave(struct world *w, const struct fiber *from,
                       const struct fiber *to, bool for_ever)
{
    struct stacks *s = w->stacks;
    void **keep = for_ever ? NULL : &s->fake[slot_of(from)];
    if (to == NULL) {
        __sanitizer_start_switch_fiber(keep, s->main_stack, s->main_stack_size);
    } else {
        __sanitizer_start_switch_fiber(keep, to->stack, to->stack_size);
    }
}

static void tell_arrive(struct world *w, const struct fiber *from)
{
    struct stacks *s = w->stacks;
    const void *bottom = NULL;
    size_t size = 0;
    __sanitizer_finish_switch_fiber(s->fake[slot_of(w->current)], &bottom,
                                    &size);
    if (from == NULL) {
        s->main_stack = bottom;
        s->main_stack_size = size;
    }
}

/* A new fiber on an old stack: the frames that were there never returned, and
 * what guarded their variables means nothing now. */
static void tell_made(struct stacks *stacks, const struct fiber *fiber)
{
    stacks->fake[fiber->id] = NULL;
    __asan_unpoison_memory_region(fiber->stack, fiber->stack_size);
}

/* A long jump has left fiber `from`, and with it the frames of the main stack
 * between the loop that it landed in and `innermost`. */
static void tell_escaped(struct world *w, const struct fiber *from,
                         const char *innermost)
{
    tell_leave(w, from, NULL, true);
    __sanitizer_finish_switch_fiber(w->stacks->fake[FIBERS_MAX], NULL, NULL);
    const char *here = __builtin_frame_address(0);
    assert(innermost < here);
    __asan_unpoison_memory_region(innermost, (size_t)(here - innermost));
}

#else

static void tell_leave(struct world *w, const struct fiber *from,
                       const struct fiber *to, bool for_ever)
{
    (void)w;
    (void)from;
    (void)to;
    (void)for_ever;
}

static void tell_arrive(struct world *w, const struct fiber *from)
{
    (void)w;
    (void)from;
}

static void tell_made(struct stacks *stacks, const struct fiber *fiber)
{
    (void)stacks;
    (void)fiber;
}

static void tell_escaped(struct world *w, const struct fiber *from,
                         const char *innermost)
{
    (void)w;
    (void)from;
    (void)innermost;
}

#endif

struct stacks *stacks_new(size_t stack_size, bool sets_modes)
{
    assert(stack_size >= STACK_SIZE_MIN && stack_size <= STACK_SIZE_MAX);
    assert(stack_size % STACK_UNIT == 0);
    struct stacks *s = need(calloc(1, sizeof(*s)), "fiber stacks");
    s->jump = sets_modes ? jump_with_modes : jump_lightly;
    s->modes = modes_now();
    s->guard_size = (size_t)sysconf(_SC_PAGESIZE);
    s->stack_size = stack_size;
    s->slot_size = s->guard_size + stack_size + TLS_SIZE_MAX;
    s->slot_size +=
        (s->guard_size - s->slot_size % s->guard_size) % s->guard_size;
    assert(s->slot_size * FIBERS_MAX <= ROOM_SIZE);
    s->base = MAP_FAILED;
    /* The first room, unless there is a second world beside another one. */
    for (size_t i = 0; i < ROOMS && s->base == MAP_FAILED; i++) {
        s->base = mmap(STACKS_BASE + i * ROOM_SIZE, s->slot_size * FIBERS_MAX,
                       PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
                           MAP_FIXED_NOREPLACE,
                       -1, 0);
    }
    if (s->base == MAP_FAILED) {
        perror("faultline: no address space for fiber stacks");
        exit(70);
    }
    for (uint32_t i = 0; i < FIBERS_MAX; i++) {
        if (mprotect(s->base + i * s->slot_size, s->guard_size, PROT_NONE) !=
            0) {
            perror("faultline: guard page of a fiber stack");
            exit(70);
        }
    }
    return s;
}

void stacks_free(struct stacks *stacks)
{
    if (stacks != NULL) {
        munmap(stacks->base, stacks->slot_size * FIBERS_MAX);
        free(stacks);
    }
}

bool stacks_hold(const struct stacks *stacks, uintptr_t address,
                 uint64_t *offset)
{
    assert(stacks != NULL && offset != NULL);
    *offset = address - (uintptr_t)stacks->base;
    return *offset < stacks->slot_size * FIBERS_MAX;
}

bool stacks_guards(const struct stacks *stacks, const void *address,
                   uint32_t *fiber)
{
    uintptr_t at = (uintptr_t)address - (uintptr_t)stacks->base;
    if (at >= stacks->slot_size * FIBERS_MAX) {
        return false;
    }
    *fiber = (uint32_t)(at / stacks->slot_size);
    return at % stacks->slot_size < stacks->guard_size;
}

/* Notes where the jumping side stopped. */
static void arrive(struct world *w, struct transfer t)
{
    tell_arrive(w, t.data);
    if (t.data == NULL) {
        w->main_context = t.from;
    } else {
        ((struct fiber *)t.data)->context = t.from;
    }
}

/* Makes `to` current and returns its context, which is then used up. */
static void *take_context(struct world *w, struct fiber *to, bool for_ever)
{
    void *context = to == NULL ? w->main_context : to->context;
    assert(context != NULL);
    if (to == NULL) {
        w->main_context = NULL;
        w->quick = 0; /* outside any fiber accesses are no steps */
    } else {
        to->context = NULL;
    }
    tell_leave(w, w->current, to, for_ever);
    w->current = to;
    return context;
}

enum {
    /* Tops of stacks are not a multiple of a page apart: a processor takes a
     * load for one of a store whose address ends alike. */
    COLOURS = 11,
    COLOUR_BYTES = 320,
    /* Above the top: the control words that it begins with. */
    WORDS_BYTES = 16
};

_Static_assert(sizeof(struct modes) <= WORDS_BYTES, "they fit");

static char *top_of(const struct fiber *fiber)
{
    size_t offset = (fiber->id % COLOURS) * (size_t)COLOUR_BYTES + WORDS_BYTES;
    return fiber->stack + fiber->stack_size - offset;
}

/* The first frame of every fiber; unwinding stops here. */
static void begin(struct transfer t)
{
    /* libunwind and gdb look for a caller beyond this frame otherwise. */
#if defined(__x86_64__)
    __asm__ volatile(".cfi_undefined rip");
#elif defined(__aarch64__)
    __asm__ volatile(".cfi_undefined x30");
#endif
    struct world *w = world;
    arrive(w, t);
    struct fiber *self = w->current;
    assert(self != NULL);
    if (w->stacks->jump == jump_with_modes) {
        struct modes modes;
        memcpy(&modes, top_of(self), sizeof(modes));
        modes_set(modes);
    }
    self->entry(self->argument);
    /* From this very frame: calls that never return would leave the processor
     * with places to return to that whoever goes on does not know of. */
    (void)w->stacks->jump(take_context(w, world_over(w), true), self);
    abort();
}

void fiber_make(struct stacks *stacks, struct fiber *fiber, uint8_t fill)
{
    assert(fiber->id < FIBERS_MAX);
    char *slot = stacks->base + fiber->id * stacks->slot_size;
    fiber->stack = slot + stacks->guard_size;
    fiber->stack_size = stacks->stack_size;
    fiber->tls = fiber->stack + fiber->stack_size;
    tell_made(stacks, fiber);
    if (fill != 0) {
        enum {
            TOUCHED = 16384 /* our own frames come first: large in debugging */
        };
        size_t size = fiber->stack_size < TOUCHED ? fiber->stack_size : TOUCHED;
        memset(fiber->stack + fiber->stack_size - size, fill, size);
    }
    char *top = top_of(fiber);
    if (stacks->jump == jump_with_modes) { /* those of who makes it */
        struct modes modes = modes_now();
        memcpy(top, &modes, sizeof(modes));
    }
    fiber->context = make_fcontext(top, (size_t)(top - fiber->stack), begin);
    assert(fiber->context != NULL);
}

void fiber_jump(struct world *w, struct fiber *to)
{
    struct fiber *from = w->current;
    assert(from != to);
    arrive(w, w->stacks->jump(take_context(w, to, false), from));
}

void fiber_leave(struct world *w, struct fiber *to)
{
    struct fiber *from = w->current;
    assert(from != NULL);
    (void)w->stacks->jump(take_context(w, to, true), from);
    abort(); /* nobody jumps to a context that was given up */
}

void fiber_escape(struct world *w)
{
    if (w->current != NULL) {
        assert(w->main_context != NULL);
        /* A context is the innermost address that its stack has in use. */
        tell_escaped(w, w->current, w->main_context);
        modes_set(w->stacks->modes); /* which a long jump leaves as they are */
    }
    w->current = NULL;
    w->main_context = NULL;
    w->quick = 0;
}
