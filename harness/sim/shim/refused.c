/*
 * What the simulated world cannot do, refused by name where it is called.
 *
 * A function that slipped through to libc would act on the harness itself: a
 * fork() would copy the campaign, a signal handler would outlive the run.  A
 * refusal is a verdict that names the line; the returned error is for code
 * outside any thread, where a verdict cannot stop it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* -1 and ENOSYS, for a function called `name` at `pc`. */
static int refuse(const char *name, uintptr_t pc)
{
    fl_sim_table->program_refuse(name, pc);
    *fl_sim_table->errno_address() = ENOSYS;
    return -1;
}

HIDDEN pid_t fork(void)
{
    return refuse("fork", PC);
}

HIDDEN pid_t vfork(void)
{
    return refuse("vfork", PC);
}

HIDDEN int execv(const char *path, char *const arguments[])
{
    (void)path;
    (void)arguments;
    return refuse("execv", PC);
}

HIDDEN int execve(const char *path, char *const arguments[],
                  char *const environment[])
{
    (void)path;
    (void)arguments;
    (void)environment;
    return refuse("execve", PC);
}

HIDDEN int execvp(const char *file, char *const arguments[])
{
    (void)file;
    (void)arguments;
    return refuse("execvp", PC);
}

HIDDEN int execl(const char *path, const char *argument, ...)
{
    (void)path;
    (void)argument;
    return refuse("execl", PC);
}

HIDDEN int execlp(const char *file, const char *argument, ...)
{
    (void)file;
    (void)argument;
    return refuse("execlp", PC);
}

HIDDEN int system(const char *command)
{
    (void)command;
    return refuse("system", PC);
}

HIDDEN pid_t wait(int *status)
{
    (void)status;
    return refuse("wait", PC);
}

HIDDEN pid_t waitpid(pid_t pid, int *status, int options)
{
    (void)pid;
    (void)status;
    (void)options;
    return refuse("waitpid", PC);
}

HIDDEN sem_t *sem_open(const char *name, int mode, ...)
{
    (void)name;
    (void)mode;
    refuse("sem_open", PC);
    return SEM_FAILED;
}

HIDDEN int sem_close(sem_t *semaphore)
{
    (void)semaphore;
    return refuse("sem_close", PC);
}

HIDDEN int sem_unlink(const char *name)
{
    (void)name;
    return refuse("sem_unlink", PC);
}

HIDDEN int shm_open(const char *name, int mode, mode_t rights)
{
    (void)name;
    (void)mode;
    (void)rights;
    return refuse("shm_open", PC);
}

HIDDEN int shm_unlink(const char *name)
{
    (void)name;
    return refuse("shm_unlink", PC);
}

HIDDEN int ftruncate(int file, off_t size)
{
    (void)file;
    (void)size;
    return refuse("ftruncate", PC);
}

HIDDEN int mprotect(void *at, size_t size, int protection)
{
    (void)at;
    (void)size;
    (void)protection;
    return refuse("mprotect", PC);
}
