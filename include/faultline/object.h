/*
 * Your own object, described in a page: how to make one, and what can be done
 * with it.  C and C++.
 *
 *     #include <faultline/object.h>
 *     #include "queue.h"
 *
 *     static void *make(void) { return queue_new(); }
 *     static fl_value put(void *q, const fl_value *a)
 *     {
 *         queue_put(q, a[0]);
 *         return FL_NONE;
 *     }
 *     static fl_value take(void *q, const fl_value *a) { return queue_take(q); }
 *
 *     FL_OBJECT = {.name = "my queue", .model = "queue", .make = make,
 *                  .operations = {{"enqueue", put}, {"dequeue", take}}};
 *
 * Build it with `faultline cc -shared`, and run it with `faultline run
 * --library ./my.so`, or name it in a scenario: `library: ./my.so`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FAULTLINE_OBJECT_H
#define FAULTLINE_OBJECT_H

#include <stddef.h>
#include <stdint.h>

/* An argument or a result. */
typedef int64_t fl_value;

/* No value: what an operation answers that has no result, or found nothing. */
#ifndef FL_NONE
#define FL_NONE INT64_MIN
#endif

/* Tells that the layout below is the one meant. */
#define FL_OBJECT_VERSION 1

/* The most operations of one object. */
#define FL_OPERATIONS_MAX 16

/* One thing that clients do with the object. */
struct fl_object_operation {
    /* What the model calls it ("enqueue"), or what you call it: see role. */
    const char *name;
    /* Does it.  `arguments` has as many values as the model's operation; each
     * client is a thread of its own, and many call at the same time. */
    fl_value (*call)(void *object, const fl_value *arguments);
    const char *role; /* what the model calls it, if that differs; or NULL */
    uint32_t weight;  /* how often it is drawn; 0 is 1 */
    uint32_t only;    /* the one client that may call it, from 1; 0: any */
    uint32_t takes;   /* without a model: how many arguments it has, 0 to 2 */
};

/* The object. */
struct fl_object {
    const char *name;
    /* Its specification, of `faultline list models`, unless the scenario names
     * another; NULL: the object itself, run by one client at a time. */
    const char *model;
    /* Makes one, before any client runs; NULL: no memory. */
    void *(*make)(void);
    struct fl_object_operation operations[FL_OPERATIONS_MAX + 1];
    /* Optional, when all clients have ended: what is wrong with the object, or
     * NULL; and what frees everything, so that leaks can be told. */
    const char *(*check)(void *object);
    void (*unmake)(void *object);
};

#ifdef __cplusplus
extern "C" {
#endif
/* The one object of a plug-in, and the version of what describes it. */
extern const struct fl_object fl_object __attribute__((visibility("default")));
extern const uint32_t fl_object_version __attribute__((visibility("default")));
#ifdef __cplusplus
}
#endif

#define FL_OBJECT                                         \
    const uint32_t fl_object_version = FL_OBJECT_VERSION; \
    const struct fl_object fl_object

#endif
