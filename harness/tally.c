/*
 * What a search counts, in words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/tally.h"

#include <assert.h>
#include <stdio.h>

const char *tally_apart(enum apart apart)
{
    switch (apart) {
    case APART_UNASKED:
    case APART_NOT:
        break;
    case APART_NO_SEARCH:
        return "the strategy does not try all schedules";
    case APART_KIND:
        return "its clients are no threads of one process";
    case APART_FAULTS:
        return "its faults aim at threads by their numbers";
    case APART_NUMBERED:
        return "the algorithm is given the numbers of its clients, and does "
               "not promise to take no notice of them";
    case APART_CALLS:
        return "no two threads have the same calls with the same arguments";
    case APART_ORDERED:
        return "threads with the same calls seem to wait for each other";
    case APART_MADE:
        return "no two threads were made one right after the other, of the "
               "same function with the same argument";
    case APART_JOINED:
        return "whoever made the threads does something before all of them "
               "are joined, or sees what each returns";
    case APART_STOPPED:
        return "the run may be over before the threads are";
    case APART_HANDLED:
        return "a thread's handle is used for more than that its maker joins "
               "it";
    case APART_NAMED:
        return "a thread looked at its own number (pthread_self, gettid)";
    }
    return "";
}

/* What is not followed, and what of it. */
static const struct {
    const char *subject;
    const char *predicate;
} ungraphed[UNGRAPHED_KINDS] = {
    [UNGRAPHED_BOUND] = {"stale_max", "bounds what a load may read"},
    [UNGRAPHED_ORDERED] = {"the order of all steps",
                           "counts where faults may act or overtaking is "
                           "judged"},
    [UNGRAPHED_KIND] = {"a client", "is no thread of the same process"},
    [UNGRAPHED_CLOCK] = {"the clock, or a number drawn,",
                         "depends on the order of all steps"},
    [UNGRAPHED_LIMIT] = {"a wait with a time limit", "has no graph form"},
    [UNGRAPHED_BARRIER] = {"a pthread barrier for one", "has no graph form"},
    [UNGRAPHED_ROBUST] = {"a robust mutex that its holder leaves behind",
                          "has no graph form"},
    [UNGRAPHED_WRITERS] = {"a rwlock whose readers queue behind writers",
                           "has no graph form"},
    [UNGRAPHED_OBJECT] = {"an object that is made or destroyed",
                          "is in no order with what others do to it"},
    [UNGRAPHED_SIZES] = {"an atomic access",
                         "is of another size than others of the same bytes"},
    [UNGRAPHED_PLAIN] = {"a plain store", "is to what is accessed atomically"},
    [UNGRAPHED_SILENT] = {"what an atomic access finds",
                          "was stored where nobody sees it"},
    [UNGRAPHED_REUSE] = {"memory that was accessed atomically",
                         "is freed, and may come back"},
    [UNGRAPHED_FREE] = {"a free",
                        "is in no order with another thread's use of the "
                        "block"},
    [UNGRAPHED_SIZE_CLASS] = {"malloc or free",
                              "takes or gives what other threads may get"},
    [UNGRAPHED_FILL] = {"a load", "may read memory that nobody has stored to"},
    [UNGRAPHED_STORES] = {"a location", "has more than 16 stores"},
    [UNGRAPHED_STALE] = {"a thread", "read old values 64 times in a row"},
    [UNGRAPHED_LOCATIONS] = {"an atomic access",
                             "is of more locations than have a history"},
    [UNGRAPHED_FENCES] = {"a thread", "passes more than 8 fences in a row"},
    [UNGRAPHED_SEQUENCE] = {"a store",
                            "may come into the middle of a release sequence"},
    [UNGRAPHED_LOOP] = {"a loop", "goes round for nothing, and is kept"},
    [UNGRAPHED_DECISION] = {"a decision",
                            "is neither what is read nor who is woken"},
    [UNGRAPHED_LENGTH] = {"a run", "has more steps than a graph has room for"},
    [UNGRAPHED_STEP] = {"what a thread does in one step",
                        "is more than a graph says"},
};

void tally_ungraphed(enum ungraphed why, const char *place, char *text,
                     size_t max)
{
    assert(why > UNGRAPHED_NOT && why < UNGRAPHED_KINDS);
    const char *subject = ungraphed[why].subject;
    const char *predicate = ungraphed[why].predicate;
    assert(subject != NULL && predicate != NULL);
    if (place == NULL) {
        (void)snprintf(text, max, "%s %s", subject, predicate);
    } else {
        (void)snprintf(text, max, "%s at %s %s", subject, place, predicate);
    }
}

const char *tally_unpruned(enum unpruned unpruned)
{
    switch (unpruned) {
    case UNPRUNED_NOT:
    case UNPRUNED_UNASKED:
        break;
    case UNPRUNED_NO_SEARCH:
        return "the strategy does not try all schedules";
    case UNPRUNED_FAULTS:
        return "faults may act at any step, so no two states are the same";
    case UNPRUNED_KIND:
        return "its clients are no threads of one process";
    case UNPRUNED_SILENT:
        return "some of the code stores to memory where nobody sees it";
    case UNPRUNED_COUNTS:
        return "it is judged how often one is overtaken, or what one does "
               "alone, which depends on the order of all steps";
    }
    return "";
}
