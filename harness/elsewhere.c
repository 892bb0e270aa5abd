/*
 * Elsewhere: two runners side by side in one child.
 *
 * The second one gets its own arena, its own stacks and a private copy of the
 * plug-in since the first has the others; only the order of blocks is
 * arranged.  Where the two go apart is looked for in recorded runs, with each
 * pointer replaced by what it points to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/elsewhere.h"

#include "harness/child.h"
#include "harness/log.h"
#include "harness/runner.h"
#include "harness/sim/fiber.h"
#include "harness/sim/heap.h"
#include "harness/sim/schedule/list.h"
#include "harness/wall.h"

#include <assert.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum {
    RUNS_EVERY = 100, /* one run in so many is made */
    RUNS_MAX = 32,
    LONGEST_MS = 2000,
    TAG_BITS = 16, /* of a pointer, which programs use for their own purposes */
};

struct pair {
    const struct campaign_request *request;
    const struct campaign_outcome *outcome;
    struct runner *here;
    struct runner *there;
    bool searches; /* the campaign is a search */
    char *text;    /* shared with the parent */
};

/* What a word means: that it points to something, or itself. */
enum meaning {
    MEANS_ITSELF,
    MEANS_BLOCK,
    MEANS_GLOBAL,
    MEANS_STACK,
    MEANS_SHARED,
};

struct word {
    enum meaning meaning;
    uint64_t tag;
    uint32_t which; /* block, or copy of the plug-in */
    uint64_t value; /* or the offset */
};

static struct word read_word(const struct runner *r, uint64_t value)
{
    struct word word = {.tag = value >> (64 - TAG_BITS)};
    uintptr_t at = value << TAG_BITS >> TAG_BITS;
    uint32_t copy = plugin_owner(r->plugin, (const void *)at);
    uint64_t shared = at - (uintptr_t)r->shared;
    if (heap_name(r->world.heap, at, &word.which, &word.value)) {
        word.meaning = MEANS_BLOCK;
    } else if (copy != UINT32_MAX) {
        word.meaning = MEANS_GLOBAL;
        word.which = copy;
        word.value = at - plugin_first(r->plugin, copy);
    } else if (stacks_hold(r->world.stacks, at, &word.value)) {
        word.meaning = MEANS_STACK;
    } else if (r->shared != NULL && shared < r->algorithm->shared_size) {
        word.meaning = MEANS_SHARED;
        word.value = shared;
    } else {
        word.meaning = MEANS_ITSELF;
        word.value = at;
    }
    return word;
}

static bool mean_the_same(const struct pair *p, uint64_t a, uint64_t b)
{
    struct word here = read_word(p->here, a);
    struct word there = read_word(p->there, b);
    return here.meaning == there.meaning && here.tag == there.tag &&
           here.which == there.which && here.value == there.value;
}

static bool are_alike(const struct pair *p, const struct log_step *a,
                      const struct log_step *b)
{
    return a->kind == b->kind && a->thread == b->thread && a->size == b->size &&
           mean_the_same(p, a->pc, b->pc) &&
           mean_the_same(p, a->address, b->address) &&
           mean_the_same(p, a->before, b->before) &&
           mean_the_same(p, a->after, b->after);
}

/* The first step that differs; UINT32_MAX if none does. */
static uint32_t first_different(const struct pair *p)
{
    const struct run_log *a = runner_log(p->here);
    const struct run_log *b = runner_log(p->there);
    uint32_t i = 0;
    while (i < a->steps_count && i < b->steps_count &&
           are_alike(p, &a->steps[i], &b->steps[i])) {
        i++;
    }
    return i < a->steps_count || i < b->steps_count ? i : UINT32_MAX;
}

/* The first operation that returned something else; its return is a step. */
static uint32_t first_answer(const struct pair *p)
{
    const struct fl_history *a = p->here->history;
    const struct fl_history *b = p->there->history;
    const struct run_log *log = runner_log(p->here);
    for (uint32_t i = 0; i < log->steps_count; i++) {
        uint32_t op = log->steps[i].operation;
        if (log->steps[i].kind == FL_STEP_RETURN && op < a->count &&
            op < b->count &&
            a->operations[op].result != b->operations[op].result) {
            return i;
        }
    }
    return UINT32_MAX;
}

/* The campaign's own strategy is not asked: some remember places of earlier
 * runs by their addresses, and so would go another way themselves.  A search is
 * of the operations of one run: the others make those again, which the runner
 * still has. */
static struct run_outcome make(const struct pair *p, struct runner *r,
                               uint64_t index, enum run_mode mode)
{
    struct run_request run = {
        .mode = mode,
        .seed = p->request->seed,
        .index = index,
        .strategy = strategy_random.name,
        .workload =
            p->searches && index != p->request->first ? r->workload : NULL,
    };
    struct run_outcome outcome;
    runner_run(r, &run, &outcome);
    return outcome;
}

/* Writes where run `index`, of that strategy, goes apart. */
static void tell(const struct pair *p, uint64_t index)
{
    (void)make(p, p->here, index, RUN_RECORD);
    (void)make(p, p->there, index, RUN_RECORD);
    const char *source = "behaviour depends on addresses: a run that was made "
                         "again at other ones went another way";
    uint32_t answer = first_answer(p);
    uint32_t at = first_different(p);
    at = at < answer ? at : answer;
    if (at == UINT32_MAX) {
        (void)snprintf(p->text, DIVERGENCE_MAX, "%s", source);
        return;
    }
    const struct run_log *log = runner_log(p->here);
    divergence_tell(p->text, source, at,
                    at < log->steps_count ? log->steps[at].pc : 0);
}

/* So many runs the campaign made. */
static uint64_t range_of(const struct campaign_request *request,
                         const struct campaign_outcome *o)
{
    return campaign_is_exhaustive(request) ? o->runs : o->next - request->first;
}

/* How many of them are made again. */
static uint64_t choose_count(uint64_t range)
{
    uint64_t count = range / RUNS_EVERY + 1;
    return count < RUNS_MAX ? count : RUNS_MAX;
}

/* Makes the second runner.  What the first one built is not built again. */
static bool open_there(struct pair *p, struct scenario *copy)
{
    Dl_info info;
    uintptr_t first = plugin_first(p->here->plugin, 0);
    *copy = *p->request->scenario;
    if (copy->system.source.files.count > 0) {
        if (dladdr((const void *)first, &info) == 0) {
            return false;
        }
        copy->system.source.built = open(info.dli_fname, O_RDONLY | O_CLOEXEC);
        if (copy->system.source.built < 0) {
            return false;
        }
    }
    FILE *nowhere = fopen("/dev/null", "w");
    if (nowhere == NULL) {
        return false;
    }
    p->there = runner_new(copy, p->request->variant, nowhere);
    (void)fclose(nowhere);
    return p->there != NULL;
}

static int compare_in_child(void *argument)
{
    struct pair *p = argument;
    struct scenario copy;
    if (!open_there(p, &copy)) {
        return 1;
    }
    heap_turn(p->there->world.heap);
    uint64_t first = p->request->first;
    uint64_t range = range_of(p->request, p->outcome);
    uint64_t count = p->searches ? RUNS_MAX : choose_count(range);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t index = first + (p->searches ? i : range / count * i);
        struct run_outcome here = make(p, p->here, index, RUN_EXPLORE);
        struct run_outcome there = make(p, p->there, index, RUN_EXPLORE);
        if (here.end != there.end || here.steps != there.steps ||
            here.digest != there.digest) {
            tell(p, index);
            return 0;
        }
    }
    return 0;
}

/* Whether there are runs that could be made again. */
static bool is_comparable(const struct campaign_request *request,
                          const struct campaign_outcome *o)
{
    return range_of(request, o) > 0 && o->deaths_count == 0 && !o->forked &&
           !o->unsteady && !o->given_up && !o->interrupted;
}

void elsewhere_find(const struct campaign_request *request,
                    const struct campaign_outcome *outcome,
                    char text[DIVERGENCE_MAX])
{
    assert(request != NULL && outcome != NULL && text != NULL);
    text[0] = '\0';
    if (!is_comparable(request, outcome)) {
        return;
    }
    struct pair pair = {.request = request,
                        .outcome = outcome,
                        .here = request->runner,
                        .searches = campaign_is_exhaustive(request),
                        .text = child_share(DIVERGENCE_MAX)};
    struct child_end end = child_run(
        compare_in_child, &pair, wall_ms() + LONGEST_MS, request->interrupt);
    if (end.exited && end.code == 0) {
        memcpy(text, pair.text, DIVERGENCE_MAX);
        text[DIVERGENCE_MAX - 1] = '\0';
    }
    child_unshare(pair.text, DIVERGENCE_MAX);
}
