/*
 * The scenario loader: what is read, and what is refused, with which words, at
 * which place.
 *
 * The cases come in pairs: a text that is legal, and its nearest neighbour
 * that is not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario.h"
#include "harness/sim/schedule/strategy.h"
#include "tests/tap.h"

#include <string.h>
#include <sys/stat.h>

/* Three lines that make a scenario; a case adds from line 4 on. */
#define HEAD "scenario: 1\nname: a\nsystem: { kind: threads, algorithm: q }\n"
#define NET  "scenario: 1\nname: a\nsystem: { kind: network, algorithm: q }\n"

enum {
    SAID_MAX = 32 * 1024
};

/* Parses `text`; what was said is in *said, which is kept until the next. */
static struct scenario *parse(const char *text, size_t size, const char **said)
{
    static char buffer[SAID_MAX];
    memset(buffer, 0, sizeof(buffer));
    FILE *errors = fmemopen(buffer, sizeof(buffer), "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(errors);
    struct scenario *scenario = scenario_parse("a.yaml", text, size, errors);
    fclose(errors);
    *said = buffer;
    return scenario;
}

static struct scenario *parse_good(const char *text)
{
    const char *said;
    struct scenario *scenario = parse(text, strlen(text), &said);
    if (scenario == NULL) {
        printf("# %s# said %s", text, said);
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(scenario);
    return scenario;
}

/* `text` is refused, and the first line said is `wanted`. */
static void refuse(const char *text, const char *wanted)
{
    const char *said;
    struct scenario *scenario = parse(text, strlen(text), &said);
    CU_ASSERT_PTR_NULL(scenario);
    scenario_free(scenario);
    size_t size = strcspn(said, "\n");
    if (size != strlen(wanted) || strncmp(said, wanted, size) != 0) {
        printf("# wanted %s\n# got    %.*s\n", wanted, (int)size, said);
        CU_FAIL("another complaint");
    }
}

/* A legal text, and its illegal neighbour with what is said about it. */
struct pair {
    const char *good;
    const char *bad;
    const char *wanted;
};

static void try_pairs(const struct pair *pairs)
{
    for (const struct pair *pair = pairs; pair->bad != NULL; pair++) {
        if (pair->good != NULL) {
            scenario_free(parse_good(pair->good));
        }
        refuse(pair->bad, pair->wanted);
    }
}

static void form_of_the_file(void)
{
    try_pairs((struct pair[]){
        {HEAD, "name: a\nscenario: 1\nsystem: {kind: threads, algorithm: q}\n",
         "a.yaml:1:1: error: the first key must be `scenario: 1`, the version "
         "of the format"},
        {NULL, "scenario: 2\nname: a\nsystem: {kind: threads, algorithm: q}\n",
         "a.yaml:1:11: error: this program reads version 1 of the format, not "
         "'2'; write `scenario: 1`"},
        {NULL, "",
         "a.yaml: error: is empty; begin with the line `scenario: 1`"},
        {NULL, "# only this\n",
         "a.yaml: error: is empty; begin with the line `scenario: 1`"},
        {NULL, "- 1\n",
         "a.yaml:1:1: error: a scenario is a mapping; begin "
         "with the line `scenario: 1`"},
        {NULL, "scenario: 1\nname: a\n",
         "a.yaml:1:1: error: 'scenario' lacks 'system': what runs"},
        {HEAD "about: b\n", HEAD "about: b: c\n",
         "a.yaml:4:9: error: not YAML: invalid nested block mapping on the "
         "same line; put a text with ': ' in quotes"},
        {HEAD "tags: [a, b]\n", HEAD "tags: [a, b\n",
         "a.yaml:5:1: error: not YAML: flow sequence without a closing "
         "bracket"},
        {HEAD "about: b\n", HEAD "about: b\nabout: c\n",
         "a.yaml:5:1: error: 'about' is here twice; first in line 4"},
        {HEAD "about: 'x'\n", HEAD "about: *x\n",
         "a.yaml:4:9: error: aliases (*) are not read; to write the text *, "
         "quote it"},
        {HEAD "about: '&x y'\n", HEAD "about: &x y\n",
         "a.yaml:4:11: error: anchors (&) and tags (!) are not read; leave "
         "them out, or quote the text"},
        {HEAD, HEAD "---\nscenario: 1\n",
         "a.yaml:4:1: error: a second document; write one scenario a file"},
        {HEAD, HEAD "<<: {a: 1}\n",
         "a.yaml:4:1: error: merge keys are not read; write the keys out"},
        {HEAD "about: \xc3\xa4\n", HEAD "about: \xe4\n",
         "a.yaml:4:8: error: byte 0xe4 is no text; a scenario is a YAML file "
         "in UTF-8"},
        {HEAD "about: \"\\t\"\n", HEAD "about: \x01\n",
         "a.yaml:4:8: error: byte 0x01 is no text; a scenario is a YAML file "
         "in UTF-8"},
        {HEAD,
         "scenario: 1\nname: ../a\nsystem: {kind: threads, algorithm: "
         "q}\n",
         "a.yaml:2:7: error: a name is made of letters, digits and - _ . +, "
         "at most 80, since it names a folder"},
        {NULL, NULL, NULL},
    });
}

static void hostile_files_are_refused(void)
{
    static char text[2 * 1024 * 1024];
    const char *said;
    memset(text, '#', sizeof(text));
    CU_ASSERT_PTR_NULL(parse(text, sizeof(text), &said));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "has more than 1048576 bytes"));

    memcpy(text, "a: \0b", 5);
    CU_ASSERT_PTR_NULL(parse(text, 5, &said));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "a.yaml:1:4: error: byte 0x00"));

    memset(text, '[', 500000);
    CU_ASSERT_PTR_NULL(parse(text, 500000, &said));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "nested deeper than 16 levels"));

    for (int i = 0; i < 100000; i++) {
        memcpy(text + i * 4L, "- a\n", 4);
    }
    CU_ASSERT_PTR_NULL(parse(text, 400000, &said));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "more than 20000 values"));

    memset(text, 'x', 10000);
    memcpy(text, "about: ", 7);
    CU_ASSERT_PTR_NULL(parse(text, 10000, &said));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "a text of more than 4096 bytes"));

    int size = 0;
    for (int i = 0; i < 1000; i++) {
        size += snprintf(text + size, 20, "k%d: 1\n", i);
    }
    CU_ASSERT_PTR_NULL(parse(text, (size_t)size, &said));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "more than 128 keys"));
}

static void unknown_words_and_keys(void)
{
    try_pairs((struct pair[]){
        {HEAD "workload: { ops_per_thread: 4 }\n",
         HEAD "workload: { ops_per_tread: 4 }\n",
         "a.yaml:4:13: error: unknown key 'ops_per_tread' in 'workload'; did "
         "you mean 'ops_per_thread'?"},
        {HEAD "run: { jobs: auto }\n", HEAD "run: { zzzzz: auto }\n",
         "a.yaml:4:8: error: unknown key 'zzzzz' in 'run'; expected seeds, "
         "steps_max, time, sim_time, stop_after, jobs, isolate"},
        {HEAD "workload: { values: small }\n",
         HEAD "workload: { values: smal }\n",
         "a.yaml:4:21: error: 'smal' is not allowed here; did you mean "
         "'small'?"},
        {HEAD "check: { progress: lock_free }\n",
         HEAD "check: { progress: 12 }\n",
         "a.yaml:4:20: error: '12' is not allowed here; expected none, "
         "deadlock_free, lock_free, wait_free, obstruction_free"},
        {HEAD "check: { per_key: true }\n", HEAD "check: { per_key: yes }\n",
         "a.yaml:4:19: error: 'yes' is not allowed here; expected false, "
         "true"},
        {HEAD "check: { model: fifo_queue }\n",
         HEAD "check: { model: fifo_quue }\n",
         "a.yaml:4:17: error: there is no model 'fifo_quue'; did you mean "
         "'fifo_queue'?"},
        {HEAD "check: { criterion: durable }\n",
         HEAD "check: { criterion: linearisable }\n",
         "a.yaml:4:21: error: 'linearisable' is not allowed here; did you "
         "mean 'linearizable'?"},
        {HEAD "check: { criterion: { buffered_durable: { max_loss: 1s } } }\n",
         HEAD "check: { criterion: { strict: { max_loss: 1s } } }\n",
         "a.yaml:4:23: error: criterion 'strict' has no settings; write "
         "`criterion: strict`"},
        {HEAD "check: { also: [no_double_free] }\n",
         HEAD "check: { also: [no_duble_free] }\n",
         "a.yaml:4:17: error: 'no_duble_free' is not allowed here; did you "
         "mean 'no_double_free'?"},
        {HEAD "check: { also: [lock_recovers: { within: 5ms }] }\n",
         HEAD "check: { also: [lock_recovers] }\n",
         "a.yaml:4:17: error: 'lock_recovers' wants a value, such as "
         "lock_recovers: { ... }"},
        {HEAD "check: { also: [mutual_exclusion: { lock: l }] }\n",
         HEAD "check: { also: [mutual_exclusion: { lok: l }] }\n",
         "a.yaml:4:17: error: 'lock' lacks 'lock': name of the lock, as the "
         "algorithm holds it"},
        {HEAD "schedule: { strategy: [pct, random] }\n",
         HEAD "schedule: { strategy: [pct, ramdon] }\n",
         "a.yaml:4:29: error: 'ramdon' is not allowed here; did you mean "
         "'random'?"},
        {HEAD "workload:\n  keys: 3\n", HEAD "workload:\n  keys:\n",
         "a.yaml:5:3: error: 'keys' wants a whole number, and this is "
         "nothing"},
        {HEAD "workload: { keys: 3 }\n", HEAD "workload: [keys]\n",
         "a.yaml:4:11: error: 'workload' wants a mapping, such as { "
         "ops_per_thread: ... }, and this is a list"},
        {HEAD "faults:\n  - kind: crash\n", HEAD "faults:\n  kind: crash\n",
         "a.yaml:5:3: error: 'faults' wants a list; begin each item with '- ', "
         "and this is a mapping"},
        {HEAD "faults:\n  - { kind: crash }\n", HEAD "faults:\n  - { p: 1 }\n",
         "a.yaml:5:5: error: 'fault' lacks 'kind': what goes wrong; `faultline "
         "list faults` names them"},
        {NULL, NULL, NULL},
    });
}

static void numbers_and_units(void)
{
    try_pairs((struct pair[]){
        {HEAD "run: { time: 60s }\n", HEAD "run: { time: 60 }\n",
         "a.yaml:4:14: error: '60' has no unit; write 60ms"},
        {HEAD "run: { time: 1.5s }\n", HEAD "run: { time: 0.3ns }\n",
         "a.yaml:4:14: error: '0.3ns' is finer than its smallest unit; "
         "expected a time (ns us ms s m)"},
        {HEAD "run: { time: 500 ms }\n", HEAD "run: { time: 500 msec }\n",
         "a.yaml:4:14: error: 'msec' is no unit; did you mean 'ms'?"},
        {HEAD "run: { time: 2m }\n", HEAD "run: { time: 2 bytes }\n",
         "a.yaml:4:14: error: '2 bytes' does not fit here; expected a time "
         "(ns us ms s m)"},
        {HEAD "run: { steps_max: 20000 }\n", HEAD "run: { steps_max: 0 }\n",
         "a.yaml:4:19: error: 0 is out of range; 'steps_max' goes from 1 to "
         "1000000000"},
        {HEAD "run: { steps_max: 20 steps }\n",
         HEAD "run: { steps_max: 010 }\n",
         "a.yaml:4:19: error: '010' begins with 0; numbers are decimal, write "
         "it without"},
        {HEAD "run: { steps_max: 10 }\n", HEAD "run: { steps_max: 0x10 }\n",
         "a.yaml:4:19: error: '0x10' begins with 0; numbers are decimal, write "
         "it without"},
        {HEAD "workload: { keys: 3 }\n", HEAD "workload: { keys: 3x }\n",
         "a.yaml:4:19: error: '3x' is not understood; expected a whole "
         "number"},
        {HEAD "workload: { keys: 3 }\n", HEAD "workload: { keys: 3.5 }\n",
         "a.yaml:4:19: error: '3.5' is finer than its smallest unit; expected "
         "a whole number"},
        {HEAD "workload: { keys: 3 }\n", HEAD "workload: { keys: 1e3 }\n",
         "a.yaml:4:19: error: '1e3' is not understood; expected a whole "
         "number"},
        {HEAD "workload: { keys: 3 }\n",
         HEAD "workload: { keys: 99999999999999999999 }\n",
         "a.yaml:4:19: error: '99999999999999999999' has too many digits; "
         "expected a whole number"},
        {HEAD "run: { time: 100m }\n",
         HEAD "run: { time: 999999999999999999m }\n",
         "a.yaml:4:14: error: '999999999999999999m' is too large; expected a "
         "time (ns us ms s m)"},
        {HEAD "run: { seeds: 1..500 }\n", HEAD "run: { seeds: 500 }\n",
         "a.yaml:4:15: error: 'seeds' wants a range; write 1..500"},
        {HEAD "run: { seeds: 5..5 }\n", HEAD "run: { seeds: 5..1 }\n",
         "a.yaml:4:15: error: '5..1' is empty; the lesser comes first"},
        {HEAD "run: { stop_after: 1 distinct failure }\n",
         HEAD "run: { stop_after: 1 }\n",
         "a.yaml:4:20: error: '1' has no unit; write 1 distinct failures"},
        {HEAD "run: { stop_after: never }\n",
         HEAD "run: { stop_after: nevr }\n",
         "a.yaml:4:20: error: 'nevr' is not a number; expected a number of "
         "distinct failures"},
        {HEAD "run: { jobs: 2 }\n", HEAD "run: { jobs: 0 }\n",
         "a.yaml:4:14: error: 0 is out of range; 'jobs' goes from 1 to 256"},
        {HEAD "schedule: { fair_after: 4000 steps }\n",
         HEAD "schedule: { fair_after: 4000 }\n",
         "a.yaml:4:25: error: '4000' has no unit; write 4000 steps"},
        {HEAD "faults:\n - { kind: a, p: 0.02 }\n",
         HEAD "faults:\n - { kind: a, p: 2 }\n",
         "a.yaml:5:18: error: 2 is out of range; 'p' goes from 0 to 1"},
        {HEAD "faults:\n - { kind: a, p: 2% }\n",
         HEAD "faults:\n - { kind: a, p: -0.1 }\n",
         "a.yaml:5:18: error: -0.1 is out of range; 'p' goes from 0 to 1"},
        {"scenario: 1\nname: a\nsystem: { kind: threads, algorithm: q, stack: "
         "64KB }\n",
         "scenario: 1\nname: a\nsystem: { kind: threads, algorithm: q, stack: "
         "64 }\n",
         "a.yaml:3:47: error: '64' has no unit; write 64 bytes"},
        {NULL, NULL, NULL},
    });
}

static void quantities(void)
{
    try_pairs((struct pair[]){
        {HEAD "workload: { think: 1ms..5ms }\n",
         HEAD "workload: { think: 5ms..1ms }\n",
         "a.yaml:4:20: error: '5ms..1ms' is empty; the lesser comes first"},
        {HEAD "workload: { think: 1..5ms }\n",
         HEAD "workload: { think: 1..5 }\n",
         "a.yaml:4:20: error: '5' has no unit; write 5ms"},
        {HEAD "workload: { think: [1ms, 5ms] }\n",
         HEAD "workload: { think: [1ms, 5] }\n",
         "a.yaml:4:26: error: '5' has no unit; write 5ms"},
        {HEAD "workload: { think: 0ms }\n", HEAD "workload: { think: -1ms }\n",
         "a.yaml:4:20: error: -1ms is out of range; 'think' goes from 0 to "
         "86400s"},
        {HEAD "workload: { think: { dist: lognormal, median: 2ms, sigma: 0.6 "
              "} }\n",
         HEAD "workload: { think: { dist: lognormul, median: 2ms, sigma: 0.6 "
              "} }\n",
         "a.yaml:4:28: error: 'lognormul' is not allowed here; did you mean "
         "'lognormal'?"},
        {HEAD "workload: { think: { dist: uniform, min: 1ms, max: 2ms } }\n",
         HEAD "workload: { think: { dist: uniform, min: 1ms } }\n",
         "a.yaml:4:20: error: dist 'uniform' lacks 'max'"},
        {HEAD "workload: { think: { dist: normal, mean: 1ms, sd: 2ms } }\n",
         HEAD "workload: { think: { dist: normal, mean: 1ms, sdd: 2ms } }\n",
         "a.yaml:4:20: error: dist 'normal' lacks 'sd'"},
        {HEAD "workload: { think: { dist: exponential, mean: 1ms, "
              "correlation: 50% } }\n",
         HEAD "workload: { think: { dist: exponential, mean: 1ms, "
              "correlation: 1 } }\n",
         "a.yaml:4:65: error: 1 is out of range; 'correlation' goes from 0 to "
         "0.999999"},
        {HEAD "workload: { think: { dist: pareto, scale: 5ms, shape: 1.5, "
              "max: 5s } }\n",
         HEAD "workload: { think: { dist: pareto, scale: 5ms, shape: 0 } }\n",
         "a.yaml:4:55: error: 0 is out of range; 'shape' goes from 0.001 to "
         "100"},
        {HEAD "workload: { think: { dist: empirical, quantiles: [1ms, 9ms] } "
              "}\n",
         HEAD "workload: { think: { dist: empirical, quantiles: [9ms, 1ms] } "
              "}\n",
         "a.yaml:4:56: error: quantiles rise; '1ms' is less than the one "
         "before"},
        {HEAD "workload: { think: { dist: mixture, p: 0.1, fast: 1ms, slow: { "
              "dist: exponential, mean: 1s } } }\n",
         HEAD "workload: { think: { dist: mixture, p: 0.1, fast: 1ms, slow: { "
              "dist: mixture } } }\n",
         "a.yaml:4:70: error: a mixture is not made of mixtures"},
        {HEAD "workload: { think: { dist: constant, value: 1ms, min: 0ms } }\n",
         HEAD "workload: { think: { dist: constant, value: 1ms, min: 2ms, "
              "max: 1ms } }\n",
         "a.yaml:4:20: error: 'min' is greater than 'max'"},
        {HEAD "faults:\n - { kind: a, for: 1..200 steps }\n",
         HEAD "faults:\n - { kind: a, for: 1 steps..2 ms }\n",
         "a.yaml:5:20: error: '1 steps..2 ms' mixes units"},
        {NULL, HEAD "workload: { think: { mean: 1ms } }\n",
         "a.yaml:4:20: error: 'think' wants a value, a range lo..hi, a list, or "
         "{ dist: ... }"},
        {NULL, NULL, NULL},
    });
}

static void targets_and_triggers(void)
{
    try_pairs((struct pair[]){
        {HEAD "faults:\n - { kind: a, target: { threads: any } }\n",
         HEAD "faults:\n - { kind: a, target: { treads: any } }\n",
         "a.yaml:5:25: error: unknown key 'treads' in 'target'; did you mean "
         "'threads'?"},
        {HEAD "faults:\n - { kind: a, target: { threads: [T0, T1] } }\n",
         HEAD "faults:\n - { kind: a, target: { threads: [] } }\n",
         "a.yaml:5:34: error: an empty list"},
        {HEAD "faults:\n - { kind: a, target: { threads: random(2) } }\n",
         HEAD "faults:\n - { kind: a, target: { threads: random(0) } }\n",
         "a.yaml:5:34: error: 'random(0)' is not understood; write random(n), "
         "n from 1 to 63"},
        {HEAD "faults:\n - { kind: a, target: \"a->b\" }\n",
         HEAD "faults:\n - { kind: a, target: any }\n",
         "a.yaml:5:23: error: 'any' is no target; write { threads: any } (or "
         "processes, nodes, clients, ...), or a link such as \"a->b\""},
        {HEAD "faults:\n - { kind: a, target: \"*\" }\n",
         HEAD "faults:\n - { kind: a, target: \"->b\" }\n",
         "a.yaml:5:23: error: '->b' is no target; write { threads: any } (or "
         "processes, nodes, clients, ...), or a link such as \"a->b\""},
        {HEAD "faults:\n - { kind: a, target: { links: \"a<->b\" } }\n",
         HEAD "faults:\n - { kind: a, target: { links: [\"a-b\"] } }\n",
         "a.yaml:5:33: error: 'a-b' is no link; write \"a->b\", \"a<->b\" or "
         "\"*\""},
        {HEAD "faults:\n - { kind: a, when: { point: p, hit: 1..5 } }\n",
         HEAD "faults:\n - { kind: a, when: { hit: 1..5 } }\n",
         "a.yaml:5:23: error: 'hit' counts how often a point is reached; add "
         "'point'"},
        {HEAD "faults:\n - { kind: a, when: { any_of: [{ step: 1 }, { call: 2 "
              "}] } }\n",
         HEAD "faults:\n - { kind: a, when: { any_of: [{ step: 1 }], call: 2 "
              "} }\n",
         "a.yaml:5:23: error: 'any_of' stands alone; put the other keys into "
         "its items"},
        {HEAD "faults:\n - { kind: a, when: { any_of: [{ step: 1 }] } }\n",
         HEAD "faults:\n - { kind: a, when: { any_of: [{ any_of: [] }] } }\n",
         "a.yaml:5:34: error: 'any_of' does not stand inside itself"},
        {HEAD "faults:\n - { kind: a, when: { step: 0 } }\n",
         HEAD "faults:\n - { kind: a, when: { } }\n",
         "a.yaml:5:21: error: an empty trigger"},
        {HEAD "faults:\n - { kind: a, shape: [ring, bridge] }\n",
         HEAD "faults:\n - { kind: a, shape: [rings] }\n",
         "a.yaml:5:23: error: 'rings' is not allowed here; did you mean "
         "'ring'?"},
        {NULL, NULL, NULL},
    });
}

static void programs_and_mixes(void)
{
    try_pairs((struct pair[]){
        {HEAD "workload: { program: [[push 4, pop], [pop]] }\n",
         HEAD "workload: { program: [push 4, pop] }\n",
         "a.yaml:4:23: error: 'a client of 'program'' wants a list of calls, "
         "such as [push 4, pop], and this is 'push 4'"},
        {HEAD "workload: { setup: [cas 1 2] }\n",
         HEAD "workload: { setup: [cas 1 2 3] }\n",
         "a.yaml:4:21: error: 'cas 1 2 3' has more than 2 arguments"},
        {HEAD "workload: { setup: [push -4] }\n",
         HEAD "workload: { setup: [push(4)] }\n",
         "a.yaml:4:21: error: 'push(4)' is no call; write the name and its "
         "arguments with blanks between, such as push 4"},
        {HEAD "workload: { setup: [push 4] }\n",
         HEAD "workload: { setup: [push four] }\n",
         "a.yaml:4:21: error: 'four' is not a number; expected a whole "
         "number"},
        {HEAD "workload: { mix: { push: 60, pop: 40 } }\n",
         HEAD "workload: { mix: { push: 60, pop: -1 } }\n",
         "a.yaml:4:35: error: -1 is out of range; 'mix' goes from 0 to "
         "1000000"},
        {HEAD "workload: { mix: { push: 1, pop: 0 } }\n",
         HEAD "workload: { mix: { push: 0, pop: 0 } }\n",
         "a.yaml:4:18: error: the weights of a mix add up to 0"},
        {NULL, HEAD "workload: { mix: { push: 1 }, program: [[push 1]] }\n",
         "a.yaml:4:13: error: 'mix' and 'program' exclude each other"},
        {HEAD "workload: { program: [[pop], [pop]] }\n",
         "scenario: 1\nname: a\nsystem: { kind: threads, algorithm: q, "
         "threads: 3 }\nworkload: { program: [[pop], [pop]] }\n",
         "a.yaml:4:13: error: a program for 2 clients, and the system has 3"},
        {HEAD "workload: { ops_per_client: 3 }\n",
         HEAD "workload: { ops_per_process: 3 }\n",
         "a.yaml:4:13: error: 'ops_per_process' is for kind: processes, and "
         "this is kind: threads; write ops_per_client"},
        {NET "workload: { clients: { ops: 3 } }\n",
         HEAD "workload: { clients: { ops: 3 } }\n",
         "a.yaml:4:13: error: 'clients' is for kind: network, and this is "
         "kind: threads; write ops_per_client, mix, think"},
        {NULL, HEAD "workload: { ops_per_thread: 3, ops_per_client: 3 }\n",
         "a.yaml:4:13: error: 'ops_per_thread' and 'ops_per_client' say the "
         "same; write one of them"},
        {NULL, NULL, NULL},
    });
}

static void networks(void)
{
    try_pairs((struct pair[]){
        {NET "network: { default: { latency: 1ms, bandwidth: 10MB/s } }\n",
         NET "network: { default: { latency: 1ms, bandwidth: 10MB } }\n",
         "a.yaml:4:48: error: '10MB' does not fit here; expected a rate (KB/s "
         "MB/s GB/s)"},
        {NET "network: { default: { queue: 64 messages } }\n",
         NET "network: { default: { queue: 64 } }\n",
         "a.yaml:4:30: error: '64' has no unit; write 64 messages"},
        {NET "network: { default: { reorder: allowed } }\n",
         NET "network: { default: { reorder: maybe } }\n",
         "a.yaml:4:32: error: 'maybe' is not allowed here; expected fifo, "
         "allowed"},
        {NET "network: { default: { loss: { model: gilbert_elliott, p: 1%, r: "
             "0.3, good: 0, bad: 0.8 } } }\n",
         NET "network: { default: { loss: { p: 1% } } }\n",
         "a.yaml:4:23: error: 'loss' lacks 'model': independent, or in bursts "
         "(Gilbert-Elliott)"},
        {NET "network: { links: [{ target: \"a->*\", loss: 5% }] }\n",
         NET "network: { links: [{ target: \"a=>b\", loss: 5% }] }\n",
         "a.yaml:4:30: error: 'a=>b' is no link; write \"a->b\", \"a<->b\" or "
         "\"*\", in quotes"},
        {NULL, HEAD "network: { default: { loss: 5% } }\n",
         "a.yaml:4:1: error: 'network' is for kind: network, and this is kind: "
         "threads"},
        {NET "liveness: { heal_after: 8s, must_finish_within: 5s }\nrun: { "
             "sim_time: 13s }\n",
         NET "liveness: { heal_after: 8s, must_finish_within: 5s }\nrun: { "
             "sim_time: 12s }\n",
         "a.yaml:5:18: error: 'sim_time' ends before heal_after + "
         "must_finish_within"},
        {NULL, NULL, NULL},
    });
}

static void all_errors_come_in_one_pass_in_order(void)
{
    const char *text = "scenario: 1\n"
                       "name: a\n"
                       "system: { kind: thread, algorithm: q }\n"
                       "workload:\n"
                       "\tkeys: 1\n";
    const char *said;
    CU_ASSERT_PTR_NULL(parse(text, strlen(text), &said));
    text = "scenario: 1\n"
           "name: a\n"
           "system: { kind: thread, algorithm: q }\n"
           "workload:\n"
           "  keys: many\n"
           "  \xc3\xa4: 1\n"
           "run: { time: 5 }\n";
    CU_ASSERT_PTR_NULL(parse(text, strlen(text), &said));
    CU_ASSERT_STRING_EQUAL(
        said,
        "a.yaml:3:17: error: 'thread' is not allowed here; did you mean "
        "'threads'?\n"
        "    system: { kind: thread, algorithm: q }\n"
        "                    ^~~~~~\n"
        "a.yaml:5:9: error: 'many' is not a number; expected a whole number\n"
        "      keys: many\n"
        "            ^~~~\n"
        "a.yaml:6:3: error: unknown key '\xc3\xa4' in 'workload'; expected "
        "ops_per_thread, ops_per_process, ops_per_client, clients, mix, "
        "values, keys, amount, think, timeout, setup, program, iterations, "
        "step_time, state\n"
        "      \xc3\xa4: 1\n"
        "      ^\n"
        "a.yaml:7:14: error: '5' has no unit; write 5ms\n"
        "    run: { time: 5 }\n"
        "                 ^\n"
        "a.yaml: 4 errors; `faultline list --schema` prints what may be "
        "written, docs/scenarios.md explains it\n");
}

static void long_lines_are_cut_around_the_caret(void)
{
    static char text[20000];
    int size = snprintf(text, sizeof(text), HEAD "tags: [");
    for (int i = 0; i < 1000; i++) {
        size += snprintf(text + size, 16, "'t%d', ", i);
    }
    const char *said;
    CU_ASSERT_PTR_NULL(parse(text, (size_t)size, &said));
    CU_ASSERT(strlen(said) < 1000);
    for (const char *at = said; at != NULL && *at != '\0';) {
        const char *feed = strchr(at, '\n');
        CU_ASSERT_PTR_NOT_NULL_FATAL(feed);
        CU_ASSERT(feed - at < 200);
        at = feed + 1;
    }
}

static void fields_are_filled(void)
{
    struct scenario *s = parse_good(
        "scenario: 1\n"
        "name: all\n"
        "tags: [x, y]\n"
        "system:\n"
        "  kind: threads\n"
        "  algorithm: treiber_stack\n"
        "  variant: aba\n"
        "  params: { capacity: 64, reclaim: ebr, wait: 50ms, on_top: true }\n"
        "  threads: 3\n"
        "  reuse: newest\n"
        "  freed_reads: allow\n"
        "  leaks: report\n"
        "  races: explore\n"
        "  stack: 128 KiB\n"
        "workload: { ops_per_thread: 5, mix: { push: 60, pop: 40 } }\n"
        "schedule: { strategy: [pct, random], depth: 3, preemptions: 0 }\n"
        "faults:\n"
        "  - kind: delay\n"
        "    target: { threads: [T0, T2] }\n"
        "    when: { point: [a.b, c], hit: 1..5 }\n"
        "    for: 1..200 steps\n"
        "    p: 30%\n"
        "    limit: 2\n"
        "check:\n"
        "  criterion: strict\n"
        "  progress: lock_free\n"
        "  memory_bound: { retired_max: 9, after: crash, expect: warn }\n"
        "run: { seeds: 3..5, steps_max: 100, time: 2s, stop_after: never }\n"
        "expect: violation\n");
    CU_ASSERT_STRING_EQUAL(s->name, "all");
    CU_ASSERT_EQUAL(s->tags.count, 2);
    CU_ASSERT_STRING_EQUAL(s->system.algorithm.name[0], "treiber_stack");
    CU_ASSERT_EQUAL(s->system.algorithm.place[0].line, 6);
    CU_ASSERT_EQUAL(s->system.algorithm.place[0].column, 14);
    CU_ASSERT_STRING_EQUAL(s->system.variant.name[0], "aba");
    CU_ASSERT_EQUAL(s->system.settings_count, 4);
    CU_ASSERT_EQUAL(s->system.settings[0].number, 64);
    CU_ASSERT_FALSE(s->system.settings[1].is_number);
    CU_ASSERT_STRING_EQUAL(s->system.settings[1].text, "ebr");
    CU_ASSERT_EQUAL(s->system.settings[2].number, 50000000);
    CU_ASSERT_EQUAL(s->system.settings[3].number, 1);
    CU_ASSERT_EQUAL(s->system.threads, 3);
    CU_ASSERT_EQUAL(s->system.reuse, REUSE_NEWEST);
    CU_ASSERT(s->system.freed_reads && s->system.leaks);
    CU_ASSERT_EQUAL(s->system.races, RACES_EXPLORE);
    CU_ASSERT_EQUAL(s->system.stack_size, 131072);
    CU_ASSERT_EQUAL(s->workload.ops_per_client, 5);
    CU_ASSERT_EQUAL(s->workload.mix_count, 2);
    CU_ASSERT_EQUAL(s->workload.mix[1].weight, 40);
    CU_ASSERT_EQUAL(s->schedule.strategy.count, 2);
    CU_ASSERT(s->schedule.preemptions_set && s->schedule.preemptions == 0);
    CU_ASSERT_EQUAL_FATAL(s->rules_count, 1);
    const struct rule *rule = &s->rules[0];
    CU_ASSERT_STRING_EQUAL(rule->kind, "delay");
    CU_ASSERT_EQUAL(rule->place.line, 18);
    CU_ASSERT_EQUAL(rule->target.pick, PICK_NAMED);
    CU_ASSERT_STRING_EQUAL(rule->target.names.name[1], "T2");
    CU_ASSERT_EQUAL(rule->when_count, 1);
    CU_ASSERT(rule->when[0].set && !rule->when[0].step.set);
    CU_ASSERT_EQUAL(rule->when[0].point.count, 2);
    CU_ASSERT_EQUAL(rule->when[0].hit.kind, DIST_UNIFORM);
    CU_ASSERT_EQUAL(rule->when[0].hit.b, 5);
    CU_ASSERT_EQUAL(rule->duration.unit, UNIT_STEPS);
    CU_ASSERT_EQUAL(rule->p_ppm, 300000);
    CU_ASSERT_EQUAL(rule->swarm_ppm, 1000000);
    CU_ASSERT_EQUAL(rule->limit, 2);
    CU_ASSERT_EQUAL(s->check.criterion, FL_STRICT);
    CU_ASSERT_EQUAL(s->check.progress, PROGRESS_LOCK_FREE);
    CU_ASSERT(s->check.memory_bound_set && s->check.retired_max == 9);
    CU_ASSERT(s->check.retired_after_crash && s->check.retired_warns);
    CU_ASSERT(s->run.first_seed == 3 && s->run.last_seed == 5);
    CU_ASSERT_EQUAL(s->run.time_ms, 2000);
    CU_ASSERT_EQUAL(s->run.stop_after, 0);
    CU_ASSERT_EQUAL(s->expect, EXPECT_VIOLATION);
    CU_ASSERT_PTR_NULL(s->skip);
    scenario_free(s);
}

static void defaults_stand_where_nothing_is_written(void)
{
    struct scenario *s = parse_good(NET);
    CU_ASSERT(s->system.replicas == 3 && s->system.clients == 2);
    CU_ASSERT_EQUAL(s->workload.ops_per_client, 4);
    CU_ASSERT_FALSE(s->network.set);
    CU_ASSERT_EQUAL(s->run.steps_max, 20000);
    CU_ASSERT_EQUAL(s->run.stop_after, 1);
    CU_ASSERT_EQUAL(s->check.criterion, FL_LINEARIZABLE);
    CU_ASSERT_FALSE(s->run.seeds_set);
    CU_ASSERT_STRING_EQUAL(s->about, "");
    scenario_free(s);
    scenario_free(NULL);

    s = parse_good(HEAD "workload: { program: [[push 4, pop], [], [pop]], "
                        "setup: [push -3] }\n");
    CU_ASSERT_EQUAL(s->system.threads, 3);
    CU_ASSERT_EQUAL(s->workload.program_count, 3);
    CU_ASSERT_EQUAL(s->workload.program[0].count, 2);
    CU_ASSERT_STRING_EQUAL(s->workload.program[0].calls[0].name, "push");
    CU_ASSERT_EQUAL(s->workload.program[0].calls[0].args[0], 4);
    CU_ASSERT_EQUAL(s->workload.program[1].count, 0);
    CU_ASSERT_EQUAL(s->workload.setup.calls[0].args[0], -3);
    scenario_free(s);
}

static void network_fields_are_filled(void)
{
    struct scenario *s = parse_good(
        NET "network:\n"
            "  default: { latency: { dist: mixture, p: 0.25, fast: 1ms, slow: "
            "{ dist: exponential, mean: 1s } }, loss: 5%, reorder: allowed }\n"
            "  links:\n"
            "    - { target: \"a<->b\", loss: { model: gilbert_elliott, p: "
            "0.01, r: 0.3, good: 0, bad: 0.8 } }\n");
    const struct link_model *all = &s->network.all;
    CU_ASSERT_EQUAL(all->latency.kind, DIST_MIXTURE);
    CU_ASSERT_EQUAL(all->latency.b, 250000);
    CU_ASSERT_EQUAL(all->latency.fast->a, 1000000);
    CU_ASSERT_EQUAL(all->latency.slow->kind, DIST_EXPONENTIAL);
    CU_ASSERT_EQUAL(all->latency.min, 0); /* no latency is negative */
    CU_ASSERT(all->loss_set && all->loss_ppm == 50000);
    CU_ASSERT(all->reorder_set && all->reorder);
    CU_ASSERT_EQUAL_FATAL(s->network.links_count, 1);
    const struct link_model *link = &s->network.links[0];
    CU_ASSERT_STRING_EQUAL(link->target, "a<->b");
    CU_ASSERT_EQUAL(link->place.line, 7);
    CU_ASSERT_EQUAL(link->loss_model, LOSS_GILBERT_ELLIOTT);
    CU_ASSERT(link->ge_p_ppm == 10000 && link->ge_r_ppm == 300000);
    CU_ASSERT(link->ge_bad_ppm == 800000 && !link->latency.set);
    scenario_free(s);
}

static void expect_skip(const char *text, const char *reason)
{
    struct scenario *s = parse_good(text);
    if (reason == NULL) {
        CU_ASSERT_PTR_NULL(s->skip);
    } else {
        CU_ASSERT_PTR_NOT_NULL_FATAL(s->skip);
        CU_ASSERT_PTR_NOT_NULL(strstr(s->skip, reason));
    }
    scenario_free(s);
}

static void what_comes_later_parses_and_is_skipped(void)
{
    expect_skip(HEAD, NULL);
    expect_skip("scenario: 1\nname: a\nsystem: { kind: ranks, algorithm: q }\n",
                "kind: ranks comes later");
    expect_skip("scenario: 1\nname: a\nsystem: { kind: threads, algorithm: q, "
                "backend: real }\n",
                "backend: real comes later");
    expect_skip("scenario: 1\nname: a\nsystem: { kind: threads, algorithm: q, "
                "memory: tso }\n",
                "memory: tso comes later");
    expect_skip(HEAD "check: { criterion: { buffered_durable: { max_loss: 5 "
                     "iterations } } }\n",
                "criterion buffered_durable comes later");
    expect_skip(HEAD "check: { model: group_state_machine }\n",
                "model group_state_machine comes later");
    expect_skip(HEAD "disk: { default: { write: 1ms } }\n",
                "simulated disks come later");
}

static void expect_loads(const char *path, const char *reason)
{
    struct scenario *s = scenario_load(path, stdout);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    if (reason == NULL) {
        CU_ASSERT_PTR_NULL(s->skip);
    } else {
        CU_ASSERT_PTR_NOT_NULL_FATAL(s->skip);
        CU_ASSERT_PTR_NOT_NULL(strstr(s->skip, reason));
    }
    scenario_free(s);
}

/* The four files of the design, and what stands in the way of each. */
static const struct {
    const char *name;
    const char *reason;
} designs[] = {
    {"abd.yaml", NULL},
    {"msqueue.yaml", "memory: relaxed comes later"},
    {"hami.yaml", "backend: real comes later"},
    {"ckpt.yaml", "kind: ranks comes later"},
};

static void four_files_of_the_design_load(void)
{
    for (size_t i = 0; i < 4; i++) {
        char path[256];
        snprintf(path, sizeof(path), "tests/data/scenarios/%s",
                 designs[i].name);
        expect_loads(path, designs[i].reason);
    }
}

static void four_files_beside_the_repository_load(void)
{
    char path[512];
    if (!tap_shared(path, sizeof(path), "design/scenarios/abd.yaml")) {
        TAP_SKIP("design/scenarios is not there; set FAULTLINE_SHARED");
    }
    for (size_t i = 0; i < 4; i++) {
        char name[128];
        snprintf(name, sizeof(name), "design/scenarios/%s", designs[i].name);
        CU_ASSERT_TRUE(tap_shared(path, sizeof(path), name));
        expect_loads(path, designs[i].reason);
    }
}

static void files_that_are_none_are_refused(void)
{
    char said[1024] = "";
    FILE *errors = fmemopen(said, sizeof(said), "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(errors);
    CU_ASSERT_PTR_NULL(scenario_load("/nowhere/a.yaml", errors));
    CU_ASSERT_PTR_NULL(scenario_load("/tmp", errors));
    fclose(errors);
    CU_ASSERT_STRING_EQUAL(
        said, "/nowhere/a.yaml: error: cannot be read: No such file or "
              "directory; `faultline list scenarios` shows what there is\n"
              "/tmp: error: cannot be read: it is a directory; `faultline "
              "list scenarios` shows what there is\n");
}

static void later_errors_look_the_same(void)
{
    struct scenario *s = parse_good(HEAD);
    char said[512] = "";
    FILE *errors = fmemopen(said, sizeof(said), "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(errors);
    scenario_complain(s, s->system.algorithm.place[0], errors,
                      "there is no algorithm '%s'", "q");
    fclose(errors);
    CU_ASSERT_STRING_EQUAL(said,
                           "a.yaml:3:37: error: there is no algorithm 'q'\n"
                           "    system: { kind: threads, algorithm: q }\n"
                           "                                        ^\n");
    scenario_free(s);
}

static void nearest_word_is_one_that_was_meant(void)
{
    static const char *const words[] = {"threads", "processes", "ms_queue", "p",
                                        NULL};
    CU_ASSERT_STRING_EQUAL(scenario_nearest("thread", words), "threads");
    CU_ASSERT_STRING_EQUAL(scenario_nearest("ms-queue", words), "ms_queue");
    CU_ASSERT_STRING_EQUAL(scenario_nearest("porcesses", words), "processes");
    CU_ASSERT_STRING_EQUAL(scenario_nearest("process", words), "processes");
    CU_ASSERT_PTR_NULL(scenario_nearest("", words));
    CU_ASSERT_PTR_NULL(scenario_nearest("ranks", words));
    CU_ASSERT_PTR_NULL(scenario_nearest("x", words));
}

/* The schema names them, and cannot see them. */
static void strategies_are_those_of_the_schema(void)
{
    for (size_t i = 0; strategies[i] != NULL; i++) {
        char text[256];
        snprintf(text, sizeof(text), HEAD "schedule: { strategy: %s }\n",
                 strategies[i]->name);
        scenario_free(parse_good(text));
    }
    CU_ASSERT_PTR_NOT_NULL(strategy_find("random"));
    CU_ASSERT_PTR_NOT_NULL(strategy_find("exhaustive"));
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"form of the file", form_of_the_file},
        {"hostile files are refused", hostile_files_are_refused},
        {"unknown words and keys", unknown_words_and_keys},
        {"numbers and units", numbers_and_units},
        {"quantities", quantities},
        {"targets and triggers", targets_and_triggers},
        {"programs and mixes", programs_and_mixes},
        {"networks", networks},
        {"all errors come in one pass, in order",
         all_errors_come_in_one_pass_in_order},
        {"long lines are cut around the caret",
         long_lines_are_cut_around_the_caret},
        {"fields are filled", fields_are_filled},
        {"defaults stand where nothing is written",
         defaults_stand_where_nothing_is_written},
        {"network fields are filled", network_fields_are_filled},
        {"what comes later parses and is skipped",
         what_comes_later_parses_and_is_skipped},
        {"the four files of the design load", four_files_of_the_design_load},
        {"the four files beside the repository load",
         four_files_beside_the_repository_load},
        {"files that are none are refused", files_that_are_none_are_refused},
        {"later errors look the same", later_errors_look_the_same},
        {"the nearest word is one that was meant",
         nearest_word_is_one_that_was_meant},
        {"strategies are those of the schema",
         strategies_are_those_of_the_schema},
        {NULL, NULL},
    };
    return tap_run("scenario", cases);
}
