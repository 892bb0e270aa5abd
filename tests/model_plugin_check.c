/*
 * Models of the user's own: the one that docs/models.md shows, through every
 * command that takes one, and each way in which one can be wrong.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

/* Writes the model of the page to mymodel.c, changed by the commands of sed,
 * and compiles it to NAME.so. */
static void make_model(const char *name, const char *changes)
{
    int code = shell("sed -n '/^.. mymodel.c/,/^```/p' \"$R/docs/models.md\" | "
                     "grep -v '^```' | sed '%s' >%s.c && "
                     "cc -std=c17 %s -shared -fPIC -I\"$R\" -o %s.so %s.c",
                     changes, name, changes[0] == '\0' ? "-Wall -Werror" : "-w",
                     name, name);
    ck_assert_int_eq(code, 0);
}

static void make_histories(void)
{
    int code =
        shell("printf 'client,op,arg1,result,call,return\\n0,raise,7,,1,4\\n"
              "1,read,,7,2,3\\n0,raise,5,,5,6\\n1,read,,7,7,8\\n' >good.csv && "
              "sed 's/^1,read,,7,7/1,read,,5,7/' good.csv >bad.csv");
    ck_assert_int_eq(code, 0);
}

/* The command must end with `code` and say `words` on stderr. */
static void expect(int code, const char *words, const char *command)
{
    int got = shell("%s", command);
    char text[2000] = "";
    FILE *file = fopen("err.txt", "r");
    ck_assert_ptr_nonnull(file);
    size_t size = fread(text, 1, sizeof(text) - 1, file);
    text[size] = '\0';
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_msg(got == code, "'%s' ended with %d: %s", command, got, text);
    ck_assert_msg(strstr(text, words) != NULL, "'%s' does not say '%s' but %s",
                  command, words, text);
}

START_TEST(the_page_s_model_decides)
{
    enter();
    make_histories();
    make_model("mymodel", "");
    ck_assert_int_eq(shell("test $(grep -c . mymodel.c) -le 32"), 0);
    ck_assert_int_eq(shell("\"$F\" check --model ./mymodel.so good.csv"), 0);
    ck_assert_int_eq(shell("\"$F\" check --model mymodel.so good.csv"), 0);
    ck_assert_int_eq(shell("\"$F\" check --model ./mymodel.so bad.csv "
                           ">told; test $? -eq 1 && grep -q max_register told"),
                     0);
    ck_assert_int_eq(shell("\"$F\" graph --model ./mymodel.so --view order "
                           "-T dot bad.csv"),
                     0);
    ck_assert_int_eq(shell("\"$F\" convert --model ./mymodel.so -o b.jsonl "
                           "bad.csv && \"$F\" check --model ./mymodel.so "
                           "b.jsonl"),
                     1);
    ck_assert_int_eq(shell("\"$F\" graph --model ./mymodel.so --view order "
                           "-T dot b.jsonl"),
                     0);
    expect(65, "no model \"max_register\"", "\"$F\" check b.jsonl");
    leave();
}
END_TEST

START_TEST(files_that_are_none_are_refused)
{
    enter();
    make_histories();
    expect(65, "./none.so: error: cannot read this model: No such file",
           "\"$F\" check --model ./none.so good.csv");
    expect(64, "./mymodle.so", "\"$F\" check --model mymodle good.csv");
    expect(65, "cannot load this model",
           "echo text >text.so; \"$F\" check --model ./text.so good.csv");
    expect(65, "cannot load this model", "\"$F\" check --model / good.csv");
    expect(65, "system.algorithm",
           "\"$F\" check --model \"${F%/*}/algorithms/ms_queue.so\" good.csv");
    make_model("empty", "s/fl_model_plugin = /mine = /");
    expect(65, "exports no `fl_model_plugin`",
           "\"$F\" check --model ./empty.so good.csv");
    leave();
}
END_TEST

START_TEST(models_that_lack_something_are_refused)
{
    enter();
    make_histories();
    make_model("old", "s/{FL_MODEL_PLUGIN, /{0, sizeof(model), /");
    expect(65, "version 0", "\"$F\" check --model ./old.so good.csv");
    make_model("short", "s/{FL_MODEL_PLUGIN, /{FL_MODEL_PLUGIN_VERSION, 8, /");
    expect(65, "8 bytes", "\"$F\" check --model ./short.so good.csv");
    make_model("none", "s/, &model}/, NULL}/");
    expect(65, "it has no model", "\"$F\" check --model ./none.so good.csv");
    make_model("step", "s/\\.step = step/.step = 1 ? NULL : step/");
    expect(65, "step is missing", "\"$F\" check --model ./step.so good.csv");
    make_model("ways",
               "s/\\.step = step,/.step = step, .ways = (void *)step,/");
    expect(65, "ways and go", "\"$F\" check --model ./ways.so good.csv");
    make_model("count", "s/types_count = 2/types_count = 0/");
    expect(65, "types_count is 0", "\"$F\" check --model ./count.so good.csv");
    make_model("kind", "s/FL_KIND_INT, .pure/99, .pure/");
    expect(65, "types[1] has no kind",
           "\"$F\" check --model ./kind.so good.csv");
    make_model("twice", "s/\"raise\"/\"read\"/");
    expect(65, "two of its types are called",
           "\"$F\" check --model ./twice.so good.csv");
    leave();
}
END_TEST

/* Each would give a wrong verdict on some history. */
START_TEST(models_that_break_a_promise_do_not_decide)
{
    enter();
    make_histories();
    make_model("big", "s/return sizeof(fl_value); }/return 1; }/");
    expect(65, "more bytes than state_max",
           "\"$F\" check --model ./big.so good.csv");
    make_model("pure", "s/result = FL_KIND_INT, /&.args = {0}, /;"
                       "s/fl_value \\*now = state;/& *now += op->fn;/");
    expect(65, "its type is pure", "\"$F\" check --model ./pure.so good.csv");
    make_model("refuse",
               "s/fl_value \\*now = state;/& if (op->args[0] == 5) { *now = 9; "
               "return FL_REFUSED; }/");
    expect(65, "answers FL_REFUSED and changes",
           "\"$F\" check --model ./refuse.so good.csv");
    make_model("address",
               "s/fl_value \\*now = state;/& *now += (fl_value)state;/");
    expect(65, "raise(7): from equal states it comes to different ones",
           "\"$F\" check --model ./address.so good.csv");
    make_model("count", "s/fl_value \\*now = state;/& static int calls; "
                        "if (op->fn == READ) { return calls++; }/");
    expect(65, "two answers", "\"$F\" check --model ./count.so good.csv");
    make_model("long", "s/snprintf(text, max,/snprintf(text, 99, \"%40d\", 1); "
                       "snprintf(text + 40, 9,/");
    expect(65, "describe does not write",
           "\"$F\" check --model ./long.so good.csv");
    leave();
}
END_TEST

/* A counter whose model of the user's own forgets: sound code, refused. */
/* A maximum is no queue: a second dequeue would have to give it again. */
START_TEST(a_scenario_takes_it)
{
    enter();
    int code = shell(
        "printf '%%s\\n' 'scenario: 1' 'name: own' "
        "'system: { kind: threads, algorithm: ms_queue, threads: 2 }' "
        "'workload: { ops_per_thread: 2, mix: { enqueue: 1, dequeue: 1 } }' "
        "'check: { model: ./own.so }' 'run: { seeds: 1..50 }' >own.yaml");
    ck_assert_int_eq(code, 0);
    make_model("own", "s/max_register/own_queue/; s/\"raise\"/\"enqueue\"/; "
                      "s/\"read\"/\"dequeue\"/; s/, \\.pure = true//");
    ck_assert_int_eq(shell("\"$F\" run own.yaml"), 1);
    ck_assert_int_eq(shell("\"$F\" replay out/own/*/trace.json"), 1);
    expect(65, "cannot read this model", "rm own.so; \"$F\" run own.yaml");
    leave();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_plugin");
    TCase *models = tcase_create("models");
    tcase_set_timeout(models, 60);
    tcase_add_test(models, the_page_s_model_decides);
    tcase_add_test(models, files_that_are_none_are_refused);
    tcase_add_test(models, models_that_lack_something_are_refused);
    tcase_add_test(models, models_that_break_a_promise_do_not_decide);
    tcase_add_test(models, a_scenario_takes_it);
    suite_add_tcase(suite, models);
    return check_tap_run(suite);
}
