/*
 * Simulated processes: who is who, and who is alive.
 *
 * A process is known by a number that may come back: whoever recovers a lock
 * by asking whether its owner's pid is alive is fooled when another process
 * has got that pid.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_PROCESS_H
#define HX_SIM_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* In the run of the current world process `process` has died.  Should it come
 * back, it will have the same pid if `pid_reused`, else a new one. */
void process_died(uint32_t process, bool pid_reused);

/* It is back. */
void process_restarted(uint32_t process);

/* Code outside any fiber (create() of a process) now acts for `process`. */
void process_acts(uint32_t process);

/* The process that acts now in `w`: that of the current fiber, or the one named
 * last by process_acts(). */
struct world;
uint32_t process_acting(const struct world *w);

/* The pid that process `process` has now, or had last. */
pid_t process_pid(uint32_t process);

/* How far the wall clock of `process` is off, in ns; forward is positive. */
int64_t process_clock_jump(uint32_t process);

/* It jumps by `by` more. */
void process_jump_clock(uint32_t process, int64_t by);

/* Whether a living process, or thread of one, has the number `pid`. */
bool process_alive(pid_t pid);

/* getpid(), gettid() and kill() of the program.  A signal other than 0 is
 * refused. */
pid_t process_self(void);
pid_t thread_number(void);
int process_signal(pid_t pid, int signal, uintptr_t pc);

#endif
