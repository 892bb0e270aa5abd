/*
 * The least k with which a queue or a stack that is out of order passes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/lattice.h"
#include "checker/model.h"
#include "checker/search.h"

#include <assert.h>

/* A search for the least k. */
struct measure {
    struct fl_checker *checker;
    struct fl_history relaxed; /* the history, under the relaxed model */
    const struct fl_history *exact;
    struct fl_options options;
    uint64_t deadline;
    struct fl_relaxation *found;
    bool undecided; /* some k could not be decided */
};

/* Decides with `k`; the exact model, which has monitors, decides k = 1. */
static enum fl_status try_k(struct measure *m, uint32_t k)
{
    assert(k > 0);
    struct fl_relaxation *r = m->found;
    const struct fl_history *h =
        k == 1 && m->exact->model != r->model ? m->exact : &m->relaxed;
    m->options.relax = k;
    if (m->deadline > 0) {
        uint64_t now = fl_clock_read();
        m->options.budget.milliseconds =
            now < m->deadline ? (uint32_t)((m->deadline - now) / 1000000) + 1
                              : 1;
    }
    const struct fl_result *result;
    enum fl_status status =
        fl_checker_decide(m->checker, h, &m->options, &result);
    if (status != FL_OK) {
        return status;
    }
    r->nodes += result->nodes;
    switch (result->verdict) {
    case FL_PASS:
        r->passes = k < r->passes ? k : r->passes;
        break;
    case FL_VIOLATION:
        r->fails = k > r->fails ? k : r->fails;
        break;
    case FL_INCONCLUSIVE:
        m->undecided = true;
        break;
    }
    return FL_OK;
}

/*
 * First whether it passes exactly, then whether it passes at all (with so many
 * values as there are, a removal may take any), then doubling, then bisection.
 */
static enum fl_status search_k(struct measure *m, uint32_t most)
{
    struct fl_relaxation *r = m->found;
    assert(most > 0 && r->model != NULL);
    enum fl_status status = try_k(m, 1);
    if (status == FL_OK && r->passes != 1 && most > 1) {
        status = try_k(m, most);
    }
    if (r->fails >= most || r->passes == 1) {
        return status;
    }
    m->undecided = false; /* the others may settle it yet */
    for (uint32_t k = 2;
         status == FL_OK && !m->undecided && k < r->passes && k < most;
         k *= 2) {
        status = try_k(m, k);
    }
    while (status == FL_OK && !m->undecided && r->passes != FL_OPEN &&
           r->passes - r->fails > 1) {
        status = try_k(m, r->fails + (r->passes - r->fails) / 2);
    }
    return status;
}

enum fl_status fl_relaxation_measure(const struct fl_history *h,
                                     const struct fl_options *options,
                                     struct fl_relaxation *relaxation)
{
    assert(h->model != NULL);
    *relaxation = (struct fl_relaxation){.model = h->model->relaxed,
                                         .verdict = FL_INCONCLUSIVE,
                                         .passes = FL_OPEN};
    relaxation->applies = relaxation->model != NULL;
    if (!relaxation->applies) {
        return FL_OK;
    }
    struct measure m = {.checker = fl_checker_new(),
                        .relaxed = *h,
                        .exact = h,
                        .found = relaxation};
    m.relaxed.model = relaxation->model;
    if (options != NULL) {
        m.options = *options;
    }
    if (m.options.budget.milliseconds > 0) {
        m.deadline =
            fl_clock_read() + m.options.budget.milliseconds * 1000000ull;
    }
    if (m.checker == NULL) {
        return FL_NO_MEMORY;
    }
    struct fl_space space;
    fl_space_init(&space, &m.relaxed);
    uint32_t most = space.adds > 1 ? space.adds : 1;
    enum fl_status status = search_k(&m, most);
    fl_checker_free(m.checker);
    if (relaxation->fails >= most) {
        relaxation->verdict = FL_VIOLATION;
    } else if (relaxation->passes == relaxation->fails + 1) {
        relaxation->verdict = FL_PASS;
    }
    return status;
}
