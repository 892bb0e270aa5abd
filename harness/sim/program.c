/*
 * The program under test: its chance, its output and its end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/program.h"

#include "harness/sim/world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A constructor of a plug-in asks for what only a run can give. */
static void end_loading(const char *what)
{
    fprintf(stderr,
            "faultline: a constructor of the plug-in calls %s; constructors "
            "run while it is loaded, before there is a world to do it in\n",
            what);
    abort();
}

/* The run has failed; nothing of the program may run any more.  In a fiber
 * world_fail() did not come back. */
static void end_here(struct world *w)
{
    assert(w->current == NULL);
    siglongjmp(w->escape, 1);
}

uint64_t program_random(void)
{
    struct world *w = world;
    if (w == NULL) {
        return 0x9e3779b97f4a7c15u; /* constructors see one value */
    }
    world_polls(w);
    uint64_t drawn = choice_word(&w->choice, STREAM_PROGRAM);
    return choice_settle(&w->choice, STREAM_PROGRAM, drawn);
}

void program_abort(uintptr_t pc)
{
    (void)pc;
    struct world *w = world;
    if (w == NULL) {
        end_loading("abort()");
    }
    world_keep_stack(w, "abort() was called here");
    world_fail(w, RUN_ABORTED, "abort() was called");
    end_here(w);
}

void program_exit(int status, uintptr_t pc)
{
    (void)pc;
    struct world *w = world;
    if (w == NULL) {
        end_loading("exit()");
    }
    world_keep_stack(w, "exit() was called here");
    world_fail(w, RUN_ABORTED, "exit(%d) was called", status);
    end_here(w);
}

void program_assert(const char *expression, const char *file, unsigned line,
                    uintptr_t pc)
{
    (void)pc;
    struct world *w = world;
    if (w == NULL) {
        end_loading("assert()");
    }
    const char *slash = strrchr(file, '/');
    world_keep_stack(w, "the assertion failed here");
    world_fail(w, RUN_ASSERTION, "%s:%u: assertion failed: %s",
               slash == NULL ? file : slash + 1, line, expression);
    end_here(w);
}

int program_print(FILE *stream, const char *format, va_list arguments)
{
    (void)stream; /* stdout is the report's */
    const struct world *w = world;
    return w != NULL && w->recording ? vfprintf(stderr, format, arguments)
                                     : vsnprintf(NULL, 0, format, arguments);
}

void program_refuse(const char *name, uintptr_t pc)
{
    (void)pc;
    struct world *w = world;
    if (w == NULL) {
        end_loading(name);
    }
    world_keep_stack(w, "the refused call");
    world_fail(w, RUN_MISUSE,
               "%s() is not part of the simulated world: leave it out of the "
               "code under test",
               name);
}
