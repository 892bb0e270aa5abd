/*
 * Peaks: the worst that single operations met in the runs of a campaign.
 *
 * A bound that holds says less than how near it was come to: "at most 14 own
 * steps, overtaken at most 3 times, in 20 000 schedules".  Of equal runs the
 * first counts, so that the number of workers does not show; its trace is kept,
 * so that the worst can be looked at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_PEAKS_H
#define HX_PEAKS_H

#include "harness/run.h"
#include "harness/store.h"

enum peak_kind {
    PEAK_STEPS,     /* own steps of an operation that was performed */
    PEAK_OVERTAKEN, /* operations of others while one waited */
    PEAKS
};

struct peak {
    uint64_t value; /* 0: none of that kind yet */
    uint64_t index; /* of the run; in a search, the first plus those made */
};

struct peaks {
    struct peak of[PEAKS];
};

/* Takes in a run.  Returns a bit for each kind that it raised. */
uint32_t peaks_note(struct peaks *peaks, uint64_t index,
                    const struct run_outcome *outcome);

/* Takes in what another worker met. */
void peaks_join(struct peaks *peaks, const struct peaks *others);

/* Whether the scenario asks about operations: then its worst runs are kept. */
bool peaks_asked(const struct scenario *scenario);

/*
 * Writes `trace` as the one that holds the peak of `kind`, beside the failures
 * of the scenario.  False if it could not be written; nothing depends on it.
 */
bool peaks_write(const struct store *store, enum peak_kind kind,
                 const struct trace *trace);

/* Its path, to `path` (STORE_PATH_MAX bytes); false: it is not there. */
bool peaks_find(const struct store *store, enum peak_kind kind, char *path);

/* Removes those that an earlier campaign left there. */
void peaks_forget(const struct store *store);

/* Makes the runs of `peaks` again, in a child, and writes their traces;
 * `strategy` and `seed` as in the campaign. */
void peaks_record(struct runner *runner, const struct peaks *peaks,
                  const struct run_request *request, const struct store *store);

#endif
