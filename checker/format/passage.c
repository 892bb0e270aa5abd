/*
 * The window's word, and the outlet's, become the source's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/passage.h"

#include <assert.h>

/* Takes the status of the window or the outlet, whose `error` is filled if it
 * is bad input. */
static bool settle(struct fl_passage *p, enum fl_status status,
                   const struct fl_error *error)
{
    struct fl_source *source = p->source;
    if (status == FL_NO_MEMORY) {
        return fl_source_no_memory(source);
    }
    if (status != FL_OK && source->status == FL_OK) {
        *source->error = *error;
        source->status = status;
    }
    return status == FL_OK && !p->outlet->enough;
}

/* Hands on what is ready. */
static bool pass_ready(struct fl_passage *p)
{
    struct fl_error error = {0};
    const struct fl_operation *op = fl_window_take(&p->window);
    for (; op != NULL; op = fl_window_take(&p->window)) {
        assert(p->began);
        enum fl_status status = p->outlet->take(p->outlet->self, op, &error);
        if (!settle(p, status, &error)) {
            return false;
        }
        p->operations++;
    }
    return true;
}

bool fl_passage_begin(struct fl_passage *p, const struct fl_history *h,
                      const struct fl_header *header)
{
    struct fl_error error = {0};
    assert(!p->began && h->model != NULL);
    fl_window_clear(&p->window);
    p->began = true;
    p->histories++;
    return settle(p, p->outlet->begin(p->outlet->self, h, header, &error),
                  &error);
}

bool fl_passage_add(struct fl_passage *p, const struct fl_arrival *a)
{
    assert(p->began);
    return settle(p, fl_window_add(&p->window, a), &p->window.error) &&
           pass_ready(p);
}

bool fl_passage_end(struct fl_passage *p)
{
    struct fl_error error = {0};
    if (!settle(p, fl_window_end(&p->window), &p->window.error) ||
        !pass_ready(p)) {
        return false;
    }
    assert(p->window.first == p->window.next);
    p->began = false;
    return settle(p, p->outlet->end(p->outlet->self, &error), &error);
}

void fl_passage_release(struct fl_passage *p)
{
    fl_window_release(&p->window);
}
