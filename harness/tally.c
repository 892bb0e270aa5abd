/*
 * What a search counts, in words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/tally.h"

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
