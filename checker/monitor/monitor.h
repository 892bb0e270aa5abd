/*
 * Monitors: deciders for histories in which values tell operations apart.
 *
 * A monitor looks at one object.  It answers pass, with an order; violation,
 * with the two to four operations that no order can explain; or that the
 * history is not of its class, and then the search decides.  It never guesses.
 *
 * Moments are gaps: gap g lies just after stamp g, and an operation may take
 * effect in the gaps from its call to the one before its return.  Any number
 * of operations fit into one gap, in any order.  A witness is made by giving
 * each operation a gap, in an order of its own within the gap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_MONITOR_H
#define FL_MONITOR_H

#include "checker/block.h"
#include "checker/check.h"
#include "checker/model.h"
#include "checker/part.h"

enum fl_answer {
    FL_ANSWER_PASS,
    FL_ANSWER_VIOLATION,
    FL_ANSWER_NOT_MINE,
    FL_ANSWER_NO_MEMORY,
};

enum {
    FL_MONITOR_ROOMS = 32 /* arrays that one decision may hold */
};

/* No operation, no value, no gap. */
#define FL_NOTHING UINT32_MAX

/* When an operation may take effect: after `call`, before `ret`. */
struct fl_span {
    uint32_t call;
    uint32_t ret;
};

/* An operation of the witness and its gap. */
struct fl_place {
    uint32_t gap;
    uint32_t op;
};

struct fl_room {
    void *data;
    size_t size;
};

/*
 * One decision.  Operations have numbers from 0 to `count` - 1, by call; they
 * are those of the history, or the chosen ones of it.
 */
struct fl_monitor {
    const struct fl_history *h;
    const uint32_t *indices; /* ascending; NULL: all of them */
    uint32_t count;
    uint32_t capacity; /* of a bounded object; 0: unbounded */
    struct fl_span *spans;
    uint32_t end; /* all stamps are below; an open operation's ret is one
                   * above, so that it may come after everything */

    struct fl_place *places; /* the witness: sorted by gap, stably */
    uint32_t places_count;

    const char *decider; /* "monitor: queue" */
    char pattern[FL_PATTERN_MAX];
    uint32_t pattern_operations[FL_PATTERN_OPERATIONS];
    uint32_t pattern_count;

    struct fl_room rooms[FL_MONITOR_ROOMS];
    uint64_t bytes; /* held now, and the most that was */
    uint64_t peak;
};

/*
 * Decides the operations `indices` (`count` of them; NULL: all) of `h`, which
 * must be of one object.  `order` has room for `count` operation indices; a
 * pass fills it.  What the answer rests on stands in `m`, until the next
 * decision; it holds no memory afterwards.
 */
enum fl_answer fl_monitor_decide(struct fl_monitor *m,
                                 const struct fl_selection *selection,
                                 uint32_t *order, uint32_t *order_count);

/* Whether some monitor may decide histories of this model, by `options`. */
bool fl_monitor_applies(const struct fl_history *h,
                        const struct fl_options *options);

/* --- the monitors, each in its own file ----------------------------------- */

/* Each decides the operations of `m`: a pass with places, a violation with a
 * pattern. */
enum fl_answer fl_monitor_register(struct fl_monitor *m);
enum fl_answer fl_monitor_kv(struct fl_monitor *m);
enum fl_answer fl_monitor_queue(struct fl_monitor *m);
enum fl_answer fl_monitor_bounded_queue(struct fl_monitor *m);
enum fl_answer fl_monitor_stack(struct fl_monitor *m);
enum fl_answer fl_monitor_priority_queue(struct fl_monitor *m);
enum fl_answer fl_monitor_multiset(struct fl_monitor *m);
enum fl_answer fl_monitor_semaphore(struct fl_monitor *m);
enum fl_answer fl_monitor_set(struct fl_monitor *m);
enum fl_answer fl_monitor_counter(struct fl_monitor *m);
enum fl_answer fl_monitor_lock(struct fl_monitor *m);
enum fl_answer fl_monitor_mutex(struct fl_monitor *m);

/* --- what they share (monitor.c) ------------------------------------------ */

/* Operation number `i`. */
static inline const struct fl_operation *
fl_monitor_op(const struct fl_monitor *m, uint32_t i)
{
    return &m->h->operations[m->indices == NULL ? i : m->indices[i]];
}

/* The one that comes `ahead` operations later, or the last. */
static inline const struct fl_operation *
fl_monitor_ahead(const struct fl_monitor *m, uint32_t i, uint32_t ahead)
{
    return fl_monitor_op(m, m->count - i > ahead ? i + ahead : m->count - 1);
}

static inline bool fl_monitor_open(const struct fl_monitor *m, uint32_t i)
{
    return fl_monitor_op(m, i)->ret == FL_OPEN;
}

/* An array of `count` things of `size` bytes, zero; NULL when memory ends. */
void *fl_monitor_room(struct fl_monitor *m, size_t count, size_t size);

/* Ends an array of fl_monitor_room() before the decision ends.  NULL is
 * allowed. */
void fl_monitor_drop(struct fl_monitor *m, void *room);

/* Makes room for the witness.  False when memory ends. */
bool fl_monitor_begin(struct fl_monitor *m);

/* The next operation of the witness: those of one gap stay in the order in
 * which they are placed. */
static inline void fl_monitor_place(struct fl_monitor *m, uint32_t op,
                                    uint32_t gap)
{
    struct fl_place *place = &m->places[m->places_count++];
    place->gap = gap;
    place->op = op;
}

/* A violation: the pattern in words, as by printf. */
enum fl_answer fl_monitor_violates(struct fl_monitor *m, const char *format,
                                   ...) __attribute__((format(printf, 2, 3)));

/* One more operation of the pattern; FL_NOTHING is none, nor is a fifth. */
void fl_monitor_names(struct fl_monitor *m, uint32_t op);

/* Sorts `count` numbers of things by keys[number], stably.  `spare` has room
 * for as many. */
void fl_monitor_sort(uint32_t *numbers, uint32_t *spare, uint32_t count,
                     const uint32_t *keys);

static inline uint32_t fl_least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static inline uint32_t fl_most(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

#endif
