/*
 * What a history is to be held to: --criterion, --max-loss and --relax.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_CRITERIA_H
#define CLI_CRITERIA_H

#include "checker/format/jsonl.h"
#include "cli/code.h"

/* What the command line says of it; each may be NULL. */
struct criteria_texts {
    char *criterion; /* a name, "all" or "k_relaxed" */
    char *max_loss;  /* "5 ops", "10ms" */
    char *relax;     /* "3" */
};

/* The same, read. */
struct criteria {
    int criterion; /* an fl_criterion; -1: as the header says */
    bool all;      /* every criterion that applies */
    bool relaxed;  /* the least k with which it passes */
    bool bounds;   /* a loss is bounded: as in `bound` */
    struct fl_options bound;
    uint32_t relax; /* 0: as the header says */
};

/* Reads `texts`.  CODE_PASS, or CODE_USAGE after a message of `command`. */
enum code criteria_read(const char *command, const struct criteria_texts *texts,
                        struct criteria *criteria);

/*
 * Fills in `options` what the command line and the header say.  CODE_PASS, or
 * CODE_USAGE after a message that says why the criterion does not apply to the
 * history at `path`, and what to use instead.
 */
enum code criteria_apply(const struct criteria *criteria, const char *path,
                         const struct fl_history *h,
                         const struct fl_header *header,
                         struct fl_options *options);

/* Whether `model` can be out of order, if the command line or the header says
 * that it may.  CODE_PASS, or CODE_USAGE after a message. */
enum code criteria_test_relax(const struct criteria *criteria, const char *path,
                              const struct fl_model *model,
                              const struct fl_header *header);

/* The names of all criteria, for messages and lists: NULL-ended, and how many
 * there are at most, the end included. */
enum {
    CRITERIA_MAX = 20
};
void criteria_names(const char *names[CRITERIA_MAX]);

#endif
