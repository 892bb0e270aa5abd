/*
 * Synchronisation objects of the simulated world: pthreads and semaphores.
 *
 * Static initialisers are never announced, so objects live in a side table by
 * address, made on first use; entries carry the execution number instead of
 * being cleared.  The functions that programs call are in interpose.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_SYNC_H
#define HX_SIM_SYNC_H

#include "harness/sim/world.h"

struct sync;

/* Makes an empty table of objects; ends the program if there is no memory. */
struct sync *sync_new(void);
void sync_free(struct sync *sync);

/* Forgets all objects, in constant time. */
void sync_reset(struct sync *sync);

/* Fiber `fiber` is about to be crashed (its state is still what it was): its
 * robust mutexes become EOWNERDEAD; all else that it holds stays held. */
void sync_crash(struct world *w, uint32_t fiber);

/* The current fiber has run its thread to the end, in order: destroys its
 * thread-specific values (at most four rounds), and robust mutexes that it
 * holds become EOWNERDEAD.  To be called last in the life of every fiber that
 * runs code of the program, before world_exit(). */
void sync_leave(struct world *w);

/* The same for the first thread of a program, which ends with all the others:
 * its thread-specific values are left. */
void sync_stop(struct world *w);

/* The thread-local block of the current fiber, filled from the image of its
 * process's plug-in at its first use. */
void *sync_thread_locals(struct world *w);

/* The fiber that holds the lock at `address`, or NO_FIBER. */
uint32_t sync_holder(const struct sync *sync, const void *address);

/* Whether somebody wishes that `fiber` end, and it will where it waits. */
bool sync_is_cancelled(const struct sync *sync, uint32_t fiber);

/* Whether `next`, a move of `fiber`, would only wait: by the state of its
 * object, if that is known and sound. */
bool sync_would_wait(const struct sync *sync, const struct operation *next,
                     uint32_t fiber);

/* The state of all objects and thread-specific values, as one number. */
uint64_t sync_state(const struct sync *sync);

/* The table of functions that plug-ins reach through their shim; filled once,
 * passed to each plug-in after it is loaded. */
struct sim_table;
const struct sim_table *sim_table(void);

#endif
