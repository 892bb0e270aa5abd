/*
 * The memo: which states there are, and which configurations were entered.
 *
 * States are flat bytes; each distinct one is stored once and has a number.
 * A configuration is a row of 64-bit words, see search.c.  Both are found by
 * hash and compared as a whole: equality by hash alone would cut off branches
 * that were never tried, and so invent violations.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_MEMO_H
#define FL_MEMO_H

#include "checker/block.h"

#include <stdint.h>

struct fl_memo {
    struct fl_block bytes; /* of the states, one after another */
    size_t bytes_size;
    struct fl_block states; /* struct state: where each is */
    uint32_t states_count;
    struct fl_block state_slots; /* state number + 1, or 0 */
    uint32_t state_slots_count;  /* a power of two, as below */

    struct fl_block keys; /* of the configurations: length, words */
    size_t keys_size;     /* in words; 0 is not used */
    struct fl_block slots;
    uint32_t slots_count;
    uint32_t entries;
};

/* What became of an entry. */
enum fl_entry {
    FL_ENTRY_NEW,
    FL_ENTRY_OLD,
    FL_ENTRY_NO_MEMORY,
};

/* Forgets everything and keeps the memory.  False when memory ends. */
bool fl_memo_clear(struct fl_memo *memo);

/* Ends the memo. */
void fl_memo_release(struct fl_memo *memo);

/* The number of this state, added if it is new; UINT32_MAX: no memory. */
uint32_t fl_memo_state(struct fl_memo *memo, const void *bytes, size_t size);

/* The bytes of a state and their count; valid until the next is added. */
const void *fl_memo_bytes(const struct fl_memo *memo, uint32_t state,
                          size_t *size);

/* Enters a configuration of `count` words. */
enum fl_entry fl_memo_enter(struct fl_memo *memo, const uint64_t *words,
                            uint32_t count);

/* Bytes held by this decision, whatever is kept from earlier ones. */
uint64_t fl_memo_held(const struct fl_memo *memo);

#endif
