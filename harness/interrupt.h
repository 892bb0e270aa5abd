/*
 * Interrupts: what a person at the keyboard asks of a long command.
 *
 * SIGINT or SIGTERM once means "finish with what there is", twice "stop now";
 * SIGUSR1 asks for a line of status.  What comes again within a moment is the
 * same request: timeout(1) signals its child and then the whole group.
 *
 * The signals are blocked and read from a descriptor, so nothing here runs in a
 * signal handler.  Children inherit the block: a Ctrl-C at the terminal reaches
 * the parent alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_INTERRUPT_H
#define HX_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct interrupt {
    int fd;          /* readable when something was asked; -1: not open */
    uint32_t asked;  /* how often the command was asked to stop */
    uint64_t last;   /* and when it was the last time, of wall_ms() */
    bool status;     /* a line of status is wanted; whoever prints it clears */
    sigset_t before; /* the mask of the caller */
};

/* Starts listening.  Ends the program if the system refuses. */
void interrupt_open(struct interrupt *interrupt);

/* Stops listening and restores the mask. */
void interrupt_close(struct interrupt *interrupt);

/* Reads what was asked since; never waits.  NULL is allowed. */
void interrupt_read(struct interrupt *interrupt);

/* Waits at most `milliseconds` until `fd` (-1: none) is readable or something
 * is asked, and reads what was asked.  True: `fd` is readable. */
bool interrupt_wait(struct interrupt *interrupt, int fd, int milliseconds);

#endif
