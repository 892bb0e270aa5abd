/*
 * One object that is followed while its history goes on: what is in flight,
 * and the configurations that explain what has returned.
 *
 * The search in breadth with items that come and go.  See online.h for who
 * drives it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_OBJECT_H
#define FL_OBJECT_H

#include "checker/online.h"
#include "checker/search.h"

struct fl_object {
    fl_value key;
    struct fl_search search;
    struct fl_history *shown; /* one operation at a time: for state_max */
    struct fl_block vacant;   /* uint32_t: items that are free */
    uint32_t vacant_count;
    uint32_t room;   /* items there are */
    uint32_t since;  /* operations since the states were measured */
    size_t growth;   /* bytes that a state may have by now */
    enum fl_end end; /* FL_END_NOT_YET while it goes on */
};

/* Begins to follow the object of `key`.  NULL: no memory. */
struct fl_object *fl_object_new(const struct fl_online_setup *setup,
                                fl_value key);

/* Ends it.  NULL is allowed. */
void fl_object_free(struct fl_object *object);

/* `op` is called; what became of it is known.  `*item` names it from now on.
 * False: no memory. */
bool fl_object_call(struct fl_object *object, const struct fl_operation *op,
                    uint32_t *item);

/* The operation of an item in flight. */
const struct fl_operation *fl_object_operation(const struct fl_object *object,
                                               uint32_t item);

/* An item returns, and is free for another.  object->end says whether the
 * object goes on. */
void fl_object_return(struct fl_object *object, uint32_t item);

/* Bytes held. */
uint64_t fl_object_held(const struct fl_object *object);

#endif
