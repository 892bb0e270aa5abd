/*
 * `check` as streams and several threads meet it: --online, --jobs, --search,
 * --whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

/* Writes a stream of `rounds` rounds of a writer and two readers to
 * stream.jsonl; in round `bad` a reader sees what nobody wrote. */
static void write_stream(int rounds, int bad)
{
    FILE *file = fopen("stream.jsonl", "w");
    ck_assert_ptr_nonnull(file);
    fputs("{\"model\":\"register\",\"initial\":0}\n", file);
    for (int r = 0; r < rounds; r++) {
        int t = 6 * r;
        int value = 1 + r % 100;
        fprintf(file,
                "{\"client\":0,\"op\":\"write\",\"key\":%d,\"args\":[%d],"
                "\"result\":null,\"call\":%d,\"return\":%d}\n",
                r % 2, value, t, t + 4);
        for (int k = 1; k < 3; k++) {
            fprintf(file,
                    "{\"client\":%d,\"op\":\"read\",\"key\":%d,\"args\":[],"
                    "\"result\":%d,\"call\":%d,\"return\":%d}\n",
                    k, r % 2, r == bad && k == 2 ? 5555 : value, t + k,
                    t + (k == 1 ? 3 : 5));
        }
    }
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(a_stream_is_judged)
{
    write_stream(2000, -1);
    expect_code(0, "$F check --online stream.jsonl");
    expect_text("out.txt", "6000 operations");
    expect_text("out.txt", "2 objects, 2000 quiescent cuts");
    expect_code(0, "cat stream.jsonl | $F check --online --format jsonl -");
    expect_text("out.txt", "\"decider\":\"online\"");
    expect_text("out.txt", "\"verdict\":\"pass\"");
    expect_code(0, "$F check stream.jsonl");
}
END_TEST

/* `lines` (a command) into `check`, whose input stays open after them: what
 * comes after a violation is not read, nobody has to write it. */
static void expect_no_wait(const char *lines, const char *check)
{
    char line[400];
    int size = snprintf(line, sizeof(line),
                        "rm -f pipe; mkfifo pipe; { %s; exec sleep 20; } >pipe "
                        "& timeout 10 %s <pipe; code=$?; kill $!; exit $code",
                        lines, check);
    ck_assert_int_lt(size, (int)sizeof(line));
    expect_code(1, line);
}

START_TEST(a_violation_is_named_by_its_line)
{
    write_stream(2000, 700);
    expect_code(1, "$F check --online stream.jsonl");
    expect_text("out.txt", "stream.jsonl:2104  register"); /* 1 + 700*3 + 3 */
    expect_text("out.txt", "T2 0 read() = 5555");
    expect_code(1, "$F check --online --format jsonl stream.jsonl");
    expect_text("out.txt", "\"blocked_line\":2104");
    expect_no_wait("head -2200 stream.jsonl", "$F check --online -");
}
END_TEST

START_TEST(a_stream_out_of_order_is_refused)
{
    expect_code(65, "printf '%s\\n' '{\"model\":\"register\"}' "
                    "'{\"client\":0,\"op\":\"read\",\"key\":null,\"args\":[],"
                    "\"result\":null,\"call\":5,\"return\":6}' "
                    "'{\"client\":1,\"op\":\"read\",\"key\":null,\"args\":[],"
                    "\"result\":null,\"call\":1,\"return\":7}' "
                    "| $F check --online -");
    expect_text("err.txt", "<stdin>:3:1: error: expected operations in the "
                           "order of their calls");
    expect_code(65, "echo '{\"model\":\"regster\"}' | $F check --online -");
    expect_code(65, "$F check --online nothing.jsonl");
}
END_TEST

/* Whoever asks for more than is judged online must not be told that it holds,
 * and who allows more not that it fails. */
START_TEST(nothing_else_is_answered_online)
{
    static const char *const lines[] = {
        "$F check --online -c strict stream.jsonl",
        "$F check --online -c all stream.jsonl",
        "$F check --online -c k_relaxed stream.jsonl",
        "$F check --online --max-loss '1 ops' -c buffered_durable stream.jsonl",
        "$F check --online --explain text stream.jsonl",
        "$F check --online --view order stream.jsonl",
        "$F check --online --max-states 5 stream.jsonl",
        "$F check --online -m accumulator_once stream.jsonl",
    };
    write_stream(3, -1);
    for (size_t k = 0; k < sizeof(lines) / sizeof(lines[0]); k++) {
        expect_code(64, lines[k]);
        expect_text("err.txt", "without");
    }
    expect_code(64, "sed '1s/\"initial\"/\"criterion\":\"sequential\",&/' "
                    "stream.jsonl >held.jsonl; $F check --online held.jsonl");
    expect_text("err.txt", "the header holds it to sequential");
    expect_code(0, "$F check --online -c linearizable held.jsonl");
    expect_code(0, "$F check --online --format jsonl stream.jsonl");
    expect_text("out.txt", "\"configurations\":");
    expect_text("out.txt", "\"parse_ns\":");
    expect_text("out.txt", "\"check_ns\":");
}
END_TEST

START_TEST(out_of_order_as_the_header_allows)
{
    expect_code(0, "printf '%s\n' '{\"model\":\"fifo_queue_k\",\"relax\":2}' "
                   "'{\"client\":0,\"op\":\"enqueue\",\"args\":[1],"
                   "\"result\":null,\"call\":0,\"return\":1}' "
                   "'{\"client\":0,\"op\":\"enqueue\",\"args\":[2],"
                   "\"result\":null,\"call\":2,\"return\":3}' "
                   "'{\"client\":0,\"op\":\"dequeue\",\"args\":[],"
                   "\"result\":2,\"call\":4,\"return\":5}' >k.jsonl; "
                   "$F check k.jsonl");
    expect_code(0, "$F check --online k.jsonl");
    expect_code(1, "$F check --online --relax 1 k.jsonl");
    expect_code(1, "$F check --relax 1 k.jsonl");
    write_stream(3, -1);
    expect_code(64, "$F check --online --relax 2 stream.jsonl");
    expect_text("err.txt", "--relax 2 does not apply: model register");
}
END_TEST

/* Other forms are followed, too, and held no more than our own. */
START_TEST(other_forms_are_followed)
{
    static const char *const forms[] = {"edn", "knossos", "jepsen-json", "csv"};
    for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
        ck_assert_int_eq(setenv("FORM", forms[k], 1), 0);
        write_stream(800, -1);
        expect_code(0, "$F convert --to $FORM -o s stream.jsonl");
        expect_code(0, "$F check --online --input $FORM --model register "
                       "--initial 0 s");
        expect_text("out.txt", "2400 operations");
        expect_text("out.txt", "2 objects, 800 quiescent cuts");
        write_stream(800, 700);
        expect_code(0, "$F convert --to $FORM -o s stream.jsonl");
        expect_code(1, "$F check --online --model register --initial 0 s");
        expect_text("out.txt", "T2 0 read() = 5555");
        /* a pipe shows one line at a time, too little for a guess */
        expect_code(64, "cat s | $F check --online --model register -");
        expect_text("err.txt", "say the form with --input");
        expect_code(1,
                    "cat s | $F check --online --input $FORM --model register "
                    "--initial 0 -");
    }
    expect_no_wait("cat s", "$F check --online --input csv --model register "
                            "--initial 0 -");
    expect_code(65, "sed '5s/,[0-9]*$//' s >cut; $F check --online "
                    "--input csv --model register --initial 0 cut");
    expect_code(65, "$F check --online --input knossos ../nothing");
    write_stream(3, -1);
    expect_code(65, "printf '{\"client\":' >>stream.jsonl; "
                    "$F check stream.jsonl");
    expect_text("err.txt", "--lenient takes it for the end");
    expect_code(0, "$F check --online --lenient stream.jsonl");
    expect_text("err.txt", "the last line is cut off");
}
END_TEST

/* Writes a stream in which each of `open` writes may sit anywhere. */
static void write_open(int open)
{
    FILE *file = fopen("open.jsonl", "w");
    ck_assert_ptr_nonnull(file);
    fputs("{\"model\":\"register\",\"initial\":0}\n", file);
    for (int k = 0; k <= open; k++) {
        fprintf(file,
                "{\"client\":%d,\"op\":\"write\",\"args\":[%d],"
                "\"result\":null,\"call\":%d,\"return\":%s}\n",
                k, k + 5, k, k < open ? "null" : "90");
    }
    fputs("{\"client\":99,\"op\":\"read\",\"args\":[],\"result\":5,"
          "\"call\":91,\"return\":92}\n",
          file);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(configurations_are_a_budget)
{
    write_open(8);
    expect_code(0, "$F check --online open.jsonl");
    expect_code(2, "$F check --online --max-configurations 100 open.jsonl");
    expect_text("out.txt", "Judged up to line 10");
    expect_text("out.txt", "--max-configurations, or check without --online");
    expect_code(2, "$F check --online --max-configurations 100 --format jsonl "
                   "open.jsonl");
    expect_text("out.txt", "\"verdict\":\"inconclusive\"");
    expect_text("out.txt", "\"blocked_line\":10");
    expect_code(0, "$F check --online --max-configurations '10 000' "
                   "open.jsonl");
    expect_code(64, "$F check --online --max-configurations 0 open.jsonl");
    expect_text("err.txt", "say a number from 1");
    expect_code(64, "$F check --max-configurations 100 open.jsonl");
    expect_text("err.txt", "use --max-states");
}
END_TEST

START_TEST(ways_to_search_agree)
{
    static const char *const ways[] = {"--search depth", "--search breadth",
                                       "--search portfolio --jobs 2", "--whole",
                                       "--jobs auto"};
    write_stream(40, 33);
    for (size_t k = 0; k < sizeof(ways) / sizeof(ways[0]); k++) {
        char line[200];
        snprintf(line, sizeof(line),
                 "$F check --decider search %s -q --format jsonl stream.jsonl",
                 ways[k]);
        expect_code(1, line);
        expect_text("out.txt", k == 3 ? "\"partitions\":1,\"split\":null"
                                      : "\"partitions\":2,\"split\":\"key\"");
    }
    write_stream(40, -1);
    expect_code(0, "$F check --search breadth stream.jsonl");
    expect_text("out.txt", "2 parts by key, 40 quiescent cuts");
    expect_code(64, "$F check --search deep stream.jsonl");
    expect_text("err.txt", "say depth, breadth or portfolio");
    expect_code(64, "$F check --jobs 0 stream.jsonl");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("follow");
    TCase *tcase = make_case(suite, "follow");
    tcase_add_test(tcase, a_stream_is_judged);
    tcase_add_test(tcase, a_violation_is_named_by_its_line);
    tcase_add_test(tcase, a_stream_out_of_order_is_refused);
    tcase_add_test(tcase, nothing_else_is_answered_online);
    tcase_add_test(tcase, out_of_order_as_the_header_allows);
    tcase_add_test(tcase, other_forms_are_followed);
    tcase_add_test(tcase, configurations_are_a_budget);
    tcase_add_test(tcase, ways_to_search_agree);
    return check_tap_run(suite);
}
