/*
 * The drawings: escaping, bounds, and that dot accepts every view.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/axis.h"
#include "checker/draw/dot.h"
#include "checker/draw/scene.h"
#include "tests/hostile_fixture.h"
#include "tests/record_fixture.h"
#include "tests/tap.h"

static void labels_are_escaped(void)
{
    struct fl_label label;
    CU_ASSERT_STRING_EQUAL(fl_dot_plain(&label, "a\"b\\c<d>&e\nf", 40),
                           "a\\\"b\\\\c<d>&amp;e f");
    CU_ASSERT_STRING_EQUAL(fl_dot_html(&label, "a\"b\\c<d>&e\nf", 40),
                           "a&quot;b\\c&lt;d&gt;&amp;e f");
    CU_ASSERT_STRING_EQUAL(fl_dot_plain(&label, "\xff\xc0z", 40), "??z");
    CU_ASSERT_STRING_EQUAL(fl_dot_plain(&label, "abcdef", 3), "abc\u2026");
    CU_ASSERT_STRING_EQUAL(fl_dot_plain(&label, "\u00e4\u00f6\u00fc", 2),
                           "\u00e4\u00f6\u2026");
    CU_ASSERT_STRING_EQUAL(fl_dot_html(&label, NULL, 3), "");
}

static void labels_never_overflow(void)
{
    struct fl_label label;
    static char text[5000];
    memset(text, '"', sizeof(text) - 1);
    CU_ASSERT(strlen(fl_dot_html(&label, text, 4000)) < FL_LABEL_BYTES);
    CU_ASSERT(strlen(fl_dot_plain(&label, text, 4000)) < FL_LABEL_BYTES);
}

static void axes_keep_order_and_room(void)
{
    static struct fl_axis axis;
    memset(&axis, 0, sizeof(axis));
    fl_axis_span(&axis, 10, 20, 150);
    fl_axis_add(&axis, 15);
    fl_axis_add(&axis, UINT64_MAX - 1);
    fl_axis_lay(&axis, 100, 22, 1000);
    CU_ASSERT_EQUAL(fl_axis_at(&axis, 10), 100);
    CU_ASSERT(fl_axis_at(&axis, 15) >= 122);
    CU_ASSERT(fl_axis_at(&axis, 20) >= 250);
    CU_ASSERT(fl_axis_at(&axis, UINT64_MAX - 1) > fl_axis_at(&axis, 20));
    CU_ASSERT_EQUAL(fl_axis_end(&axis), fl_axis_at(&axis, UINT64_MAX - 1));
}

static void numbers_are_for_people(void)
{
    char text[32];
    CU_ASSERT_STRING_EQUAL(fl_scene_count(412, text), "412");
    CU_ASSERT_STRING_EQUAL(fl_scene_count(96310, text), "96 310");
    CU_ASSERT_STRING_EQUAL(fl_scene_time(40000000, text), "40 ms");
    CU_ASSERT_STRING_EQUAL(fl_scene_time(1500000000, text), "1.5 s");
    CU_ASSERT_STRING_EQUAL(fl_scene_time(999, text), "999 ns");
}

static bool has_dot(void)
{
    return system("command -v dot >/dev/null 2>&1") == 0;
}

/* Whether dot takes what `view` draws, without a word of complaint. */
static bool is_accepted(const struct fl_view *view,
                        const struct fl_record *record)
{
    char name[] = "/tmp/faultline-draw-XXXXXX";
    char command[200];
    int fd = mkstemp(name);
    CU_ASSERT_FATAL(fd >= 0);
    FILE *out = fdopen(fd, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    view->draw(record, out);
    (void)fclose(out);
    snprintf(command, sizeof(command),
             "test -z \"$(dot -Tsvg %s 2>&1 >/dev/null)\"", name);
    bool accepted = system(command) == 0;
    if (!accepted) {
        printf("# %s of %s is refused: %s\n", view->name, record->scenario,
               name);
        return false;
    }
    unlink(name);
    return true;
}

static void draw_all(void (*make)(struct fixture *), uint32_t expected)
{
    struct fixture *f = calloc(1, sizeof(*f));
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    uint32_t drawn = 0;
    make(f);
    for (size_t k = 0; fl_views[k] != NULL; k++) {
        if (fl_views[k]->lacks(&f->record) == NULL) {
            CU_ASSERT_TRUE(is_accepted(fl_views[k], &f->record));
            drawn++;
        }
    }
    CU_ASSERT_EQUAL(drawn, expected);
    fixture_release(f);
    free(f);
}

static void dot_accepts_the_examples(void)
{
    if (!has_dot()) {
        TAP_SKIP("there is no dot on this machine");
    }
    draw_all(fixture_treiber, 4);        /* all but network */
    draw_all(fixture_abd, 5);            /* all */
    draw_all(fixture_use_after_free, 3); /* no proof, no network */
    draw_all(fixture_file, 3);           /* no steps, no network */
}

static void dot_accepts_hostile_records(void)
{
    if (!has_dot()) {
        TAP_SKIP("there is no dot on this machine");
    }
    draw_all(fixture_hostile, 4); /* all but proof */
    draw_all(fixture_crowd, 4);   /* all but network */
}

static void views_say_what_they_lack(void)
{
    struct fl_record empty = {.verdict = "deadlock"};
    for (size_t k = 0; fl_views[k] != NULL; k++) {
        CU_ASSERT_PTR_NOT_NULL(fl_views[k]->lacks(&empty));
        CU_ASSERT_PTR_EQUAL(fl_view_find(fl_views[k]->name), fl_views[k]);
    }
    CU_ASSERT_PTR_NULL(fl_view_find("pie"));
}

/* How often `sign` occurs in a drawing of `record`. */
static uint32_t count_in(const struct fl_view *view,
                         const struct fl_record *record, const char *sign)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    view->draw(record, out);
    (void)fclose(out);
    uint32_t count = 0;
    for (const char *at = text; (at = strstr(at, sign)) != NULL; at++) {
        count++;
    }
    free(text);
    return count;
}

static void drawings_are_bounded(void)
{
    struct fixture *f = calloc(1, sizeof(*f));
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fixture_crowd(f);
    const struct fl_view *proof = fl_view_find("proof");
    CU_ASSERT(f->explanation->configurations_count > 60);
    CU_ASSERT(count_in(proof, &f->record, " [label=\"") <= 60 * 5);
    CU_ASSERT_EQUAL(count_in(proof, &f->record, "not a complete proof"), 1);
    fixture_release(f);
    free(f);
}

static void parallel_edges_are_reduced(void)
{
    struct fixture f;
    fixture_treiber(&f);
    const struct fl_view *order = fl_view_find("order");
    /* T1's first pop precedes the stuck one only through the others. */
    CU_ASSERT_EQUAL(count_in(order, &f.record, "o4 -> o8"), 0);
    CU_ASSERT_EQUAL(count_in(order, &f.record, "o6 -> o8"), 1);
    fixture_release(&f);
}

static void messages_nobody_needed_are_left_out(void)
{
    struct fixture f;
    fixture_abd(&f);
    const struct fl_view *network = fl_view_find("network");
    struct fl_record_message messages[16];
    CU_ASSERT_EQUAL_FATAL(f.record.messages_count, 14);
    memcpy(messages, f.record.messages, 14 * sizeof(messages[0]));
    messages[4].idle = true;
    messages[6].idle = true;
    f.record.messages = messages;
    CU_ASSERT_EQUAL(count_in(network, &f.record, "s4 -> a4"), 0);
    CU_ASSERT_EQUAL(count_in(network, &f.record, "s5 -> a5"), 1);
    CU_ASSERT_EQUAL(count_in(network, &f.record, "left out: 2 messages"), 1);
    /* A client that did nothing has no lane. */
    struct fl_lane lanes[7];
    memcpy(lanes, f.record.lanes, 6 * sizeof(lanes[0]));
    lanes[6] = (struct fl_lane){"idler", "client", true};
    f.record.lanes = lanes;
    f.record.lanes_count = 7;
    CU_ASSERT_EQUAL(count_in(network, &f.record, "idler"), 0);
    fixture_release(&f);
}

static void long_causes_are_two_lines(void)
{
    struct fixture f;
    fixture_treiber(&f);
    const struct fl_view *steps = fl_view_find("steps");
    CU_ASSERT_EQUAL(count_in(steps, &f.record,
                             "n1 read at 2, changed at 5,\\nn1 again since"),
                    1);
    f.steps[1].inner_line = 12;
    CU_ASSERT_EQUAL(count_in(steps, &f.record, ":34>12"), 1);
    fixture_release(&f);
}

/* `client` dies in the operation that it is in, and asks what became of it. */
static void tell(struct fl_history *h, uint32_t client,
                 enum fl_resolved resolved, fl_value result)
{
    fl_history_event(h, FL_EVENT_CRASH, client);
    fl_history_event(h, FL_EVENT_RECOVER, client);
    fl_history_event(h, FL_EVENT_RESOLVE, client);
    h->events[h->events_count - 1].resolved = resolved;
    h->events[h->events_count - 1].result = result;
}

/* Three clients that were told three things; without steps. */
static void make_told(struct fixture *f)
{
    fixture_begin(f, "counter");
    fl_history_free(f->history);
    f->history = fl_history_new(fl_model_find("counter"), 8, 12);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f->history);
    f->record.history = f->history;
    f->record.scenario = "told";
    f->record.verdict = "blocked"; /* no explanation is drawn */
    for (uint32_t client = 0; client < 3; client++) {
        (void)fixture_call(f, client, FL_COUNTER_ADD, client + 1, NULL);
    }
    tell(f->history, 0, FL_RESOLVED_DONE, 7);
    tell(f->history, 1, FL_RESOLVED_NOT_DONE, FL_NONE);
    tell(f->history, 2, FL_RESOLVED_UNKNOWN, FL_NONE);
    uint32_t read = fixture_call(f, 0, FL_COUNTER_READ, FL_NONE, NULL);
    fixture_return(f, read, 5, NULL);
    fixture_end(f, NULL);
}

/* Where the node `name` stands: "pos=\"x,y!\"" behind its name. */
static bool find_node(const char *text, const char *name, double *x, double *y)
{
    char begin[32];
    (void)snprintf(begin, sizeof(begin), "  %s [", name);
    const char *at = strstr(text, begin);
    const char *pos = at == NULL ? NULL : strstr(at, "pos=\"");
    return pos != NULL && sscanf(pos, "pos=\"%lf,%lf", x, y) == 2; // NOLINT
}

static void what_was_told_is_a_mark(void)
{
    static struct fixture f;
    make_told(&f);
    const struct fl_view *timeline = fl_view_find("timeline");
    const struct fl_view *order = fl_view_find("order");
    static const char *const told[] = {"told: 7", "told: not done",
                                       "told: unknown"};
    for (uint32_t i = 0; i < 3; i++) { /* on the box, and on a flag */
        CU_ASSERT_EQUAL(count_in(timeline, &f.record, told[i]), 2);
        CU_ASSERT_EQUAL(count_in(order, &f.record, told[i]), 1);
    }
    CU_ASSERT_EQUAL(count_in(timeline, &f.record, "no response"), 0);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    timeline->draw(&f.record, out);
    (void)fclose(out);
    double last = 0;
    for (uint32_t i = 0; i < 3; i++) { /* each in its lane, one after another */
        char box[24];
        char flag[24];
        double x[2] = {0};
        double y[2] = {0};
        (void)snprintf(box, sizeof(box), "o%u", i);
        (void)snprintf(flag, sizeof(flag), "told%u", 3 * i + 2);
        CU_ASSERT_TRUE(find_node(text, box, &x[0], &y[0]));
        CU_ASSERT_TRUE(find_node(text, flag, &x[1], &y[1]));
        CU_ASSERT_DOUBLE_EQUAL(y[1] - y[0], 29, 0.001);
        CU_ASSERT(x[1] > last);
        last = x[1];
    }
    free(text);
    if (has_dot()) {
        CU_ASSERT_TRUE(is_accepted(timeline, &f.record));
    }
    fixture_release(&f);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"labels are escaped", labels_are_escaped},
        {"labels never overflow", labels_never_overflow},
        {"axes keep order and room", axes_keep_order_and_room},
        {"numbers are for people", numbers_are_for_people},
        {"views say what they lack", views_say_what_they_lack},
        {"dot accepts the examples", dot_accepts_the_examples},
        {"dot accepts hostile records", dot_accepts_hostile_records},
        {"drawings are bounded", drawings_are_bounded},
        {"the order is transitively reduced", parallel_edges_are_reduced},
        {"messages that nobody needed are left out",
         messages_nobody_needed_are_left_out},
        {"long causes are two lines", long_causes_are_two_lines},
        {"what a client was told is a mark", what_was_told_is_a_mark},
        {NULL, NULL},
    };
    return tap_run("draw", cases);
}
