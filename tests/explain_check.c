/*
 * The command line, where it says why: all criteria, what was lost, how far out
 * of order, and explanations in three forms, read back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

#include <jansson.h>

/* Writes histories: q.jsonl is out of order and lost nothing, lost.jsonl lost
 * the last of three, broken.jsonl cannot be explained by any loss, fine.jsonl
 * passes, cut.jsonl has a client that crashed alone. */
static void write_histories(void)
{
    static const char *const lines[][2] = {
        {"q.jsonl", "{\"model\":\"queue\",\"id\":\"out|of`order\"}\n"
                    "{\"client\":0,\"op\":\"enqueue\",\"args\":[1],\"call\":0,"
                    "\"return\":1}\n"
                    "{\"client\":1,\"op\":\"enqueue\",\"args\":[2],\"call\":2,"
                    "\"return\":3}\n"
                    "{\"client\":0,\"op\":\"enqueue\",\"args\":[3],\"call\":4,"
                    "\"return\":5}\n"
                    "{\"client\":0,\"op\":\"dequeue\",\"args\":[],\"result\":3,"
                    "\"call\":6,\"return\":7}\n"},
        {"lost.jsonl",
         "{\"model\":\"stack\",\"id\":\"lossy\",\"unit\":\"ms\"}\n"
         "{\"client\":0,\"op\":\"push\",\"args\":[1],\"call\":0,"
         "\"return\":10}\n"
         "{\"client\":0,\"op\":\"push\",\"args\":[2],\"call\":20,"
         "\"return\":30}\n"
         "{\"client\":0,\"op\":\"push\",\"args\":[3],\"call\":40,"
         "\"return\":50}\n"
         "{\"event\":\"crash_all\",\"at\":60}\n"
         "{\"client\":0,\"op\":\"pop\",\"args\":[],\"result\":1,\"call\":70,"
         "\"return\":80}\n"},
        {"broken.jsonl",
         "{\"model\":\"queue\",\"id\":\"broken\"}\n"
         "{\"client\":0,\"op\":\"enqueue\",\"args\":[1],\"call\":0,"
         "\"return\":1}\n"
         "{\"client\":1,\"op\":\"enqueue\",\"args\":[2],\"call\":2,"
         "\"return\":3}\n"
         "{\"event\":\"crash_all\",\"at\":4}\n"
         "{\"client\":0,\"op\":\"dequeue\",\"args\":[],\"result\":2,"
         "\"call\":5,\"return\":6}\n"},
        {"fine.jsonl",
         "{\"model\":\"kv\",\"id\":\"fine\"}\n"
         "{\"client\":0,\"op\":\"put\",\"key\":\"x\",\"args\":[\"a|`b\"],"
         "\"call\":0,\"return\":1}\n"
         "{\"client\":1,\"op\":\"get\",\"key\":\"x\",\"args\":[],"
         "\"result\":\"a|`b\",\"call\":2,\"return\":3}\n"},
        {"cut.jsonl",
         "{\"model\":\"register\",\"id\":\"cut\"}\n"
         "{\"client\":0,\"op\":\"write\",\"args\":[1],\"call\":0,"
         "\"return\":null}\n"
         "{\"event\":\"crash\",\"client\":0,\"at\":1}\n"
         "{\"client\":1,\"op\":\"read\",\"args\":[],\"result\":null,"
         "\"call\":2,\"return\":3}\n"
         "{\"client\":1,\"op\":\"read\",\"args\":[],\"result\":1,\"call\":4,"
         "\"return\":5}\n"},
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        FILE *file = fopen(lines[i][0], "w");
        ck_assert_ptr_nonnull(file);
        ck_assert(fputs(lines[i][1], file) >= 0);
        ck_assert_int_eq(fclose(file), 0);
    }
}

/* The objects of out.txt, an array of them. */
static json_t *read_objects(void)
{
    json_t *all = json_array();
    FILE *file = fopen("out.txt", "r");
    ck_assert_ptr_nonnull(file);
    json_t *one;
    json_error_t error;
    while ((one = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error)) != NULL) {
        json_array_append_new(all, one);
    }
    ck_assert_msg(feof(file), "not JSON: %s", error.text);
    (void)fclose(file);
    return all;
}

static const char *text_at(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    ck_assert_msg(value != NULL, "no member %s", name);
    return json_is_null(value) ? "" : json_string_value(value);
}

static json_int_t number_at(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    ck_assert_msg(json_is_integer(value), "no number %s", name);
    return json_integer_value(value);
}

START_TEST(all_criteria_are_decided)
{
    write_histories();
    expect_code(1, "$F check --criterion all --out d lost.jsonl");
    expect_text("out.txt", "strongest criterion that holds: buffered_strict");
    expect_text("out.txt", "next one that fails: ");
    expect_text("out.txt", "durable           fails      since linearizable");
    expect_text("out.txt", "detectable        does not apply");
    expect_text("out.txt", "k_relaxed         out of order by k = 3");
    expect_text("out.txt", "loss window: 2 operations, more than 30 ms");
    expect_code(0, "grep -l digraph d/lossy.1.*.timeline.dot "
                   "d/lossy.1.*.proof.dot | wc -l | grep -q 2");
    expect_code(0, "! command -v dot || grep -q '<svg' d/lossy.1.*.proof.svg");
    expect_code(1, "$F check --criterion all --format jsonl lost.jsonl");
    json_t *all = read_objects();
    const json_t *one = json_array_get(all, 0);
    ck_assert_str_eq(text_at(one, "strongest"), "buffered_strict");
    const json_t *criteria = json_object_get(one, "criteria");
    ck_assert_uint_eq(json_object_size(criteria), 11);
    const json_t *durable = json_object_get(criteria, "durable");
    ck_assert_str_eq(text_at(durable, "verdict"), "violation");
    ck_assert_str_eq(text_at(durable, "inferred_from"), "linearizable");
    const json_t *window = json_object_get(one, "loss_window");
    ck_assert_int_eq(number_at(window, "operations"), 2);
    ck_assert_int_eq(number_at(window, "ns"), 30000000);
    ck_assert_int_eq(number_at(json_object_get(one, "relaxation"), "k"), 3);
    json_decref(all);
    /* What nobody violates is all there is. */
    expect_code(0, "$F check --criterion all fine.jsonl");
    expect_text("out.txt", "strongest criterion that holds: linearizable\n");
    expect_text("out.txt", "next one that fails: none");
}
END_TEST

START_TEST(the_least_k_is_said)
{
    write_histories();
    expect_code(0, "$F check --criterion k_relaxed q.jsonl");
    expect_text("out.txt", "out of order by k = 3: a removal takes one of the "
                           "3 values that are next; with 2 no order exists");
    expect_code(1, "$F check --criterion k_relaxed --relax 2 q.jsonl");
    expect_code(0, "$F check --criterion k_relaxed --relax 4 q.jsonl");
    expect_code(1, "$F check --model fifo_queue_k --relax 2 q.jsonl");
    expect_code(0, "$F check --model fifo_queue_k --relax 3 q.jsonl");
    expect_code(64, "$F check --criterion k_relaxed fine.jsonl");
    expect_text("err.txt", "use quiescent or sequential");
}
END_TEST

START_TEST(losses_are_bounded_and_measured)
{
    write_histories();
    expect_code(0, "$F check -c buffered_strict lost.jsonl");
    expect_text("out.txt", "loss window: 2 operations, more than 30 ms");
    expect_text("out.txt", "lost at least 2 operations that had returned, the "
                           "oldest no later than c0 push(2)");
    expect_code(0, "$F check -c buffered_durable --max-loss '2 ops' "
                   "lost.jsonl");
    expect_code(1, "$F check -c buffered_durable --max-loss '1 ops' "
                   "lost.jsonl");
    expect_text("out.txt", "WHY NOTHING THAT MAY HAVE SURVIVED");
    /* What returned exactly max_loss before a crash survives it. */
    expect_code(0, "$F check -c buffered_durable --max-loss 31ms lost.jsonl");
    expect_code(1, "$F check -c buffered_durable --max-loss 30ms lost.jsonl");
    expect_code(1, "$F check -c buffered_durable broken.jsonl");
    expect_text("out.txt", "loss window: none");
    expect_text("out.txt", "c1 enqueue(2) was lost");
    expect_code(1, "$F check -c buffered_durable --view proof broken.jsonl");
    expect_text("out.txt", "the rest of its era is lost");
    expect_code(1, "$F check -c buffered_durable --view timeline broken.jsonl");
    expect_text("out.txt", "all crash");
    /* The header may say it, and converting keeps it. */
    expect_code(1, "sed '1s/\"id\"/\"criterion\":\"buffered_durable\","
                   "\"max_loss\":1,\"id\"/' lost.jsonl >said.jsonl; "
                   "$F convert --to jsonl said.jsonl >again.jsonl && "
                   "$F check again.jsonl");
    expect_code(0, "sed -i '1s/\"max_loss\":1/\"max_loss_ns\":30000001/' "
                   "again.jsonl; $F check again.jsonl");
    expect_code(1, "sed -i '1s/:30000001/:30000000/' again.jsonl; "
                   "$F check again.jsonl");
}
END_TEST

static const struct refusal {
    const char *line;
    const char *says;
} refusals[] = {
    {"$F check -c durable cut.jsonl", "use strict, persistent or recoverable"},
    {"$F check -c buffered_strict cut.jsonl", "crashes of everybody"},
    {"$F check -c detectable cut.jsonl", "use recoverable or strict"},
    {"$F check -c strict --max-loss '1 ops' cut.jsonl",
     "say --criterion buffered_durable"},
    {"$F check -c buffered_durable --max-loss 5ms broken.jsonl",
     "use a number of ops"},
    {"$F check -c buffered_durable --max-loss 5 broken.jsonl", "ops"},
    {"$F check --relax x q.jsonl", "say a number"},
    {"$F check --relax 3 q.jsonl",
     "--relax 3 does not apply: model fifo_queue is never out of order "
     "(fifo_queue_k and stack_k may be); say --model fifo_queue_k, or "
     "--criterion k_relaxed"},
    {"$F check --criterion all --relax 2 q.jsonl", "say --model fifo_queue_k"},
    {"$F check --relax 1 fine.jsonl", "may be); leave it out"},
    {"sed '1s/}/,\"relax\":2}/' q.jsonl >k.jsonl; $F check k.jsonl",
     "k.jsonl:1: \"relax\": 2 does not apply: model fifo_queue is never"},
    {"$F check --explain html q.jsonl", "say text, markdown or json"},
    {"$F check --decider nobody q.jsonl", "say auto, search or monitor"},
    {"$F check -c k_relaxd q.jsonl", "did you mean k_relaxed?"},
};

START_TEST(what_does_not_apply_is_refused)
{
    write_histories();
    expect_code(64, refusals[_i].line);
    expect_text("err.txt", refusals[_i].says);
}
END_TEST

START_TEST(explanations_are_json)
{
    write_histories();
    expect_code(1, "$F check --explain json q.jsonl fine.jsonl");
    json_t *all = read_objects();
    ck_assert_uint_eq(json_array_size(all), 2);
    const json_t *bad = json_array_get(all, 0);
    ck_assert_str_eq(text_at(bad, "verdict"), "violation");
    ck_assert_str_eq(text_at(bad, "name"), "out|of`order");
    ck_assert(json_is_true(
        json_object_get(json_object_get(bad, "minimised"), "one_minimal")));
    const json_t *history = json_object_get(bad, "history");
    ck_assert_uint_eq(json_array_size(history), 3);
    const json_t *stuck = json_object_get(bad, "stuck");
    json_int_t at = number_at(stuck, "operation");
    ck_assert_str_eq(text_at(json_array_get(history, (size_t)at), "call"),
                     "dequeue()");
    ck_assert_str_eq(text_at(stuck, "answered"), "3");
    ck_assert_str_eq(text_at(stuck, "must"), "2");
    ck_assert_ptr_nonnull(strstr(text_at(bad, "invariant"), "3"));
    const json_t *proof = json_object_get(bad, "proof");
    ck_assert(json_is_true(json_object_get(proof, "complete")));
    ck_assert_int_eq(
        number_at(proof, "configurations"),
        (json_int_t)json_array_size(json_object_get(proof, "nodes")));
    const json_t *good = json_array_get(all, 1);
    ck_assert_str_eq(text_at(good, "verdict"), "pass");
    const json_t *witness = json_object_get(good, "witness");
    ck_assert_uint_eq(json_array_size(witness), 2);
    ck_assert_int_eq(number_at(json_array_get(witness, 0), "operation"), 0);
    json_decref(all);
    /* Above 60 configurations it is a part, and says so. */
    expect_code(1, "{ printf '{\"model\":\"counter\"}\\n'; "
                   "for i in 1 2 4 8 16 32 64; do printf '{\"client\":%d,"
                   "\"op\":\"add\",\"args\":[%d],\"call\":%d,"
                   "\"return\":null}\\n' $i $i $i; done; "
                   "printf '{\"client\":99,\"op\":\"read\",\"args\":[],"
                   "\"result\":1000,\"call\":70,\"return\":71}\\n'; } "
                   ">wide.jsonl; $F check --explain json wide.jsonl");
    all = read_objects();
    proof = json_object_get(json_array_get(all, 0), "proof");
    ck_assert(json_is_false(json_object_get(proof, "complete")));
    ck_assert_int_eq(number_at(proof, "configurations"), 128);
    ck_assert_uint_le(json_array_size(json_object_get(proof, "nodes")), 60);
    ck_assert_uint_gt(json_array_size(json_object_get(proof, "edges")), 5);
    json_decref(all);
}
END_TEST

START_TEST(explanations_are_markdown)
{
    write_histories();
    expect_code(1, "$F check --explain markdown q.jsonl fine.jsonl");
    expect_text("out.txt", "# out\\|of\\`order: not linearizable\n");
    expect_text("out.txt", "## History\n");
    expect_text("out.txt", "## Why no linearization exists\n");
    expect_text("out.txt", "Next, `c0 dequeue()` must return `2`");
    expect_text("out.txt", "**Invariant:** ");
    expect_text("out.txt", "Complete: all ");
    expect_text("out.txt", "# fine: pass\n");
    expect_text("out.txt", "`` c0 x: put(\"a\\|`b\") ``");
    /* Every table has as many bars in each row as in its head. */
    expect_code(0, "$F check --explain markdown q.jsonl fine.jsonl >md; "
                   "awk '{ line = $0; gsub(/\\\\\\|/, \"\", line); "
                   "n = gsub(/\\|/, \"\", line) } "
                   "n > 0 && last > 0 && n != last { exit 1 } "
                   "{ last = n }' md");
    expect_code(0, "! grep -n 'pass *fine' md");
}
END_TEST

START_TEST(explanations_are_text)
{
    write_histories();
    expect_code(1, "$F check --explain text q.jsonl fine.jsonl");
    expect_text("out.txt", "WHY NO LINEARIZATION EXISTS");
    expect_text("out.txt", "WITNESS  fine");
    expect_text("out.txt", "#2    c1 ");
    expect_text("out.txt", "1 failed, 1 passed");
}
END_TEST

START_TEST(a_detectable_pattern_is_said)
{
    expect_code(
        1, "printf '%s\\n' '{\"model\":\"register\"}' "
           "'{\"client\":3,\"op\":\"write\",\"args\":[1],\"call\":0,"
           "\"return\":null}' "
           "'{\"event\":\"crash\",\"client\":3,\"at\":1}' "
           "'{\"event\":\"resolve\",\"client\":3,\"at\":2,\"done\":true}' "
           "'{\"event\":\"resolve\",\"client\":3,\"at\":3,\"done\":false}' "
           ">h; $F check -c detectable h");
    expect_text("out.txt", "write(1) of client 3 was said to be done, and not "
                           "to be done");
}
END_TEST

/* The strongest form of a broadcast that holds, and why the next does not. */
START_TEST(weaker_forms_are_decided)
{
    expect_code(0, "printf '%s\\n' "
                   "'{\"model\":\"accumulator\",\"initial\":12}' "
                   "'{\"client\":2,\"op\":\"receive\",\"args\":[],"
                   "\"result\":[2],\"call\":0,\"return\":5}' "
                   "'{\"client\":0,\"op\":\"send\",\"args\":[1],\"call\":1,"
                   "\"return\":2}' "
                   "'{\"client\":1,\"op\":\"send\",\"args\":[2],\"call\":3,"
                   "\"return\":4}' >mesh");
    expect_code(1, "$F check --criterion all mesh");
    expect_text("out.txt", "accumulator_reader fails");
    expect_text("out.txt", "accumulator_pair   holds");
    expect_code(1, "$F check --model accumulator mesh");
    expect_code(1, "$F check --model accumulator_reader mesh");
    expect_text("out.txt", "c2 receive() must return {1 2}");
    expect_code(1, "$F check --model accumulator_reader --view proof mesh");
    expect_text("out.txt", "digraph");
    expect_code(0, "$F check --model accumulator_pair mesh");
    expect_code(0, "$F check --model accumulator_once mesh");
    expect_code(64, "$F check --model accumulator_once -c strict mesh");
    expect_text("err.txt", "use --model accumulator");
    expect_code(65, "sed 's/\\[2\\],\"call\":3/[1],\"call\":3/' mesh | "
                    "$F check --model accumulator_pair -");
    expect_text("err.txt", "two writers send the same atom");
    expect_code(0, "$F list models | grep -c accumulator_ | grep -q 3");
}
END_TEST

START_TEST(a_quota_has_two_sets_of_names)
{
    expect_code(0, "printf '%s\\n' "
                   "'{\"model\":\"quota_counter\",\"capacity\":10}' "
                   "'{\"client\":0,\"op\":\"alloc\",\"args\":[7],"
                   "\"result\":true,\"call\":0,\"return\":1}' "
                   "'{\"client\":0,\"op\":\"alloc\",\"args\":[4],"
                   "\"result\":false,\"call\":2,\"return\":3}' "
                   "'{\"client\":1,\"op\":\"free\",\"args\":[2],"
                   "\"result\":true,\"call\":4,\"return\":5}' "
                   "'{\"client\":1,\"op\":\"total\",\"args\":[],"
                   "\"result\":5,\"call\":6,\"return\":7}' >quota; "
                   "$F check quota");
    expect_code(1, "sed 's/\"result\":5/\"result\":7/' quota | $F check -");
}
END_TEST

START_TEST(histories_are_converted)
{
    write_histories();
    expect_code(0, "$F convert --to jsonl lost.jsonl >a.jsonl && "
                   "$F convert --to jsonl a.jsonl | cmp - a.jsonl");
    expect_text("a.jsonl", "\"unit\":\"ms\"");
    expect_text("a.jsonl", "\"call\":20,\"return\":30");
    expect_code(0, "$F convert --to csv q.jsonl >q.csv && "
                   "$F convert --from csv --model queue --to jsonl q.csv "
                   ">b.jsonl");
    expect_code(1, "$F check b.jsonl");
    expect_code(64, "$F convert --to nothing q.jsonl");
    expect_text("err.txt", "nothing");
    expect_code(65, "$F convert --to jsonl missing.jsonl");
}
END_TEST

START_TEST(deciders_agree)
{
    static const char *const deciders[] = {"auto", "search", "monitor"};
    write_histories();
    char line[200];
    snprintf(line, sizeof(line), "$F check --decider %s q.jsonl", deciders[_i]);
    expect_code(1, line);
    snprintf(line, sizeof(line),
             "$F check --decider %s --format jsonl q.jsonl | grep -q "
             "'\"decider\":\"%s'",
             deciders[_i], _i == 2 ? "monitor: " : "");
    expect_code(0, line);
    snprintf(line, sizeof(line), "$F check --decider %s fine.jsonl",
             deciders[_i]);
    expect_code(0, line);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("explain");
    TCase *criteria = make_case(suite, "criteria");
    tcase_add_test(criteria, all_criteria_are_decided);
    tcase_add_test(criteria, the_least_k_is_said);
    tcase_add_test(criteria, losses_are_bounded_and_measured);
    tcase_add_loop_test(criteria, what_does_not_apply_is_refused, 0,
                        (int)(sizeof(refusals) / sizeof(refusals[0])));
    TCase *why = make_case(suite, "why");
    tcase_add_test(why, explanations_are_json);
    tcase_add_test(why, explanations_are_markdown);
    tcase_add_test(why, explanations_are_text);
    tcase_add_test(why, a_detectable_pattern_is_said);
    TCase *others = make_case(suite, "others");
    tcase_add_test(others, weaker_forms_are_decided);
    tcase_add_test(others, a_quota_has_two_sets_of_names);
    tcase_add_test(others, histories_are_converted);
    tcase_add_loop_test(others, deciders_agree, 0, 3);
    return check_tap_run(suite);
}
