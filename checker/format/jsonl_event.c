/*
 * Lines that say what befell a client:
 *
 *     {"event":"crash","client":3,"at":20}           also "recover"
 *     {"event":"crash_all","at":20}                  also "sync"
 *     {"event":"resolve","client":3,"at":25,"done":true,"result":7}
 *
 * A resolve tells a client of its last operation before that; "done" is true,
 * false, or null where nobody could say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/jsonl_line.h"

#include <assert.h>
#include <string.h>

static const char *text_of(const struct fl_json *json)
{
    return json->text->data;
}

static bool take_event_kind(struct fl_json *json, enum fl_event_kind *kind)
{
    static const char *const names[] = {"crash", "crash_all", "recover",
                                        "resolve", "sync"};
    (void)fl_json_peek(json);
    const char *at = json->at;
    if (!fl_json_string(json)) {
        return false;
    }
    for (int i = 0; i < 5; i++) {
        if (strcmp(text_of(json), names[i]) == 0) {
            *kind = (enum fl_event_kind)i;
            return true;
        }
    }
    return fl_json_fail(json, at,
                        "expected crash, crash_all, recover, resolve or sync");
}

/* What a client was told its operation had answered: which one it was is not
 * known here, so any form of a result will do. */
static bool take_told(struct fl_json *json, struct fl_history *h,
                      fl_value *result)
{
    enum fl_json_kind next = fl_json_peek(json);
    bool truth = false;
    *result = FL_NONE;
    if (next == FL_JSON_NULL) {
        return fl_json_null(json);
    }
    if (next == FL_JSON_NUMBER) {
        return fl_line_plain(json, result);
    }
    if (next == FL_JSON_STRING) {
        return fl_line_text(json, h, result);
    }
    if (next == FL_JSON_ARRAY) {
        return fl_line_bits(json, result);
    }
    if (!fl_json_bool(json, &truth)) {
        return false;
    }
    *result = truth;
    return true;
}

/* true, false, or null: nobody could say. */
static bool take_done(struct fl_json *json, enum fl_resolved *resolved)
{
    bool done = false;
    *resolved = FL_RESOLVED_UNKNOWN;
    if (fl_json_peek(json) == FL_JSON_NULL) {
        return fl_json_null(json);
    }
    if (!fl_json_bool(json, &done)) {
        return false;
    }
    *resolved = done ? FL_RESOLVED_DONE : FL_RESOLVED_NOT_DONE;
    return true;
}

/* Takes the member in hand.  `*is_told`: there was a "done". */
static bool take_member(struct fl_json *json, struct fl_history *h,
                        struct fl_event *event, bool *is_told)
{
    const char *name = text_of(json);
    if (strcmp(name, "event") == 0) {
        return take_event_kind(json, &event->kind);
    }
    if (strcmp(name, "client") == 0) {
        return fl_line_number(json, FL_JSONL_CLIENT_MAX, "a client",
                              &event->client);
    }
    if (strcmp(name, "at") == 0) {
        return fl_line_number(json, FL_OPEN - 2, "a stamp", &event->at);
    }
    if (strcmp(name, "done") == 0) {
        *is_told = true;
        return take_done(json, &event->resolved);
    }
    if (strcmp(name, "result") == 0) {
        return take_told(json, h, &event->result);
    }
    return fl_json_fail(
        json, json->text_at,
        "unknown member; expected event, client, at, done or result");
}

/* Whether the event has the members that one of its kind has. */
static bool is_whole(struct fl_json *json, const struct fl_event *event,
                     bool is_told)
{
    if (event->at == FL_OPEN) {
        return fl_json_fail(json, json->start, "an event needs \"at\"");
    }
    if (is_told != (event->kind == FL_EVENT_RESOLVE)) {
        return fl_json_fail(json, json->start,
                            is_told ? "only resolve has \"done\""
                                    : "resolve needs \"done\"");
    }
    bool has_client = event->client != FL_OPEN;
    bool is_common =
        event->kind == FL_EVENT_CRASH_ALL || event->kind == FL_EVENT_SYNC;
    if (has_client == is_common) {
        return fl_json_fail(json, json->start,
                            has_client ? "crash_all and sync have no client"
                                       : "an event needs \"client\"");
    }
    return true;
}

bool fl_line_event(struct fl_json *json, struct fl_history *h)
{
    assert(h->events_count < h->events_max);
    struct fl_event *event = &h->events[h->events_count];
    *event =
        (struct fl_event){.at = FL_OPEN, .client = FL_OPEN, .result = FL_NONE};
    bool is_told = false;
    bool more = true;
    if (!fl_json_expect(json, '{')) {
        return false;
    }
    for (bool first = true; more; first = false) {
        if (!fl_json_member(json, first, &more) ||
            (more && !take_member(json, h, event, &is_told))) {
            return false;
        }
    }
    if (!fl_json_end(json) || !is_whole(json, event, is_told)) {
        return false;
    }
    event->client = event->client != FL_OPEN ? event->client : 0;
    h->events_count++;
    return true;
}
