/*
 * Interrupts, by signalfd: the loop that waits for workers waits for them, too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/interrupt.h"
#include "harness/wall.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
    MOMENT_MS = 300 /* nobody means two things in so short a time */
};

void interrupt_open(struct interrupt *interrupt)
{
    assert(interrupt != NULL);
    *interrupt = (struct interrupt){.fd = -1};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    if (sigprocmask(SIG_BLOCK, &set, &interrupt->before) == 0) {
        interrupt->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    }
    if (interrupt->fd < 0) {
        perror("faultline: cannot listen for signals");
        exit(70);
    }
}

void interrupt_close(struct interrupt *interrupt)
{
    assert(interrupt != NULL);
    if (interrupt->fd >= 0) {
        close(interrupt->fd);
        interrupt->fd = -1;
        (void)sigprocmask(SIG_SETMASK, &interrupt->before, NULL);
    }
}

/* A signal that asks to stop was read. */
static void ask(struct interrupt *interrupt)
{
    uint64_t now = wall_ms();
    assert(now >= interrupt->last);
    if (interrupt->asked == 0 || now - interrupt->last >= MOMENT_MS) {
        interrupt->asked++;
        interrupt->last = now;
    }
}

void interrupt_read(struct interrupt *interrupt)
{
    if (interrupt == NULL || interrupt->fd < 0) {
        return;
    }
    struct signalfd_siginfo info;
    while (read(interrupt->fd, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGUSR1) {
            interrupt->status = true;
        } else {
            ask(interrupt);
        }
    }
}

bool interrupt_wait(struct interrupt *interrupt, int fd, int milliseconds)
{
    assert(milliseconds >= 0);
    struct pollfd polled[2] = {
        {.fd = fd, .events = POLLIN},
        {.fd = interrupt == NULL ? -1 : interrupt->fd, .events = POLLIN},
    };
    int ready = poll(polled, 2, milliseconds);
    assert(ready >= 0 || errno == EINTR);
    if (ready <= 0) {
        return false;
    }
    if (polled[1].revents != 0) {
        interrupt_read(interrupt);
    }
    return polled[0].revents != 0;
}
