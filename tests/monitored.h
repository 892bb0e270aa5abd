/*
 * The models that have a monitor: each test of the monitors takes them all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_MONITORED_H
#define TESTS_MONITORED_H

#include "checker/models/models.h"

static const struct fl_model *const monitored[] = {
    &fl_model_of_register,
    &fl_model_of_cas_register,
    &fl_model_of_kv,
    &fl_model_of_fifo_queue,
    &fl_model_of_bounded_queue,
    &fl_model_of_stack,
    &fl_model_of_priority_queue,
    &fl_model_of_set,
    &fl_model_of_counter,
    &fl_model_of_lock,
    &fl_model_of_mutex,
    &fl_model_of_multiset,
    &fl_model_of_semaphore,
};

enum {
    MONITORED = sizeof(monitored) / sizeof(monitored[0])
};

#endif
