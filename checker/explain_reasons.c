/*
 * The reason in sentences: what an operation had to answer, and why no other
 * configuration helps.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/explain_graph.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    ANSWERS_MAX = 5, /* values in "3, 4 or 5" */
    REASONS_MAX = 8  /* lines */
};

/* The refusal of `by` in configuration `at`, or FL_OPEN. */
static uint32_t find_refusal(const struct fl_graph *g, uint32_t at, uint32_t by)
{
    assert(at < g->count);
    for (uint32_t k = 0; k < g->refusals_count; k++) {
        if (g->refusals[k].at == at && g->refusals[k].by == by) {
            return k;
        }
    }
    return FL_OPEN;
}

/* The configuration at the end of the spine. */
static uint32_t spine_end(const struct fl_graph *g,
                          const struct fl_explanation *e)
{
    uint32_t end = 0;
    for (uint32_t c = 1; c < g->count; c++) {
        bool after =
            g->configurations[c].spine && g->configurations[c].from == end;
        end = after ? c : end;
    }
    assert(e->prefix_count == 0 || end != 0);
    return end;
}

/* Adds `answer` to the ascending `answers`, if it is new. */
static uint32_t insert_answer(fl_value *answers, uint32_t count,
                              fl_value answer)
{
    uint32_t at = 0;
    while (at < count && answers[at] < answer) {
        at++;
    }
    if (at < count && answers[at] == answer) {
        return count;
    }
    memmove(answers + at + 1, answers + at, (count - at) * sizeof(*answers));
    answers[at] = answer;
    return count + 1;
}

/* "3, 4 or 5"; of more than five: "1, 2, 3, 4, 5 or 7 others". */
static void list_answers(const struct fl_graph *g, struct fl_explanation *e,
                         const fl_value *answers, uint32_t count)
{
    const struct fl_operation *op = &g->h->operations[e->stuck];
    struct fl_phrase all;
    char text[FL_TEXT_MAX];
    uint32_t shown = count <= ANSWERS_MAX ? count : ANSWERS_MAX;

    fl_phrase_init(&all, e->must_all, sizeof(e->must_all));
    for (uint32_t k = 0; k < shown; k++) {
        if (k > 0) {
            fl_phrase_add(&all, k + 1 == count ? " or " : ", ");
        }
        fl_phrase_add(&all, fl_describe_result(g->h, op->fn, answers[k], text,
                                               sizeof(text)));
    }
    if (count > shown) {
        fl_phrase_print(&all,
                        count == shown + 1 ? " or %u other" : " or %u others",
                        count - shown);
    }
}

void fl_explain_must(const struct fl_graph *g, struct fl_explanation *e)
{
    /* One answer a configuration; the rest could not be listed anyway. */
    static const uint32_t most = FL_CONFIGURATIONS_MAX;
    fl_value *answers = calloc((size_t)most + 1, sizeof(*answers));
    uint32_t count = 0;
    for (uint32_t k = 0; k < g->refusals_count && answers != NULL; k++) {
        if (g->refusals[k].by == e->stuck && g->refusals[k].must[0] != '\0' &&
            count < most) {
            count = insert_answer(answers, count, g->answers[k]);
        }
    }
    if (answers != NULL) {
        list_answers(g, e, answers, count);
    }
    free(answers);
    uint32_t at = find_refusal(g, spine_end(g, e), e->stuck);
    if (at != FL_OPEN) {
        memcpy(e->must, g->refusals[at].must, sizeof(e->must));
    }
}

/* How much of the prefix took effect in `c`, from its beginning. */
static uint32_t common_prefix(const struct fl_explanation *e,
                              const struct fl_configuration *c)
{
    uint32_t count = 0;
    while (count < e->prefix_count && fl_is_done(c, e->prefix[count])) {
        count++;
    }
    assert(count <= e->prefix_count);
    return count;
}

/* The number of operation `i` in the prefix, from 1; 0: it is not there. */
static uint32_t prefix_number(const struct fl_explanation *e, uint32_t i)
{
    for (uint32_t k = 0; k < e->prefix_count; k++) {
        if (e->prefix[k] == i) {
            return k + 1;
        }
    }
    return 0;
}

/* Adds what took effect in `c` beyond the `common` operations that begin the
 * prefix: "#5 and T2 push(5)".  False: nothing did. */
static bool add_extra(const struct fl_graph *g, const struct fl_explanation *e,
                      const struct fl_configuration *c, uint32_t common,
                      struct fl_phrase *when)
{
    bool extra = false;
    for (uint32_t i = e->setup_count; i < g->h->count; i++) {
        uint32_t number = prefix_number(e, i);
        if (!fl_is_done(c, i) || (number != 0 && number <= common)) {
            continue;
        }
        fl_phrase_add(when, extra ? " and " : "");
        if (number != 0) {
            fl_phrase_print(when, "#%u", number);
        } else {
            fl_add_call(when, g, i);
        }
        extra = true;
    }
    return extra;
}

/* "T2 push(5) took effect, before #4": `c` compared with the prefix. */
static void describe_when(const struct fl_graph *g,
                          const struct fl_explanation *e,
                          const struct fl_configuration *c, char *text)
{
    struct fl_phrase when;
    fl_phrase_init(&when, text, FL_TEXT_MAX);
    if (e->crashes_count > 0) {
        uint32_t lost =
            fl_add_lost(g, (uint32_t)(c - g->configurations), c->era, &when);
        fl_phrase_add(&when, lost == 0   ? "nothing lost"
                             : lost == 1 ? " was lost"
                                         : " were lost");
        return;
    }
    uint32_t common = common_prefix(e, c);
    bool extra = add_extra(g, e, c, common, &when);
    if (extra) {
        fl_phrase_add(&when, " took effect");
    }
    if (!extra && !c->spine) {
        /* The same operations as on the spine, and yet another state. */
        fl_phrase_add(&when, "in another order, ");
    }
    if (common < e->prefix_count) {
        fl_phrase_print(&when, extra ? ", before #%u" : "before #%u",
                        common + 1);
    } else if (common > 0) {
        fl_phrase_print(&when, extra ? ", after #%u" : "after #%u", common);
    }
}

/* Adds `state` to the states of `reason` unless it stands there already. */
static void add_state(struct fl_reason *reason, const char *state)
{
    static const char gap[] = "  ";
    size_t size = strlen(state);
    for (const char *at = reason->state; (at = strstr(at, state)) != NULL;
         at++) {
        bool begins = at == reason->state ||
                      (at - reason->state >= 2 && memcmp(at - 2, gap, 2) == 0);
        if (begins && (at[size] == '\0' || strncmp(at + size, gap, 2) == 0)) {
            return;
        }
    }
    size_t used = strlen(reason->state);
    struct fl_phrase states = {
        .text = reason->state,
        .max = sizeof(reason->state),
        .size = used,
        .cut = used > 3 && strcmp(reason->state + used - 3, "...") == 0};
    fl_phrase_add(&states, used > 0 ? gap : "");
    fl_phrase_add(&states, state);
}

/* Reasons under construction. */
struct list {
    struct fl_reason *items;
    uint32_t count;
};

/* Adds a line, or joins one that says the same. */
static void add_reason(struct list *list, struct fl_explanation *e,
                       const struct fl_reason *reason)
{
    for (uint32_t k = 0; k < list->count; k++) {
        struct fl_reason *other = &list->items[k];
        bool same = other->by == reason->by &&
                    other->enabled == reason->enabled &&
                    strcmp(other->must, reason->must) == 0;
        if (same && !reason->enabled) {
            add_state(other, reason->state);
            return;
        }
        if (same && strcmp(other->state, reason->state) == 0) {
            return; /* reached in another way: the first way is shown */
        }
    }
    if (list->count == REASONS_MAX) {
        e->reasons_others++;
        return;
    }
    list->items[list->count] = *reason;
    list->count++;
}

/* Why configuration `at` does not help; false: it goes on to one that is
 * spoken of. */
static bool give_reason(const struct fl_graph *g,
                        const struct fl_explanation *e, uint32_t at,
                        struct fl_reason *reason)
{
    const struct fl_configuration *c = &g->configurations[at];
    *reason = (struct fl_reason){.by = e->stuck, .enabled = true};
    memcpy(reason->state, c->state, sizeof(reason->state));
    uint32_t refusal = find_refusal(g, at, e->stuck);
    if (refusal == FL_OPEN && !fl_is_done(c, e->stuck) &&
        !fl_graph_enabled(g, c, e->stuck)) {
        reason->enabled = false;
        return true;
    }
    if (refusal == FL_OPEN) {
        /* The stuck operation was possible here, or before: then somebody
         * else ends it, whose return comes first. */
        fl_graph_bound(g, c, &reason->by);
        refusal = find_refusal(g, at, reason->by);
    }
    if (refusal == FL_OPEN) {
        return false;
    }
    memcpy(reason->must, g->refusals[refusal].must, sizeof(reason->must));
    describe_when(g, e, c, reason->when);
    return true;
}

/* Gives the reasons of one sort: of operations refused, or not yet called. */
static void collect_reasons(const struct fl_graph *g, struct fl_explanation *e,
                            struct list *list, bool enabled)
{
    uint32_t end = spine_end(g, e);
    struct fl_reason reason;
    for (uint32_t c = 0; c < g->count; c++) {
        /* An era that could be explained gives no reason. */
        bool fails = g->configurations[c].era == g->configurations[end].era;
        if (c != end && fails && give_reason(g, e, c, &reason) &&
            reason.enabled == enabled) {
            add_reason(list, e, &reason);
        }
    }
}

enum fl_status fl_explain_reasons(const struct fl_graph *g,
                                  struct fl_explanation *e)
{
    struct list list = {calloc(REASONS_MAX, sizeof(*list.items)), 0};
    if (list.items == NULL) {
        return FL_NO_MEMORY;
    }
    collect_reasons(g, e, &list, true);
    collect_reasons(g, e, &list, false);
    e->reasons = list.items;
    e->reasons_count = list.count;
    return FL_OK;
}
