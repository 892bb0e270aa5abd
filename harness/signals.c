/*
 * Signals: SIGSEGV and its kin end the run in hand, with a verdict.
 *
 * The handler runs on a stack of its own, since the fiber's may be what ran
 * out, notes what happened, and jumps to the run loop; the fibers are simply
 * forgotten.  Fifty times in a second of CPU time another handler looks whether
 * the run has made a step since it last looked: a loop without a point cannot
 * be ended in any other way.  It is at once if it is known to be endless, and
 * else after that second, as it may be a long computation.  A third looks every
 * second of the wall's, for a run that sleeps in a system call, where nobody of
 * the simulated world can wake it.
 *
 * The statics are the process's signal state, which is global by nature.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/signals.h"

#include "harness/endless.h"
#include "harness/sim/fiber.h"
#include "harness/sim/world.h"

#define UNW_LOCAL_ONLY
#include <libunwind.h>

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <ucontext.h>

enum {
    HANDLER_STACK = 64 * 1024,
    WATCH_US = 20000,  /* of CPU time, between two looks */
    WATCH_LOOKS = 50,  /* without a step before a run is given up */
    ASLEEP_LOOKS = 3,  /* seconds without a step before a run is given up */
    ASLEEP_US = 50000, /* CPU time of one who sleeps, in a second */
};

/* What __builtin_trap() raises is SIGTRAP on aarch64. */
static const int caught[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};

enum {
    CAUGHT = sizeof(caught) / sizeof(caught[0])
};

/* Mutable, as said above: what the handlers were before. */
static struct sigaction before[CAUGHT];
static bool installed; /* mutable likewise */

/* What the watch for loops without a point saw when it looked last; mutable
 * likewise. */
static struct {
    uint64_t here;  /* which step of which run */
    uint64_t state; /* endless_state() of one of its looks; 0: of none */
    uint32_t looks; /* since there was a step */
} watched;

/* What the third handler saw when it looked last; mutable likewise. */
static struct {
    uint64_t here;
    uint64_t cpu_us;
    long slept;
    uint32_t looks;
} last;

/* Keeps the stack of the code that faulted. */
static void keep_stack(struct world *w, void *context, const char *title)
{
    struct run_log *log = w->log;
    if (!w->recording || log == NULL || log->stacks_count >= 3) {
        return;
    }
    struct log_stack *stack = &log->stacks[log->stacks_count++];
    snprintf(stack->title, sizeof(stack->title), "%s", title);
    unw_cursor_t cursor;
    stack->count = 0;
    if (unw_init_local2(&cursor, context, UNW_INIT_SIGNAL_FRAME) != 0) {
        return;
    }
    do {
        unw_word_t pc = 0;
        unw_get_reg(&cursor, UNW_REG_IP, &pc);
        /* The faulting instruction itself; later frames hold returns. */
        stack->pc[stack->count] = stack->count == 0 ? pc + 1 : pc;
        stack->count++;
    } while (stack->count < STACK_MAX && unw_step(&cursor) > 0);
}

static void end_run(struct world *w, enum run_end end, const char *text)
{
    if (!w->ended) {
        w->ended = true;
        w->end = end;
        w->failed = w->current == NULL ? UINT32_MAX : w->current->id;
        snprintf(w->detail, sizeof(w->detail), "%s", text);
        if (w->log != NULL) {
            w->log->fail_step = w->log->steps_count;
        }
    }
    siglongjmp(w->escape, 1);
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    struct world *w = world;
    if (w == NULL || !w->running) {
        /* Not the code under test: our own fault.  Die of it. */
        (void)signal(number, SIG_DFL);
        (void)raise(number);
        return;
    }
    char text[160];
    uint32_t fiber = 0;
    char who[16] = "the set-up";
    if (w->current != NULL) {
        snprintf(who, sizeof(who), "T%u", w->current->id);
    }
    if (number == SIGSEGV && stacks_guards(w->stacks, info->si_addr, &fiber)) {
        snprintf(
            text, sizeof(text),
            "the stack of T%u is exhausted; unless it recurses for ever, give "
            "it more: `system: { stack: 1MiB }`",
            fiber);
        keep_stack(w, context, "stack overflow");
        end_run(w, RUN_STACK_OVERFLOW, text);
    }
    bool null = (uintptr_t)info->si_addr < 4096;
    if (number == SIGSEGV || number == SIGBUS) {
        snprintf(text, sizeof(text), "%s in %s: %s", sigabbrev_np(number), who,
                 null ? "a null pointer was followed"
                      : "an address that is not mapped");
    } else {
        snprintf(text, sizeof(text), "SIG%s in %s", sigabbrev_np(number), who);
    }
    keep_stack(w, context, text);
    end_run(w, RUN_CRASHED, text);
}

static uint64_t where_is(const struct world *w)
{
    return ((uint64_t)w->execution << 32) + w->step + 1;
}

/* Whether the run has made no step for too long; or none, and it is endless.
 * States are compared with one of a look that is a power of two, so that a
 * loop is left behind that came before another one. */
static bool is_stuck(const struct world *w, const void *context, bool *endless)
{
    if (watched.here != where_is(w)) {
        watched.here = where_is(w);
        watched.state = 0;
        watched.looks = 0;
        return false;
    }
    watched.looks++;
    uint64_t state = endless_state(w, context);
    *endless = state != 0 && state == watched.state;
    if ((watched.looks & (watched.looks - 1)) == 0) {
        watched.state = state;
    }
    return *endless || watched.looks >= WATCH_LOOKS;
}

static void on_watch(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    struct world *w = world;
    if (w == NULL || !w->running) {
        return;
    }
    bool endless = false;
    if (!is_stuck(w, context, &endless)) {
        return;
    }
    keep_stack(w, context, "a loop that reaches no point");
    char text[180];
    if (w->current == NULL) { /* create(), set-up, settle(), destroy() */
        snprintf(text, sizeof(text), "the set-up or settling does not end");
    } else if (endless) {
        snprintf(text, sizeof(text),
                 "T%u spins for ever: it reaches no point, and all is as it "
                 "was; if it waits for a plain variable, make that atomic, for "
                 "compilers may read it once",
                 w->current->id);
    } else {
        snprintf(text, sizeof(text),
                 "T%u runs without reaching a point; if it waits for a plain "
                 "variable, make that atomic, or say `races: explore`",
                 w->current->id);
    }
    end_run(w, RUN_STUCK, text);
}

/* Whether the signal interrupted a system call that slept, as far as the
 * machine tells: it stopped behind the instruction, with EINTR, or before it,
 * to make the call again. */
static bool is_in_call(const void *context)
{
#if defined(__x86_64__)
    const ucontext_t *at = context;
    const greg_t *registers = at->uc_mcontext.gregs;
    uintptr_t pc = (uintptr_t)registers[REG_RIP];
    bool behind = registers[REG_RAX] == -EINTR;
    unsigned char instruction[2];
    const void *bytes = NULL;
    pc -= behind ? sizeof(instruction) : 0;
    memcpy(&bytes, &pc, sizeof(bytes));
    memcpy(instruction, bytes, sizeof(instruction));
    return instruction[0] == 0x0f && instruction[1] == 0x05;
#elif defined(__aarch64__)
    const ucontext_t *at = context;
    uintptr_t pc = at->uc_mcontext.pc;
    bool behind = at->uc_mcontext.regs[0] == (uint64_t)-EINTR;
    uint32_t instruction;
    const void *bytes = NULL;
    pc -= behind ? sizeof(instruction) : 0;
    memcpy(&bytes, &pc, sizeof(bytes));
    memcpy(&instruction, bytes, sizeof(instruction));
    return instruction == 0xd4000001u; /* svc #0 */
#else
#error "which instruction calls the system here?"
#endif
}

/* Looks whether the run sleeps in the system: it gave the processor away by
 * itself, as one that merely waits for a processor does not, and stands in a
 * call; or it is where it was, and has used no CPU time. */
static void on_second(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    struct world *w = world;
    struct rusage usage;
    if (w == NULL || !w->running || getrusage(RUSAGE_SELF, &usage) != 0) {
        last.looks = 0;
        return;
    }
    uint64_t cpu =
        (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000u +
        (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    bool slept = usage.ru_nvcsw > last.slept;
    bool sleeps =
        slept && where_is(w) == last.here && cpu - last.cpu_us < ASLEEP_US;
    last.here = where_is(w);
    last.cpu_us = cpu;
    last.slept = usage.ru_nvcsw;
    last.looks = sleeps ? last.looks + 1 : 0;
    if (last.looks < ASLEEP_LOOKS && !(slept && is_in_call(context))) {
        return;
    }
    last.looks = 0;
    keep_stack(w, context, "a call that blocks");
    char text[100];
    char who[16] = "the set-up";
    if (w->current != NULL) {
        snprintf(who, sizeof(who), "T%u", w->current->id);
    }
    snprintf(text, sizeof(text), "%s blocks in a call that is not simulated",
             who);
    end_run(w, RUN_OUTSIDE, text);
}

static void handle(int number, void (*handler)(int, siginfo_t *, void *),
                   struct sigaction *old)
{
    struct sigaction action = {.sa_sigaction = handler,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK |
                                           SA_NODEFER | SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (sigaction(number, &action, old) != 0) {
        perror("faultline: sigaction");
        exit(70);
    }
}

/* Starts the watch; a child of fork() has none. */
static void start_watch(void)
{
    struct itimerval often = {.it_interval = {.tv_usec = WATCH_US},
                              .it_value = {.tv_usec = WATCH_US}};
    setitimer(ITIMER_VIRTUAL, &often, NULL);
}

void signals_inherit(void)
{
    if (installed) {
        struct itimerval seconds = {.it_interval = {.tv_sec = 1},
                                    .it_value = {.tv_sec = 1}};
        start_watch();
        setitimer(ITIMER_REAL, &seconds, NULL);
    }
}

void signals_install(void)
{
    if (installed) {
        return;
    }
    /* Resident at once: whenever the first signal comes, nothing grows. */
    void *stack = mmap(NULL, HANDLER_STACK, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    stack_t alternative = {.ss_sp = stack, .ss_size = HANDLER_STACK};
    if (stack == MAP_FAILED || sigaltstack(&alternative, NULL) != 0) {
        perror("faultline: signal stack");
        exit(70);
    }
    for (int i = 0; i < CAUGHT; i++) {
        handle(caught[i], on_fault, &before[i]);
    }
    handle(SIGVTALRM, on_watch, NULL);
    handle(SIGALRM, on_second, NULL);
    start_watch();
    installed = true;
}

void signals_remove(void)
{
    if (!installed) {
        return;
    }
    struct itimerval never = {.it_value = {.tv_sec = 0}};
    setitimer(ITIMER_VIRTUAL, &never, NULL);
    setitimer(ITIMER_REAL, &never, NULL);
    for (int i = 0; i < CAUGHT; i++) {
        sigaction(caught[i], &before[i], NULL);
    }
    installed = false;
}
