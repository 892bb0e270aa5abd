/*
 * The texts of a history: each distinct one is stored once and has a number,
 * so that a value fits into 64 bits and equal texts are equal numbers.
 *
 * A pool is shared by a history and its copies and counts its holders.  It is
 * not for several threads at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_STRINGS_H
#define FL_STRINGS_H

#include "checker/history.h"

#ifdef __cplusplus
extern "C" {
#endif

struct fl_strings;

/* Makes an empty pool with one holder, the caller; NULL when memory ends. */
struct fl_strings *fl_strings_new(void);

/* One more holder.  NULL is allowed; returns `strings`. */
struct fl_strings *fl_strings_hold(struct fl_strings *strings);

/* One holder less; the last one ends the pool.  NULL is allowed. */
void fl_strings_release(struct fl_strings *strings);

/* The number of the text of `size` bytes (which may contain any byte), added
 * if it is new; -1 when memory ends. */
fl_value fl_strings_add(struct fl_strings *strings, const char *text,
                        size_t size);

/* The text with this number and its size in bytes; a zero byte follows it.
 * Valid until the next fl_strings_add().  The number must be of this pool. */
const char *fl_strings_text(const struct fl_strings *strings, fl_value number,
                            size_t *size);

/* How many texts the pool holds: their numbers are below it. */
uint32_t fl_strings_count(const struct fl_strings *strings);

#ifdef __cplusplus
}
#endif

#endif
