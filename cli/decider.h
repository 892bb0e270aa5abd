/*
 * Who decides a history, as the command line says it, and how it was divided,
 * as the report does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_DECIDER_H
#define CLI_DECIDER_H

#include "checker/check.h"
#include "cli/code.h"

#include <stddef.h>

/* The options' texts, owned by whoever read them. */
struct decider_texts {
    char *decider; /* auto, search, monitor */
    char *search;  /* depth, breadth, portfolio */
    char *jobs;    /* auto, or a number */
    int whole;
};

/* The rows of a command's table for these texts. */
#define DECIDER_OPTIONS(t)                                                   \
    {"decider",    '\0', POPT_ARG_STRING,                                    \
     &(t).decider, 0,    "who decides: auto, search or monitor",             \
     "WHO"},                                                                 \
        {"search",    '\0', POPT_ARG_STRING,                                 \
         &(t).search, 0,    "how to search: depth, breadth or portfolio",    \
         "HOW"},                                                             \
        {"jobs",    'j', POPT_ARG_STRING,                                    \
         &(t).jobs, 0,   "threads for parts of a history: auto or a number", \
         "N"},                                                               \
    {                                                                        \
        "whole", '\0', POPT_ARG_NONE, &(t).whole, 0,                         \
            "never split a history by key or element", NULL                  \
    }

/* Reads the texts into `options`, or complains in the name of `command`. */
enum code decider_read(const char *command, const struct decider_texts *texts,
                       struct fl_options *options);

/* How `result` was divided: "10 parts by key, 3 quiescent cuts", or nothing.
 * Writes into `text` and returns it. */
const char *decider_split(const struct fl_history *h,
                          const struct fl_result *result, char *text,
                          size_t max);

/* By what: "key", "element", or NULL: it is one part. */
const char *decider_split_by(const struct fl_history *h,
                             const struct fl_result *result);

#endif
