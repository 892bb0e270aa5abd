/*
 * What the scenario loader refuses, with which words, at which place.
 *
 * The cases come in pairs: a text that is legal, and its nearest neighbour
 * that is not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/scenario_fixture.h"

static const struct pair form_of_the_file_pairs[] = {
    {HEAD, "name: a\nscenario: 1\nsystem: {kind: threads, algorithm: q}\n",
     "a.yaml:1:1: error: the first key must be `scenario: 1`, the version "
     "of the format"},
    {NULL, "scenario: 2\nname: a\nsystem: {kind: threads, algorithm: q}\n",
     "a.yaml:1:11: error: this program reads version 1 of the format, not "
     "'2'; write `scenario: 1`"},
    {NULL, "", "a.yaml: error: is empty; begin with the line `scenario: 1`"},
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
};

static void form_of_the_file(void)
{
    try_pairs(form_of_the_file_pairs);
}

/* Writes the beginning of a text that goes on. */
static void put(char *at, const char *bytes, size_t size)
{
    memcpy(at, bytes, size);
}

static void hostile_files_are_refused(void)
{
    static char text[2 * 1024 * 1024];
    const char *said;
    memset(text, '#', sizeof(text));
    CU_ASSERT_PTR_NULL(parse(text, sizeof(text), &said));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "has more than 1048576 bytes"));

    put(text, "a: \0b", 5);
    CU_ASSERT_PTR_NULL(parse(text, 5, &said));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "a.yaml:1:4: error: byte 0x00"));

    memset(text, '[', 500000);
    CU_ASSERT_PTR_NULL(parse(text, 500000, &said));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "nested deeper than 16 levels"));

    for (int i = 0; i < 100000; i++) {
        put(text + i * 4L, "- a\n", 4);
    }
    CU_ASSERT_PTR_NULL(parse(text, 400000, &said));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "more than 20000 values"));

    memset(text, 'x', 10000);
    put(text, "about: ", 7);
    CU_ASSERT_PTR_NULL(parse(text, 10000, &said));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "a text of more than 4096 bytes"));

    int size = 0;
    for (int i = 0; i < 1000; i++) {
        size += snprintf(text + size, 20, "k%d: 1\n", i);
    }
    CU_ASSERT_PTR_NULL(parse(text, (size_t)size, &said));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "more than 128 keys"));
}

static const struct pair unknown_words_and_keys_pairs[] = {
    {HEAD "workload: { ops_per_thread: 4 }\n",
     HEAD "workload: { ops_per_tread: 4 }\n",
     "a.yaml:4:13: error: unknown key 'ops_per_tread' in 'workload'; did "
     "you mean 'ops_per_thread'?"},
    {HEAD "run: { jobs: auto }\n", HEAD "run: { zzzzz: auto }\n",
     "a.yaml:4:8: error: unknown key 'zzzzz' in 'run'; expected seeds, "
     "steps_max, time, sim_time, stop_after, jobs, isolate"},
    {HEAD "workload: { values: small }\n", HEAD "workload: { values: smal }\n",
     "a.yaml:4:21: error: 'smal' is not allowed here; did you mean "
     "'small'?"},
    {HEAD "check: { progress: lock_free }\n", HEAD "check: { progress: 12 }\n",
     "a.yaml:4:20: error: '12' is not allowed here; expected none, "
     "deadlock_free, starvation_free, bounded_bypass, lock_free, wait_free, "
     "obstruction_free"},
    {HEAD "check: { progress: wait_free, steps_bound: 9 }\n",
     HEAD "check: { progress: wait_free }\n",
     "a.yaml:4:10: error: wait_free is about a bound: write steps_bound: N, "
     "the own steps that an operation may take"},
    {HEAD "check: { progress: bounded_bypass, bypass_bound: 2 }\n",
     HEAD "check: { progress: bounded_bypass }\n",
     "a.yaml:4:10: error: bounded_bypass is about a bound: write "
     "bypass_bound: N, the operations of others that may overtake one"},
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
};

static void unknown_words_and_keys(void)
{
    try_pairs(unknown_words_and_keys_pairs);
}

static const struct pair numbers_and_units_pairs[] = {
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
    {HEAD "run: { steps_max: 20 steps }\n", HEAD "run: { steps_max: 010 }\n",
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
    {HEAD "run: { time: 100m }\n", HEAD "run: { time: 999999999999999999m }\n",
     "a.yaml:4:14: error: '999999999999999999m' is too large; expected a "
     "time (ns us ms s m)"},
    {HEAD "run: { seeds: 1..500 }\n", HEAD "run: { seeds: 500 }\n",
     "a.yaml:4:15: error: 'seeds' wants a range; write 1..500"},
    {HEAD "run: { seeds: 2..500 }\n", HEAD "run: { seeds: 2-500 }\n",
     "a.yaml:4:15: error: 'seeds' wants a range; write 2..500"},
    {HEAD "workload: { program: [[push 4], [pop]] }\n",
     HEAD "workload: { program: [push 4, [pop]] }\n",
     "a.yaml:4:23: error: 'program of a client' wants a list of calls, such as "
     "[push 4, pop], and this is 'push 4'"},
    {HEAD "run: { seeds: 5..5 }\n", HEAD "run: { seeds: 5..1 }\n",
     "a.yaml:4:15: error: '5..1' is empty; the lesser comes first"},
    {HEAD "run: { stop_after: 1 distinct failure }\n",
     HEAD "run: { stop_after: 1 }\n",
     "a.yaml:4:20: error: '1' has no unit; write 1 distinct failures"},
    {HEAD "run: { stop_after: never }\n", HEAD "run: { stop_after: nevr }\n",
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
};

static void numbers_and_units(void)
{
    try_pairs(numbers_and_units_pairs);
}

static const struct pair quantities_pairs[] = {
    {HEAD "workload: { think: 1ms..5ms }\n",
     HEAD "workload: { think: 5ms..1ms }\n",
     "a.yaml:4:20: error: '5ms..1ms' is empty; the lesser comes first"},
    {HEAD "workload: { think: 1..5ms }\n", HEAD "workload: { think: 1..5 }\n",
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
     "a.yaml:4:20: error: 'think' wants a value, a range lo..hi, a list, "
     "or { dist: ... }"},
    {NULL, NULL, NULL},
};

static void quantities(void)
{
    try_pairs(quantities_pairs);
}

static const struct pair targets_and_triggers_pairs[] = {
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
};

static void targets_and_triggers(void)
{
    try_pairs(targets_and_triggers_pairs);
}

static const struct pair programs_and_mixes_pairs[] = {
    {HEAD "workload: { program: [[push 4, pop], [pop]] }\n",
     HEAD "workload: { program: [push 4, pop] }\n",
     "a.yaml:4:23: error: 'program of a client' wants a list of calls, "
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
};

static void programs_and_mixes(void)
{
    try_pairs(programs_and_mixes_pairs);
}

static const struct pair networks_pairs[] = {
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
};

static void networks(void)
{
    try_pairs(networks_pairs);
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
        {NULL, NULL},
    };
    return tap_run("scenario errors", cases);
}
