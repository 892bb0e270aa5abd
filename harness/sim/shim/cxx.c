/*
 * What the runtime library of C++ asks of libc, where libc's answer would be
 * about the harness.
 *
 * Destructors of static objects do not run: the program's memory is put back
 * as a whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

enum {
    PROCESSORS = 4
};

/* Of libc: whether there is one thread only.  Then reference counts would be
 * raised without atomics, and nothing of them would be seen. */
HIDDEN extern char __libc_single_threaded;
HIDDEN char __libc_single_threaded = 0;

HIDDEN int __cxa_atexit(void (*routine)(void *), void *argument, void *object);
HIDDEN int __cxa_atexit(void (*routine)(void *), void *argument, void *object)
{
    (void)routine;
    (void)argument;
    (void)object;
    return 0;
}

HIDDEN int get_nprocs(void);
HIDDEN int get_nprocs(void)
{
    return PROCESSORS;
}

HIDDEN char *gettext(const char *text);
HIDDEN char *gettext(const char *text)
{
    union {
        const char *given;
        char *wanted;
    } cast = {.given = text};
    return cast.wanted;
}
