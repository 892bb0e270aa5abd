/*
 * The program under test: its chance, its output and its end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/program.h"

#include "harness/instead.h"
#include "harness/runner.h"
#include "harness/sim/fiber.h"
#include "harness/sim/sync/objects.h"
#include "harness/sim/world.h"

#include <assert.h>
#include <errno.h>
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

/* What runs is a program with a main(), which may end as it likes. */
static bool is_program(const struct world *w)
{
    return w->scenario->system.source.files.count > 0 && w->current != NULL;
}

/* The program has ended in order, with all its threads. */
static void program_done(struct world *w)
{
    assert(w->current != NULL);
    w->clients_left = 0;
    w->ended = true;
    w->end = RUN_FINISHED;
    fiber_leave(w, NULL);
}

void program_leave(struct world *w)
{
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        const struct fiber *f = &w->fibers[i];
        while (f != w->current && f->state != FIBER_DONE &&
               f->state != FIBER_CRASHED) {
            object_wait(w, f, "thread's end", i, FOREVER);
        }
    }
}

int fl_program_arguments(char ***words)
{
    struct world *w = world;
    assert(w != NULL && w->runner != NULL);
    struct runner *r = w->runner;
    const struct source_section *source = &w->scenario->system.source;
    size_t used = 0;
    uint32_t count = 0;
    /* Made anew for each run: the program may write to them. */
    for (uint32_t i = 0; i <= source->arguments.count; i++) {
        const char *word =
            i == 0 ? source->files.name[0] : source->arguments.name[i - 1];
        size_t size = strlen(word) + 1;
        if (used + size > sizeof(r->words_text)) {
            break;
        }
        r->words[count++] = memcpy(r->words_text + used, word, size);
        used += size;
    }
    r->words[count] = NULL;
    *words = r->words;
    return (int)count;
}

void fl_program_returned(int status)
{
    struct world *w = world;
    assert(w != NULL);
    if (status != 0) {
        world_fail(w, RUN_ABORTED, "main() returned %d", status);
    }
}

void program_exit(int status, uintptr_t pc)
{
    (void)pc;
    struct world *w = world;
    if (w == NULL) {
        end_loading("exit()");
    }
    if (status == 0 && is_program(w)) {
        program_done(w);
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
    errno = *fl_sim_functions.errno_address(); /* for %m */
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
    const char *instead = instead_of(name);
    world_keep_stack(w, "the refused call");
    world_fail(
        w, RUN_MISUSE, "%s() is not part of the simulated world: %s", name,
        instead == NULL ? "leave it out of the code under test" : instead);
}
