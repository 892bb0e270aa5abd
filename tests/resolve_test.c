/*
 * Names in rules: what matches nothing is an error, and what docs/faults.md
 * shows is none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/rules.h"
#include "harness/sim/net.h"

#include "tests/tap.h"

#include <assert.h>
#include <string.h>

enum {
    TEXT_MAX = 8192
};

static const char *const points[] = {"q.linked", "q.swung", NULL};
static const char *const locks[] = {"q.lock", NULL};

static const struct fl_algorithm algorithm = {
    .name = "queue", .points = points, .locks = locks};

static const char threads[] = "scenario: 1\nname: x\nsystem:\n  kind: threads\n"
                              "  algorithm: treiber_stack\n  threads: 3\n";
static const char processes[] =
    "scenario: 1\nname: x\nsystem:\n  kind: processes\n  backend: sim\n"
    "  algorithm: shm_region\n  processes: 3\n";
static const char network[] =
    "scenario: 1\nname: x\nsystem:\n  kind: network\n"
    "  algorithm: abd_register\n  nodes: { replica: 5, client: 3 }\n";

/* The complaints about `rest` of a scenario that begins with `head`; their
 * texts are in `said`. */
static uint32_t complaints(const char *head, const char *rest,
                           char said[TEXT_MAX])
{
    char text[TEXT_MAX];
    int size = snprintf(text, sizeof(text), "%s%s", head, rest);
    assert(size > 0 && (size_t)size < sizeof(text));
    memset(said, 0, TEXT_MAX);
    FILE *errors = fmemopen(said, TEXT_MAX - 1, "w");
    assert(errors != NULL);
    uint32_t count = 1000;
    struct scenario *s = scenario_parse("x.yaml", text, (size_t)size, errors);
    if (s != NULL) {
        count = rules_resolve(s, &algorithm, errors) + net_resolve(s, errors);
    }
    scenario_free(s);
    (void)fclose(errors);
    return count;
}

static const struct expected {
    const char *head;
    const char *rest;
    const char *says; /* NULL: nothing is wrong */
} expected[] = {
    {threads, "faults: [{ kind: crash, when: { point: q.linked } }]\n", NULL},
    {threads, "faults: [{ kind: crash, when: { point: q.linkd } }]\n",
     "did you mean 'q.linked'"},
    {threads, "faults: [{ kind: crash, when: { holding: q.lok } }]\n",
     "did you mean 'q.lock'"},
    {threads,
     "faults: [{ kind: crash, target: { threads: T7 }, when: { step: 1 } }]\n",
     "T0 to T2"},
    {threads, "faults: [{ kind: partition, every: 1ms }]\n", "nobody to act"},
    {threads, "faults: [{ kind: loss, p: 0.1 }]\n", "nobody to act"},
    {threads, "faults: [{ kind: clock_jump, every: 1ms }]\n", "nobody to act"},
    {threads,
     "faults: [{ kind: restart, target: { threads: any }, every: 1ms }]\n",
     "cannot act on threads"},
    {threads, "faults: [{ kind: alloc_fail, when: { point: q.linked } }]\n",
     "cannot act at a named point"},
    {threads, "faults: [{ kind: crash, when: { event: q.linked } }]\n", NULL},
    {threads, "faults: [{ kind: crash, when: { event: q.linkd } }]\n",
     "did you mean 'q.linked'"},
    {threads, "faults: [{ kind: crash, when: { event: q.linked, step: 4 } }]\n",
     "cannot act on an event, which excludes step"},
    {threads, "faults: [{ kind: alloc_fail, when: { event: q.linked } }]\n",
     "cannot act on an event"},
    {threads, "faults: [{ kind: crash, when: { call: 3 } }]\n", NULL},
    {threads, "faults: [{ kind: delay, when: { call: 3 } }]\n",
     "cannot act at a call"},
    {threads, "faults: [{ kind: cas_spurious_fail, every: 5 steps }]\n",
     "cannot act in an interval"},
    {network, "faults: [{ kind: loss, target: \"client*->replica9\" }]\n",
     "replica1 to replica5 and client1 to client3"},
    {network, "faults: [{ kind: loss, target: \"client*->replica2\" }]\n",
     NULL},
    {network,
     "network: { links: [{ target: \"replca1->*\", latency: 1ms }] }\n",
     "no link matches"},
    {network,
     "faults: [{ kind: pause, target: { nodes: leader }, every: 1s }]\n",
     "says who leads"},
};

static void names_are_resolved(void)
{
    for (uint32_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        char said[TEXT_MAX];
        uint32_t count = complaints(expected[i].head, expected[i].rest, said);
        bool right = expected[i].says == NULL
                         ? count == 0
                         : count == 1 && strstr(said, expected[i].says) != NULL;
        CU_ASSERT(right);
        if (!right) {
            printf("# %s# %u: %s\n", expected[i].rest, count, said);
        }
    }
}

static void all_errors_are_told(void)
{
    char said[TEXT_MAX];
    uint32_t count = complaints(
        threads,
        "faults:\n"
        "  - { kind: crash, when: { point: nowhere } }\n"
        "  - { kind: crash, target: { threads: T9 }, when: { step: 1 } }\n"
        "  - { kind: crash, when: { holding: nothing } }\n",
        said);
    CU_ASSERT_EQUAL(count, 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "x.yaml:8:"));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "x.yaml:9:"));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "x.yaml:10:"));
}

/* The rest of a yaml block after its first line goes to `block`. */
static void read_block(FILE *page, char block[TEXT_MAX])
{
    char line[400];
    size_t used = 0;
    block[0] = '\0';
    while (fgets(line, sizeof(line), page) != NULL &&
           strcmp(line, "```\n") != 0) {
        int size = snprintf(block + used, TEXT_MAX - used, "%s", line);
        assert(size > 0 && (size_t)size < TEXT_MAX - used);
        used += (size_t)size;
    }
}

/* Each yaml block says in its first line which system it is for. */
static void the_page_is_right(void)
{
    FILE *page = fopen("docs/faults.md", "r");
    if (page == NULL) {
        TAP_SKIP("docs/faults.md is not here");
    }
    char line[400];
    uint32_t blocks = 0;
    while (fgets(line, sizeof(line), page) != NULL) {
        if (strcmp(line, "```yaml\n") != 0 ||
            fgets(line, sizeof(line), page) == NULL) {
            continue;
        }
        const char *head = strcmp(line, "# threads\n") == 0     ? threads
                           : strcmp(line, "# processes\n") == 0 ? processes
                                                                : network;
        char block[TEXT_MAX];
        char said[TEXT_MAX];
        read_block(page, block);
        blocks++;
        uint32_t count = complaints(head, block, said);
        CU_ASSERT_EQUAL(count, 0);
        if (count != 0) {
            printf("# %s\n", said);
        }
    }
    (void)fclose(page);
    CU_ASSERT_EQUAL(blocks, 9);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"names are resolved", names_are_resolved},
        {"all errors are told", all_errors_are_told},
        {"the page on faults is right", the_page_is_right},
        {NULL, NULL},
    };
    return tap_run("resolve", cases);
}
