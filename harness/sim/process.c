/*
 * Simulated processes: pids.
 *
 *     100 + p          process p when the run begins
 *     200, 201, ...    processes that came back with a new pid
 *     1000 + f         the thread on fiber f
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/process.h"

#include "harness/sim/memory.h"
#include "harness/sim/sync/objects.h"
#include "harness/sim/twins.h"

#include <assert.h>
#include <errno.h>

enum {
    PID_FIRST = 100,
    PID_AGAIN = 200,
    TID_FIRST = 1000,
};

/* The identity of `process`, as it is in this run. */
static struct identity *identity_of(struct sync *sync, uint32_t process)
{
    assert(process < FIBERS_MAX);
    struct identity *who = &sync->processes[process];
    if (who->execution != sync->execution) {
        *who = (struct identity){.execution = sync->execution,
                                 .pid = PID_FIRST + (pid_t)process};
    }
    return who;
}

void process_died(uint32_t process, bool pid_reused)
{
    assert(world != NULL);
    struct identity *who = identity_of(world->sync, process);
    who->dead = true;
    who->pid_reused = pid_reused;
}

void process_restarted(uint32_t process)
{
    assert(world != NULL);
    struct sync *sync = world->sync;
    struct identity *who = identity_of(sync, process);
    assert(who->dead);
    who->dead = false;
    if (!who->pid_reused) {
        who->pid = PID_AGAIN + sync->next_pid++;
    }
}

void process_acts(uint32_t process)
{
    assert(world != NULL && process < FIBERS_MAX);
    world->sync->outside = process;
}

uint32_t process_acting(const struct world *w)
{
    if (w->current != NULL) {
        return w->current->process;
    }
    return w->sync == NULL ? 0 : w->sync->outside;
}

pid_t process_pid(uint32_t process)
{
    assert(world != NULL);
    return identity_of(world->sync, process)->pid;
}

int64_t process_clock_jump(uint32_t process)
{
    assert(world != NULL && world->sync != NULL);
    return identity_of(world->sync, process)->clock_jump;
}

void process_jump_clock(uint32_t process, int64_t by)
{
    assert(world != NULL && world->sync != NULL);
    identity_of(world->sync, process)->clock_jump += by;
}

/* Whether the thread numbered `tid` is one that still runs. */
static bool is_thread(const struct world *w, pid_t tid)
{
    uint32_t id = (uint32_t)(tid - TID_FIRST);
    return id < w->fibers_count && w->fibers[id].state != FIBER_DONE &&
           w->fibers[id].state != FIBER_CRASHED;
}

bool process_alive(pid_t pid)
{
    struct world *w = world;
    assert(w != NULL);
    if (pid >= TID_FIRST) {
        return is_thread(w, pid);
    }
    /* A process exists if some fiber was ever made for it. */
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        const struct identity *who = identity_of(w->sync, w->fibers[i].process);
        if (who->pid == pid && !who->dead) {
            return true;
        }
    }
    return false;
}

pid_t process_self(void)
{
    struct world *w = world;
    if (w == NULL) {
        return PID_FIRST;
    }
    return process_pid(w->current == NULL ? w->sync->outside
                                          : w->current->process);
}

pid_t thread_number(void)
{
    struct world *w = world;
    twins_named(w);
    return TID_FIRST + (w == NULL ? (pid_t)OUTSIDE : (pid_t)sync_self(w));
}

/* Whoever sees that a process is dead comes behind all that it did. */
static void join_dead(struct world *w, pid_t pid)
{
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        if (identity_of(w->sync, w->fibers[i].process)->pid == pid) {
            memory_join(w, i);
        }
    }
}

int process_signal(pid_t pid, int signal, uintptr_t pc)
{
    struct world *w = world;
    if (w == NULL || signal != 0) {
        fl_sim_functions.program_refuse("kill (with a signal other than 0)",
                                        pc);
        return -1;
    }
    world_point(w, FL_STEP_SYNC, NULL);
    memory_drain(w);
    if (process_alive(pid)) {
        return 0;
    }
    join_dead(w, pid);
    *fl_sim_functions.errno_address() = ESRCH;
    return -1;
}
