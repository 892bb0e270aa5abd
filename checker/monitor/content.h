/*
 * The common ground of containers whose values are distinct: who added, saw
 * and removed each value, when it was certainly inside, and where "empty" may
 * have been true.
 *
 * A value's operations are tightened in place (m->spans): nobody sees a value
 * before it is added, nor after it is removed.  Then it is certainly inside in
 * the gaps from its add's return to its removal's call, and an "empty" answer
 * is possible in the gaps that no such interval covers (Henzinger, Sezgin and
 * Vafeiadis 2013), and nowhere else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_MONITOR_CONTENT_H
#define FL_MONITOR_CONTENT_H

#include "checker/monitor/values.h"

/* The operations of one value. */
struct fl_held {
    uint32_t add;       /* FL_NOTHING: an open add that nobody noticed */
    uint32_t remove;    /* FL_NOTHING: never removed */
    uint32_t first_ret; /* least return of those who saw or removed it */
    uint32_t last_call; /* the call of its removal, tightened; m->end if it was
                         * never removed */
};

struct fl_content {
    struct fl_numbering numbering; /* of values, by the call of their add */
    struct fl_held *held;          /* by number */
    uint32_t *numbers;             /* of each operation's value; FL_NOTHING */
    uint32_t *live;                /* the numbers of values that were added */
    uint32_t live_count;
    uint32_t *peeks;          /* the first peek of each value; NULL: no peeks */
    uint32_t *peeks_after;    /* the next peek of the same value, by operation;
                            * FL_NOTHING ends */
    struct fl_place *empties; /* answers of "empty", and where they are true */
    uint32_t empties_count;
    bool open_removes; /* so that only what one value shows is certain */
    const char *added; /* "enqueued" */
    const char *removed;
};

/*
 * Fills `content` from the operations and checks each value by itself.
 * FL_ANSWER_PASS means: nothing wrong so far.
 */
enum fl_answer fl_content_fill(struct fl_content *content,
                               struct fl_monitor *m);

/* Finds a gap for each answer of "empty". */
enum fl_answer fl_content_empties(struct fl_content *content,
                                  struct fl_monitor *m);

/* What a violation of several values means: nothing is certain of them while
 * an open removal may have taken any. */
static inline enum fl_answer fl_content_answer(const struct fl_content *content)
{
    return content->open_removes ? FL_ANSWER_NOT_MINE : FL_ANSWER_VIOLATION;
}

/* When the value is first and last certainly inside: from the gap `*from` to
 * the one before `*to`.  False: never. */
static inline bool fl_content_certain(const struct fl_monitor *m,
                                      const struct fl_held *held,
                                      uint32_t *from, uint32_t *to)
{
    *from = m->spans[held->add].ret;
    *to = held->last_call;
    return *from < *to;
}

#endif
