/*
 * A passage: operations in the order of their calls go in with the stamps that
 * were read, and come out with ranks, in the same order, as soon as those are
 * known.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_PASSAGE_H
#define FL_PASSAGE_H

#include "checker/format/source.h"
#include "checker/format/window.h"

/*
 * Who takes what comes out.  A status other than FL_OK ends the reading, with
 * it; of FL_BAD_INPUT the error was filled.
 */
struct fl_outlet {
    void *self;
    /* A history begins: `h` has its model, initial value and texts, and lasts
     * until the next begins; it holds no operation. */
    enum fl_status (*begin)(void *self, const struct fl_history *h,
                            const struct fl_header *header,
                            struct fl_error *error);
    enum fl_status (*take)(void *self, const struct fl_operation *op,
                           struct fl_error *error);
    /* No more of that history comes. */
    enum fl_status (*end)(void *self, struct fl_error *error);
    bool enough; /* set by any of them: nothing more is to be read */
};

/* All zero, but for the window's bound, the outlet and the source. */
struct fl_passage {
    struct fl_window window;
    struct fl_outlet *outlet; /* borrowed */
    struct fl_source *source; /* borrowed: errors */
    uint64_t operations;      /* that came out */
    uint64_t histories;
    bool began; /* and did not end yet */
};

/* Each false after trouble, in the source, or when it is enough. */
bool fl_passage_begin(struct fl_passage *p, const struct fl_history *h,
                      const struct fl_header *header);
bool fl_passage_add(struct fl_passage *p, const struct fl_arrival *a);
bool fl_passage_end(struct fl_passage *p);

/* Gives the memory back. */
void fl_passage_release(struct fl_passage *p);

#endif
