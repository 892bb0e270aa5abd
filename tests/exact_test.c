/*
 * Each monitor decides every history of its class: values distinct, nothing
 * open.  A monitor whose witness does not hold, or that cannot say what is
 * wrong, passes the question on to the search, and the verdict is right all
 * the same; here that counts as wrong.  What it says in words is held to the
 * history: the operations on the values that it names fail by themselves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/lattice.h"
#include "tests/monitored.h"
#include "tests/shapes.h"
#include "tests/show_history.h"
#include "tests/tap.h"

#include "checker/check.h"
#include "checker/models/models.h"

enum {
    HISTORIES = 39000
};

struct tally {
    uint32_t mine; /* histories of the class */
    uint32_t passes;
    uint32_t violations;
    uint32_t named; /* violations whose values fail by themselves */
};

/* Whether an earlier operation of the same type says the same of the element:
 * inserted twice, removed twice. */
static bool happened_before(const struct fl_history *h, uint32_t i)
{
    const struct fl_operation *op = &h->operations[i];
    for (uint32_t k = 0; k < i; k++) {
        const struct fl_operation *other = &h->operations[k];
        if (other->fn == op->fn && other->args[0] == op->args[0] &&
            other->result != 0) {
            return true;
        }
    }
    return false;
}

/* Whether operation `i` is one that the monitor's class has. */
static bool is_mine(const struct fl_history *h, uint32_t i)
{
    const struct fl_operation *op = &h->operations[i];
    const struct fl_model *model = h->model;
    bool refused = model->types[op->fn].result == FL_KIND_BOOL && !op->result;
    if (model == &fl_model_of_register || model == &fl_model_of_cas_register) {
        return op->fn != FL_REGISTER_CAS || !refused;
    }
    if (model == &fl_model_of_kv) {
        return op->fn != FL_KV_APPEND;
    }
    if (model == &fl_model_of_semaphore) {
        return op->fn != FL_SEMAPHORE_VALUE && !refused;
    }
    if (model == &fl_model_of_bounded_queue) {
        return !refused;
    }
    if (model == &fl_model_of_set) {
        return op->fn == FL_SET_CONTAINS || refused || !happened_before(h, i);
    }
    return true;
}

static bool is_of_class(const struct fl_history *h)
{
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->operations[i].ret == FL_OPEN || !is_mine(h, i)) {
            return false;
        }
    }
    return true;
}

/* The value that an operation of a container is about; FL_NONE. */
static fl_value value_of(const struct fl_operation *op)
{
    return op->fn == FL_QUEUE_ENQUEUE ? op->args[0] : op->result;
}

/* Whether the values that the pattern names fail without the others, where it
 * speaks of two values or one. */
static bool pattern_fails(const struct fl_history *h, const struct fl_result *r)
{
    bool keep[DISTINCT_OPERATIONS_MAX] = {false};
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        for (uint32_t k = 0; k < r->pattern_count; k++) {
            uint32_t named = r->pattern_operations[k];
            keep[i] = keep[i] || named == i ||
                      (value_of(op) != FL_NONE &&
                       value_of(op) == value_of(&h->operations[named]));
        }
    }
    struct fl_history *part = fl_history_copy(h, keep);
    struct fl_options options = {0};
    bool fails =
        part != NULL && lattice_decide(part, &options) == LATTICE_FAILS;
    fl_history_free(part);
    return fails;
}

static bool names_all(const struct fl_result *r)
{
    return strstr(r->pattern, "always") == NULL &&
           strstr(r->pattern, "values,") == NULL;
}

static void take_history(struct fl_checker *checker, const struct fl_history *h,
                         struct tally *t)
{
    struct fl_options options = {.decider = FL_DECIDER_MONITOR, .whole = true};
    const struct fl_result *r;
    enum fl_status status = fl_checker_decide(checker, h, &options, &r);
    CU_ASSERT_FATAL(status == FL_OK);
    t->mine++;
    t->passes += r->verdict == FL_PASS;
    t->violations += r->verdict == FL_VIOLATION;
    if (strncmp(r->decider, "monitor: ", 9) != 0) {
        show_history(h, r->decider);
        CU_FAIL("a history of the class was passed on");
        return;
    }
    bool holds = r->verdict != FL_PASS ||
                 fl_witness_holds(h, &options, r->order, r->order_count);
    CU_ASSERT(holds);
    bool is_container = h->model->unit == fl_container_unit;
    if (r->verdict == FL_VIOLATION && is_container && names_all(r)) {
        t->named++;
        if (!pattern_fails(h, r)) {
            show_history(h, r->pattern);
            CU_FAIL("what the pattern names does not fail by itself");
        }
    }
}

static void monitors_decide_their_class(void)
{
    struct fl_checker *checker = fl_checker_new();
    struct fl_history *h =
        fl_history_new(monitored[0], DISTINCT_OPERATIONS_MAX, 0);
    struct fl_strings *strings = fl_strings_new();
    CU_ASSERT_FATAL(checker != NULL && h != NULL && strings != NULL);
    h->strings = fl_strings_hold(strings);
    struct tally tallies[MONITORED] = {{0}};
    uint64_t seed = 0xe8ac7;
    for (uint32_t i = 0; i < HISTORIES; i++) {
        struct distinct_wish wish = {
            .model = monitored[i % MONITORED],
            .operations = 3 + random_below(&seed, i % 4 == 0 ? 40 : 10),
            .clients = 2 + random_below(&seed, 4),
            .shape = (enum shape)(i / MONITORED % SHAPES),
            .no_open = true,
            .no_repeats = true,
            .strings = strings,
        };
        distinct_history(h, &wish, &seed);
        if (is_of_class(h)) {
            take_history(checker, h, &tallies[i % MONITORED]);
        }
    }
    for (uint32_t k = 0; k < MONITORED; k++) {
        const struct tally *t = &tallies[k];
        printf("# %-16s %6u of the class, %6u pass, %6u fail, %6u by values\n",
               monitored[k]->name, t->mine, t->passes, t->violations, t->named);
        CU_ASSERT(t->mine >= HISTORIES / MONITORED / 8);
        CU_ASSERT(t->passes >= t->mine / 5);
        CU_ASSERT(t->violations >= t->mine / 10);
    }
    fl_strings_release(strings);
    fl_history_free(h);
    fl_checker_free(checker);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"monitors decide their class", monitors_decide_their_class},
        {NULL, NULL},
    };
    return tap_run("exact", cases);
}
