/*
 * The corpus: traces of failures, kept from run to run.
 *
 *     DIRECTORY/<scenario>/<signature>.trace.json
 *
 * `run --corpus DIRECTORY` makes the runs of these traces first, as the
 * quickest way to see that an old failure is back, and adds each new failure
 * when it is done.  A trace carries its scenario, so that it needs no other
 * file; one that the program has outgrown is stale, and named.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_CORPUS_H
#define CLI_CORPUS_H

#include "cli/examine.h"

/* What became of the traces. */
struct corpus {
    struct summary_known *known; /* each of them; owned, with their texts */
    uint32_t known_count;
    uint32_t known_max;
    uint32_t failing;  /* as recorded */
    uint32_t expected; /* of those, where the scenario expects a violation */
    uint32_t fixed;    /* the run passes now */
    uint32_t stale;    /* it goes another way, or cannot be made any more */
};

/*
 * Makes the runs of all traces in `directory` whose scenario's name matches
 * `only` (NULL: all), in the order of their names, and says what became of each
 * on `out` (NULL: only of stale ones, on standard error).  Ends with the first
 * failing one if `fail_fast`.  Returns CODE_PASS, CODE_VIOLATION or CODE_IO.
 */
enum code corpus_run(const char *directory, const char *only, bool fail_fast,
                     FILE *out, struct corpus *corpus);

/* Ends what corpus_run() filled; zeroed is allowed. */
void corpus_release(struct corpus *corpus);

/* Adds the failures of `result`, those that are not there.  CODE_PASS, or
 * CODE_IO and a message. */
enum code corpus_add(const char *directory, const struct result *result);

#endif
