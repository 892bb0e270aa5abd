/*
 * The built-in models, one file each, and what several of them share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_MODELS_MODELS_H
#define FL_MODELS_MODELS_H

#include "checker/model.h"

extern const struct fl_model fl_model_of_register;
extern const struct fl_model fl_model_of_cas_register;
extern const struct fl_model fl_model_of_kv;
extern const struct fl_model fl_model_of_fifo_queue;
extern const struct fl_model fl_model_of_bounded_queue;
extern const struct fl_model fl_model_of_stack;
extern const struct fl_model fl_model_of_priority_queue;
extern const struct fl_model fl_model_of_set;
extern const struct fl_model fl_model_of_counter;
extern const struct fl_model fl_model_of_lock;
extern const struct fl_model fl_model_of_mutex;
extern const struct fl_model fl_model_of_quota_counter;
extern const struct fl_model fl_model_of_accumulator;
extern const struct fl_model fl_model_of_accumulator_reader; /* of views: */
extern const struct fl_model fl_model_of_accumulator_pair;   /* weakening.h */
extern const struct fl_model fl_model_of_accumulator_once;
extern const struct fl_model fl_model_of_deque;
extern const struct fl_model fl_model_of_multiset;
extern const struct fl_model fl_model_of_semaphore;
extern const struct fl_model fl_model_of_barrier;
extern const struct fl_model fl_model_of_log;
extern const struct fl_model fl_model_of_snapshot;
extern const struct fl_model fl_model_of_txn_map;
extern const struct fl_model fl_model_of_fifo_queue_k;
extern const struct fl_model fl_model_of_stack_k;

/* --- states that are a row of values (sequence.c) ------------------------- */

/* state_max: room for every value that the history may add. */
size_t fl_sequence_max(const struct fl_space *space);

/* start: no value at all. */
size_t fl_sequence_start(const struct fl_space *space, void *state);

/* The value at `index` (from 0), or FL_NONE if there are not so many. */
fl_value fl_sequence_at(const void *state, size_t size, size_t index);

/* Puts `value` before the one at `index`, which may be the count. */
void fl_sequence_insert(void *state, size_t *size, size_t index,
                        fl_value value);

/* Takes the value at `index` out and returns it; FL_NONE if there is none. */
fl_value fl_sequence_remove(void *state, size_t *size, size_t index);

/* describe: "[1 2 3]", first to last. */
const char *fl_sequence_describe(const struct fl_space *space,
                                 const void *state, size_t size, char *text,
                                 size_t max);

/* describe for a state of one number: "7", or the model's word for none. */
const char *fl_number_describe(const struct fl_space *space, const void *state,
                               size_t size, char *text, size_t max);

/* --- containers: add (0), remove (1), peek (2) ---------------------------- */

/* unit: a value with all its operations; an observer alone. */
void fl_container_unit(const struct fl_history *h, uint32_t i, bool *drop);

/* inert: found nothing. */
bool fl_container_inert(const struct fl_operation *op);

/* takes_first, where the first one is removed: the removal. */
bool fl_container_takes_first(const struct fl_operation *op);

/* values: an add gives, a remove or peek takes. */
void fl_container_values(const struct fl_operation *op,
                         struct fl_values *values);

/* --- states that are cells: numbered places with values (cells.c) --------- */

/* A place that was written.  Cells stand by ascending number. */
struct fl_cell {
    fl_value number;
    fl_value value;
};

/* The value at `number`, or FL_NONE if nothing was written there. */
fl_value fl_cells_read(const void *state, size_t size, fl_value number);

/* Writes `value` at `number`. */
void fl_cells_write(void *state, size_t *size, fl_value number, fl_value value);

/* describe: "0=5 2=7", or "nothing". */
const char *fl_cells_describe(const struct fl_space *space, const void *state,
                              size_t size, char *text, size_t max);

/* --- models that go in several ways (ways.c) ------------------------------ */

/* step: the first way of an operation that may answer anything. */
fl_value fl_way_step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op);

#endif
