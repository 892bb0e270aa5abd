/*
 * The words of trace files, by the enumerators they stand for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_TRACE_WORDS_H
#define HX_TRACE_WORDS_H

#include "harness/trace.h"

enum {
    ACTS = ACT_CLOCK + 1
};

extern const char *const trace_site_words[SITES + 1];     /* end with NULL */
extern const char *const trace_act_words[ACTS + 1];       /* likewise */
extern const char *const trace_stream_words[STREAMS + 1]; /* likewise */

#endif
