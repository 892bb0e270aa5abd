/*
 * Options of the decision, and words for what it did.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/decider.h"

#include "checker/model.h"
#include "cli/options.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* The place of `text` among the names; 0 if there is none, -1 if it is not
 * among them. */
static int find_name(const char *text, const char *const *names)
{
    assert(names != NULL);
    int found = text == NULL ? 0 : -1;
    for (int i = 0; names[i] != NULL && found < 0; i++) {
        found = strcmp(text, names[i]) == 0 ? i : -1;
    }
    return found;
}

enum code decider_read(const char *command, const struct decider_texts *texts,
                       struct fl_options *options)
{
    static const char *const deciders[] = {"auto", "search", "monitor", NULL};
    static const char *const searches[] = {"depth", "breadth", "portfolio",
                                           NULL};
    _Static_assert((int)FL_DECIDER_MONITOR == 2 &&
                       (int)FL_SEARCH_PORTFOLIO == 2,
                   "the names are in the order of their values");
    assert(texts != NULL && options != NULL);
    int decider = find_name(texts->decider, deciders);
    if (decider < 0) {
        return options_complain(command,
                                "--decider %s: say auto, search or monitor",
                                texts->decider);
    }
    int search = find_name(texts->search, searches);
    if (search < 0) {
        return options_complain(command,
                                "--search %s: say depth, breadth or portfolio",
                                texts->search);
    }
    options->jobs = 1;
    if (texts->jobs != NULL && !options_jobs(texts->jobs, &options->jobs)) {
        return options_complain(
            command, "--jobs %s: say auto or a number from 1", texts->jobs);
    }
    options->decider = (enum fl_decider)decider;
    options->search = (enum fl_search_kind)search;
    options->whole = texts->whole != 0;
    return CODE_PASS;
}

const char *decider_split_by(const struct fl_history *h,
                             const struct fl_result *result)
{
    assert(h->model != NULL);
    if (result->partitions <= 1) {
        return NULL;
    }
    return h->model->by_element ? "element" : "key";
}

const char *decider_split(const struct fl_history *h,
                          const struct fl_result *result, char *text,
                          size_t max)
{
    assert(max > 0);
    text[0] = '\0';
    const char *by = decider_split_by(h, result);
    if (by != NULL) {
        (void)snprintf(text, max, "%" PRIu32 " parts by %s", result->partitions,
                       by);
    }
    size_t at = strlen(text);
    if (result->cuts > 0) {
        (void)snprintf(text + at, max - at, "%s%" PRIu32 " quiescent cut%s",
                       at > 0 ? ", " : "", result->cuts,
                       result->cuts > 1 ? "s" : "");
    }
    return text;
}
