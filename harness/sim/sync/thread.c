/*
 * Threads that the program makes: fibers, with a result for whoever joins.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/families.h"
#include "harness/sim/memory.h"
#include "harness/sim/program.h"
#include "harness/sim/sync/functions.h"
#include "harness/sim/sync/objects.h"
#include "harness/sim/twins.h"

#include <assert.h>
#include <errno.h>

/* A pthread_t is the fiber's id plus 1: never 0, and small in reports. */
static pthread_t handle_of(uint32_t fiber)
{
    return (pthread_t)fiber + 1;
}

/* The thread of that handle, or NULL if the program made none such. */
static struct thread_entry *entry_of(struct world *w, pthread_t thread)
{
    if (thread == 0 || thread > w->fibers_count) {
        return NULL;
    }
    struct thread_entry *entry = &w->sync->threads[thread - 1];
    return entry->execution == w->sync->execution ? entry : NULL;
}

/* The life of a thread.  Its fiber ends in order when this returns. */
static void live(void *argument)
{
    (void)argument; /* known only after the fiber is made */
    struct world *w = world;
    struct thread_entry *self = &w->sync->threads[w->current->id];
    assert(self->execution == w->sync->execution);
    if (self->start.posix != NULL) {
        self->result = self->start.posix(self->start.argument);
    } else {
        self->result = (void *)(intptr_t)self->start.c11(self->start.argument);
    }
    cancel_leave();
    sync_leave(w);
}

/* Makes the fiber.  It dies with its process; where there are only threads, a
 * fault that takes its maker leaves it alone. */
static uint32_t spawn(struct world *w)
{
    assert(w->current != NULL);
    uint32_t process = w->current->process;
    uint32_t target = w->current->process_target;
    uint32_t id = world_spawn(w, process, live, NULL);
    if (id == NO_FIBER) {
        return NO_FIBER;
    }
    bool alone = w->scenario->system.kind == SYSTEM_THREADS;
    w->fibers[id].process_target = alone ? id : target;
    if (w->log != NULL && w->log->lanes < w->fibers_count) {
        w->log->lanes = w->fibers_count;
    }
    memory_adopt(w, id);
    return id;
}

int thread_create(pthread_t *thread, const pthread_attr_t *attr,
                  const struct sim_start *start, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return EAGAIN; /* constructors are run before there are threads */
    }
    if (w->current == NULL) {
        /* The first fibers are the clients', by number. */
        world_fail(w, RUN_MISUSE,
                   "set-up or settling code makes a thread; only operations, "
                   "enter() and serve() may");
        return EAGAIN;
    }
    bool at_once = family_goes_on(w);
    world_point(w, FL_STEP_SYNC, NULL);
    world_touch(w, &w->fibers_count, 0, true); /* who comes first gets the
                                                * lower number */
    uint32_t id = spawn(w);
    if (id == NO_FIBER) {
        object_acted(w, NULL, "pthread_create", EAGAIN, pc);
        world_fail(w, RUN_BEYOND,
                   "%s makes a thread, and %u there were, which is all that "
                   "one run has room for",
                   owner_name(sync_self(w), (char[24]){""}),
                   (unsigned)w->fibers_count);
        return EAGAIN;
    }
    int detached = PTHREAD_CREATE_JOINABLE;
    if (attr != NULL) {
        pthread_attr_getdetachstate(attr, &detached);
    }
    assert(id < FIBERS_MAX);
    w->sync->threads[id] =
        (struct thread_entry){.start = *start,
                              .execution = w->sync->execution,
                              .detached = detached == PTHREAD_CREATE_DETACHED};
    traits_inherit(w, id);
    memory_spawn(w, id);
    *thread = handle_of(id);
    object_acted(w, thread, "pthread_create", 0, pc);
    family_add(w, id, thread, attr, at_once);
    return 0;
}

/* Whether `thread` may be joined; fails the run if not. */
static bool may_join(struct world *w, pthread_t thread)
{
    const struct thread_entry *entry = entry_of(w, thread);
    const char *why = entry == NULL     ? "it did not make"
                      : entry->detached ? "that is detached"
                      : entry->joined   ? "that was joined before"
                                        : NULL;
    if (why == NULL) {
        return true;
    }
    char me[24];
    world_fail(w, RUN_MISUSE, "%s joins a thread %s",
               owner_name(sync_self(w), me), why);
    return false;
}

/* The thread has ended: hands over its result. */
static int collect(struct world *w, pthread_t thread, void **result)
{
    struct thread_entry *entry = entry_of(w, thread);
    assert(entry != NULL && !entry->joined);
    entry->joined = true;
    memory_join(w, (uint32_t)(thread - 1));
    if (result != NULL) {
        *result = entry->result;
    }
    return 0;
}

int thread_join(pthread_t thread, void **result, const struct sim_limit *limit,
                uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return ESRCH;
    }
    uint64_t deadline;
    int status = clock_deadline(w, limit, &deadline);
    if (status != 0) {
        return status;
    }
    bool waits = deadline == FOREVER && entry_of(w, thread) != NULL;
    if (waits && w->current != NULL) {
        family_join(w, (uint32_t)(thread - 1));
    } else {
        family_handle(w, (uint32_t)(thread - 1));
    }
    world_point_of(
        w, (struct operation){.kind = FL_STEP_SYNC,
                              .awaits = waits ? AWAITS_THREAD : AWAITS_NOTHING,
                              .thread = waits ? (uint8_t)(thread - 1) : 0});
    if (w->current != NULL && thread == handle_of(w->current->id)) {
        return EDEADLK;
    }
    if (!may_join(w, thread)) {
        return EINVAL;
    }
    uint32_t id = (uint32_t)(thread - 1);
    const struct fiber *f = &w->fibers[id]; /* world_exit() wakes it */
    assert(f->id == id);
    world_touch(w, f, 0, true);
    if (cancel_is_due(w)) {
        return SIM_CANCELLED;
    }
    while (f->state != FIBER_DONE) {
        if (!object_wait_lightly(w, f, "thread's end", id, deadline)) {
            if (cancel_is_due(w)) {
                return SIM_CANCELLED;
            }
            object_acted(w, NULL, "pthread_join", ETIMEDOUT, pc);
            return ETIMEDOUT;
        }
    }
    status = collect(w, thread, result);
    object_acted(w, NULL, "pthread_join", status, pc);
    family_joined(w, id, w->sync->threads[id].result, result != NULL);
    return status;
}

int thread_tryjoin(pthread_t thread, void **result, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return ESRCH;
    }
    family_handle(w, (uint32_t)(thread - 1));
    world_point(w, FL_STEP_SYNC, NULL);
    memory_drain(w);
    if (!may_join(w, thread)) {
        return EINVAL;
    }
    world_touch(w, &w->fibers[thread - 1], 0, true);
    if (w->fibers[thread - 1].state != FIBER_DONE) {
        object_refused(w, NULL, "pthread_tryjoin", EBUSY, pc);
        return EBUSY;
    }
    return collect(w, thread, result);
}

int thread_detach(pthread_t thread, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL) {
        return ESRCH;
    }
    family_handle(w, (uint32_t)(thread - 1));
    world_point(w, FL_STEP_SYNC, NULL);
    memory_drain(w);
    struct thread_entry *entry = entry_of(w, thread);
    if (entry == NULL) {
        return ESRCH;
    }
    world_touch(w, &w->fibers[thread - 1], 0, true);
    if (entry->detached || entry->joined) {
        return EINVAL;
    }
    entry->detached = true;
    object_acted(w, NULL, "pthread_detach", 0, pc);
    return 0;
}

void thread_exit(void *result, uintptr_t pc)
{
    struct world *w = world;
    struct thread_entry *self = w == NULL || w->current == NULL
                                    ? NULL
                                    : entry_of(w, handle_of(w->current->id));
    bool program = w != NULL && w->scenario->system.source.files.count > 0;
    if (self == NULL && program && w->current != NULL) {
        sync_leave(w);
        program_leave(w);
        return;
    }
    if (self == NULL) {
        fl_sim_functions.program_refuse("pthread_exit", pc);
        return;
    }
    assert(self->execution == w->sync->execution);
    self->result = result;
    sync_leave(w);
    world_exit(w);
}

pthread_t thread_self(void)
{
    twins_named(world);
    return handle_of(world == NULL ? OUTSIDE : sync_self(world));
}

int thread_attributes(pthread_t thread, pthread_attr_t *attr)
{
    struct world *w = world;
    if (w == NULL || thread == 0 || thread > w->fibers_count) {
        return ESRCH;
    }
    family_handle(w, (uint32_t)(thread - 1));
    const struct fiber *f = &w->fibers[thread - 1];
    int status = pthread_attr_init(attr);
    if (status == 0) {
        status = pthread_attr_setstack(attr, f->stack, f->stack_size);
    }
    return status;
}

int thread_yield(uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL || w->current == NULL) {
        return 0;
    }
    world_point(w, FL_STEP_TIME, NULL);
    object_refused(w, NULL, "sched_yield", 0, pc);
    return 0;
}
