/*
 * Divergence: the logs of equal runs, side by side.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/divergence.h"

#include "harness/child.h"
#include "harness/log.h"
#include "harness/need.h"
#include "harness/symbols.h"
#include "harness/wall.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    LONGEST_MS = 10000,
    ATTEMPTS = 8, /* a clock may well say the same twice */
};

/* The steps of a run. */
struct steps {
    uint32_t count;
    struct log_step *steps;
};

struct search {
    const struct campaign_request *request;
    uint64_t index;
    char *text; /* shared with the parent */
};

/* Makes the run, with the same bytes wherever nobody wrote; `other`: with other
 * ones. */
static struct steps record(const struct search *s, bool other)
{
    const struct campaign_request *q = s->request;
    struct run_request run = {
        .mode = RUN_RECORD,
        .seed = q->seed,
        .index = s->index,
        .strategy = q->strategy,
        .second = true,
        .third = other,
    };
    struct run_outcome outcome;
    runner_run(q->runner, &run, &outcome);
    const struct run_log *log = runner_log(q->runner);
    struct steps copy = {.count = log->steps_count};
    copy.steps = need(calloc(copy.count + 1, sizeof(*copy.steps)), "a log");
    if (copy.count > 0) {
        memcpy(copy.steps, log->steps, copy.count * sizeof(*copy.steps));
    }
    return copy;
}

static bool are_alike(const struct log_step *a, const struct log_step *b)
{
    return a->kind == b->kind && a->thread == b->thread && a->pc == b->pc &&
           a->address == b->address && a->before == b->before &&
           a->after == b->after;
}

/* The first step that differs; the count of `a` if none does. */
static uint32_t first_different(const struct steps *a, const struct steps *b)
{
    uint32_t i = 0;
    while (i < a->count && i < b->count &&
           are_alike(&a->steps[i], &b->steps[i])) {
        i++;
    }
    return i < b->count || i < a->count ? i : UINT32_MAX;
}

void divergence_tell(char text[DIVERGENCE_MAX], const char *source, uint32_t at,
                     uintptr_t pc)
{
    assert(text != NULL && source != NULL);
    struct symbols *symbols = symbols_open();
    struct source_place place = {0};
    if (pc != 0 && symbols != NULL && symbols_place(symbols, pc, &place)) {
        (void)snprintf(text, DIVERGENCE_MAX,
                       "%s; the first step that differs is step %u, %s:%u",
                       source, at + 1, place.file, place.line);
    } else {
        (void)snprintf(text, DIVERGENCE_MAX,
                       "%s; the first step that differs is step %u", source,
                       at + 1);
    }
    symbols_free(symbols);
}

static void tell(const struct search *s, const struct steps *run, uint32_t at,
                 const char *source)
{
    divergence_tell(s->text, source, at,
                    at < run->count ? run->steps[at].pc : 0);
}

static int search_in_child(void *argument)
{
    const struct search *s = argument;
    struct steps first = record(s, false);
    uint32_t at = UINT32_MAX;
    for (uint32_t i = 0; i < ATTEMPTS && at == UINT32_MAX; i++) {
        struct steps again = record(s, false);
        at = first_different(&first, &again);
        free(again.steps);
    }
    if (at != UINT32_MAX) {
        tell(s, &first, at,
             "it takes in something from outside the simulated world, such as "
             "a clock");
    } else {
        struct steps other = record(s, true);
        at = first_different(&first, &other);
        free(other.steps);
        if (at != UINT32_MAX) {
            tell(s, &first, at, "it reads memory that nobody wrote");
        }
    }
    free(first.steps);
    return 0;
}

void divergence_find(const struct campaign_request *request, uint64_t index,
                     char text[DIVERGENCE_MAX])
{
    assert(request != NULL && text != NULL);
    struct search search = {.request = request,
                            .index = index,
                            .text = child_share(DIVERGENCE_MAX)};
    (void)child_run(search_in_child, &search, wall_ms() + LONGEST_MS,
                    request->interrupt);
    memcpy(text, search.text, DIVERGENCE_MAX);
    text[DIVERGENCE_MAX - 1] = '\0';
    child_unshare(search.text, DIVERGENCE_MAX);
}
