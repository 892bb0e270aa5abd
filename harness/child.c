/*
 * Children: fork, wait with a deadline, and tell how it ended.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/child.h"
#include "harness/signals.h"
#include "harness/wall.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

static void wait_end(pid_t child, struct child_end *end)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        assert(errno == EINTR);
    }
    end->exited = WIFEXITED(status);
    end->code = end->exited ? WEXITSTATUS(status) : 0;
    end->signal = end->exited ? 0 : WTERMSIG(status);
}

struct child_end child_run(int (*work)(void *argument), void *argument,
                           uint64_t deadline, struct interrupt *interrupt)
{
    assert(work != NULL);
    struct child_end end = {0};
    (void)fflush(NULL); /* or the child would print it a second time */
    pid_t child = fork();
    if (child < 0) {
        perror("faultline: cannot start a process");
        exit(70);
    }
    if (child == 0) {
        signals_inherit();
        int code = work(argument);
        (void)fflush(NULL);
        _exit(code);
    }
    int fd = pidfd_open(child, 0);
    while (fd >= 0 &&
           !interrupt_wait(interrupt, fd, wall_left(deadline, 500))) {
        end.too_late = wall_left(deadline, 1) == 0;
        end.stopped = interrupt != NULL && interrupt->asked > 1;
        if (end.too_late || end.stopped) {
            (void)kill(child, SIGKILL);
            break;
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    wait_end(child, &end);
    return end;
}

const volatile unsigned char *child_mark(void)
{
    long page = sysconf(_SC_PAGESIZE);
    assert(page > 0);
    unsigned char *mark = mmap(NULL, (size_t)page, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mark == MAP_FAILED ||
        madvise(mark, (size_t)page, MADV_WIPEONFORK) != 0) {
        perror("faultline: no page to mark");
        exit(70);
    }
    mark[0] = 1;
    return mark;
}

void *child_share(size_t size)
{
    assert(size > 0);
    void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        perror("faultline: no memory to share");
        exit(70);
    }
    return shared;
}

void child_unshare(void *shared, size_t size)
{
    if (shared != NULL) {
        (void)munmap(shared, size);
    }
}

/* The arguments as posix_spawnp() wants them: it does not write to them, but
 * its prototype is older than const. */
static char *const *spawn_arguments(const char *const *arguments)
{
    union {
        const char *const *given;
        char *const *wanted;
    } cast = {.given = arguments};
    return cast.wanted;
}

/* Stream `number` of the child is `file`, or nowhere. */
static void redirect(posix_spawn_file_actions_t *actions, int number, int file)
{
    if (file >= 0) {
        (void)posix_spawn_file_actions_adddup2(actions, file, number);
    } else {
        (void)posix_spawn_file_actions_addopen(actions, number, "/dev/null",
                                               O_WRONLY, 0);
    }
}

int child_spawn(const char *const *arguments, int output)
{
    return child_call(arguments, output, -1);
}

int child_call(const char *const *arguments, int output, int errors)
{
    assert(arguments != NULL && arguments[0] != NULL);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawnattr_init(&attributes) != 0) {
        return 127;
    }
    sigset_t none;
    sigemptyset(&none);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    (void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY,
                                           0);
    redirect(&actions, 1, output);
    redirect(&actions, 2, errors);
    pid_t child = 0;
    int failed = posix_spawnp(&child, arguments[0], &actions, &attributes,
                              spawn_arguments(arguments), environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    if (failed != 0) {
        return 127;
    }
    struct child_end end = {0};
    wait_end(child, &end);
    return end.exited ? end.code : 128 + end.signal;
}
