/*
 * How much the schedules of a pass have shown, for the terminal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/scene.h"
#include "checker/phrase.h"
#include "harness/report/summary.h"

#include <assert.h>

enum {
    LINE_MAX_BYTES = 600
};

static void add_count(struct fl_phrase *phrase, uint64_t count)
{
    char text[32];
    fl_phrase_add(phrase, fl_scene_count(count, text));
}

/* "nothing new in the last 6 000 of 10 000 schedules" */
static void add_quiet(struct fl_phrase *phrase, const struct summary_reach *r)
{
    assert(r->quiet <= r->range);
    if (r->quiet == 0) {
        fl_phrase_add(phrase, "the last one still showed something new");
        return;
    }
    fl_phrase_add(phrase, "no new access or pair in the last ");
    add_count(phrase, r->quiet);
    fl_phrase_add(phrase, " of ");
    add_count(phrase, r->range);
}

/* "; never made: stack.c:19, stack.c:22 and 3 others" */
static void add_never(struct fl_phrase *phrase, const struct summary_reach *r)
{
    assert(r->never_count <= SUMMARY_NEVER_MAX && r->never >= r->never_count);
    for (uint32_t i = 0; i < r->never_count; i++) {
        fl_phrase_add(phrase, i == 0 ? "never made: " : ", ");
        fl_phrase_add(phrase, r->never_at[i]);
    }
    uint32_t others = r->never - r->never_count;
    if (others > 0) {
        fl_phrase_print(phrase, " and %u other%s", others,
                        others == 1 ? "" : "s");
    }
}

static void write_line(struct fl_phrase *phrase, char *text, FILE *out)
{
    fprintf(out, "      %s\n", text);
    fl_phrase_init(phrase, text, LINE_MAX_BYTES);
}

void summary_write_reach(const struct scenario_summary *scenario, FILE *out)
{
    const struct summary_reach *r = &scenario->reach;
    if (r->looked == 0 || r->sites == 0 || scenario->expected ||
        scenario->status != SUMMARY_PASSED) {
        return;
    }
    char text[LINE_MAX_BYTES];
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, sizeof(text));
    add_count(&phrase, r->looked);
    fl_phrase_add(&phrase, r->full ? " looked at, in part: " : " looked at: ");
    add_count(&phrase, r->sites);
    if (r->sites_all != 0) {
        fl_phrase_add(&phrase, " of ");
        add_count(&phrase, r->sites_all);
    }
    fl_phrase_add(&phrase, " atomic accesses, ");
    add_count(&phrase, r->pairs);
    fl_phrase_print(&phrase, " pair%s of writer and reader, ",
                    r->pairs == 1 ? "" : "s");
    fl_phrase_add(&phrase, r->ways_full ? "more than " : "");
    add_count(&phrase, r->ways);
    fl_phrase_print(&phrase, " interleaving%s", r->ways == 1 ? "" : "s");
    write_line(&phrase, text, out);
    add_quiet(&phrase, r);
    write_line(&phrase, text, out);
    if (r->never_count > 0) {
        add_never(&phrase, r);
        write_line(&phrase, text, out);
    }
}
