/*
 * Accesses of histories: what c11.c, the short ways to it, and those who look
 * at what it may do share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_MEMORY_HISTORIES_H
#define HX_SIM_MEMORY_HISTORIES_H

#include "harness/sim/memory/model.h"

/* The value at the bytes of `a` in a store of `l`, and a value with them
 * changed. */
struct wide location_cut(const struct location *l,
                         const struct atomic_access *a, struct wide whole);
struct wide location_put(const struct location *l,
                         const struct atomic_access *a, struct wide whole,
                         struct wide part);

/* For a search over graphs: the access that is made, and the stores that there
 * are; that it reads `s`; which of them can be chosen (NULL: all, the newest
 * first); what an update expects and makes of it; that it stores this; and a
 * fence. */
void offer_access(struct world *w, struct location *l,
                  const struct atomic_access *a);
void offer_source(struct world *w, const struct location *l,
                  const struct store *s);
void offer_choice(struct world *w, const uint8_t *list, uint32_t count);
void offer_values(struct world *w, struct wide expected, struct wide operand);
void offer_stored(struct world *w, struct wide value);
void offer_fence(struct world *w, enum order order);

/* What a compare-and-swap may read, and whether it swaps: numbers of stores
 * from the newest, with OFFER_FAILS if it fails although the values match. */
struct comparable {
    uint32_t count;
    uint32_t drawn; /* of them, the first: what a search alone tries is not
                     * met by chance */
    uint8_t list[2 * HISTORY_MAX];
};

/* Fills in the stores that a compare-and-swap may read, from the newest: those
 * whose value differs, and of the others those to which it can be glued, or if
 * it may fail for no reason: a weak one, unless its thread's last one did. */
void compare_list(struct world *w, struct location *l,
                  const struct atomic_access *a, struct wide expected,
                  struct comparable *c);

/* The least timestamp that the current fiber may read in `l`. */
uint32_t location_floor(struct world *w, const struct location *l,
                        enum order order);

/* How many stores of `l`, from the newest, have a timestamp of `floor` or
 * more: one at least. */
uint32_t location_count_from(struct location *l, uint32_t floor);

/* Whether a store fits right behind store `i` from the newest. */
bool location_has_gap(struct location *l, uint32_t i);

/* The model in full; memory_c11 (newest.c) has short ways to most of it. */
struct wide c11_load(struct world *w, const struct atomic_access *a);
bool c11_store(struct world *w, const struct atomic_access *a,
               struct wide value);
struct wide c11_update(struct world *w, const struct atomic_access *a,
                       enum update kind, struct wide operand);
struct swap c11_compare(struct world *w, const struct atomic_access *a,
                        const struct wide *both);
void c11_fence(struct world *w, enum order order);

/* An access of a location beyond the first ones: everything there is
 * sequentially consistent, and synchronises with all such before it. */
void c11_meet_all(struct world *w);

/* Places a store at the end of modification order: what a flush does. */
void c11_flush(struct world *w, uint32_t thread, const struct buffered *b);

#endif
