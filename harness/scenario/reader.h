/*
 * The schema of scenario files, and the walk over it.
 *
 * There is one table for each kind of mapping in a scenario.  A row is a key:
 * its name, its form (how its value is written), where the value goes, what is
 * allowed, and what it is about.  Everything is made from these tables: the
 * reading, its errors, the JSON Schema, and the check that the reference page
 * is complete.
 *
 *     {.name = "threads", .form = &form_count, .at = offsetof(...),
 *      .min = 1, .max = 60, .about = "client threads"}
 *
 * The walk keeps a list of values still to read instead of calling itself, so
 * errors are found in any order and sorted at the end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCENARIO_READER_H
#define HX_SCENARIO_READER_H

#include "harness/scenario/amount.h"
#include "harness/scenario/tree.h"

struct reader;
struct key;
struct table;

/* How a value is written. */
struct form {
    /* Reads `value` into base + key->at, or complains. */
    void (*read)(struct reader *reader, const struct key *key,
                 const struct node *value, void *base);
    /* Writes its JSON Schema, as members of an object: "\"type\": ...". */
    void (*describe)(const struct key *key, FILE *out);
    const char *name; /* for the reference page: "a list of calls" */
};

/* A value that is read, and judged, and kept nowhere: a later backend's. */
#define NOWHERE ((size_t)-1)

struct key {
    const char *name;
    const struct form *form;
    bool required;
    size_t at;       /* of the value in the struct of its table, or NOWHERE */
    size_t set_at;   /* of a bool that says it was given; 0 = none */
    size_t count_at; /* of the number of items of a list */
    uint32_t of;     /* units: OF_... */
    int64_t min;     /* of a number, in its base unit; both 0 = no limits */
    int64_t max;
    const char *const *words;  /* allowed, NULL-ended; of a flag: no, yes */
    const struct table *table; /* of a mapping, or of a list's items */
    size_t item_size;          /* of a list */
    uint32_t items_max;
    const char *later; /* why a scenario that has it is skipped, or NULL */
    const char *about; /* one line */
};

struct table {
    const char *name;       /* "system", "fault": for errors and the schema */
    const char *about;      /* one line */
    const struct key *keys; /* ends with a NULL name */
    size_t place_at;        /* where its own place is kept; 0 = nowhere */
};

/* A value still to be read. */
struct task {
    const struct key *key;
    const struct node *value;
    void *base;
};

struct reader {
    struct arena *arena; /* the scenario's memory */
    struct complaints complaints;
    struct scenario *scenario;
    struct task *tasks; /* owned */
    uint32_t tasks_count;
    uint32_t tasks_max;
    uint32_t slots;  /* quantities with a correlation so far */
    char later[600]; /* why it cannot run here; "" if it can */
};

/* All tables, the scenario itself first; ends with NULL. */
extern const struct table *const scenario_tables[];

/* Sets what stands unless the file says otherwise. */
void reader_begin(struct scenario *scenario);

/* Reads `root` by the first table into reader->scenario. */
void reader_walk(struct reader *reader, const struct node *root);

/* Puts `value` on the list of those to be read by `key` into `base`. */
void reader_push(struct reader *reader, const struct key *key,
                 const struct node *value, void *base);

/* The same for a mapping with the keys of `table`, called `name` in errors. */
void reader_push_table(struct reader *reader, const struct table *table,
                       const char *name, const struct node *value, void *base);

/* Where the value of `key` goes; for NOWHERE, some scratch memory. */
void *reader_field(struct reader *reader, const struct key *key, void *base);

/* The scenario parses, and cannot run here: one more reason why. */
void reader_later(struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The text of a scalar that is not empty; NULL, and a complaint saying that
 * `wanted` was, for anything else. */
const char *reader_scalar(struct reader *reader, const struct key *key,
                          const struct node *value, const char *wanted);

/* The index of `text` in `words`, or -1 and a complaint. */
int reader_word(struct reader *reader, const struct node *value,
                const char *const *words);

/* An amount within the limits of `key`; false, and a complaint, if not. */
bool reader_amount(struct reader *reader, const struct key *key,
                   const struct node *value, struct amount *amount);

/* Whether `value`, in the base unit, is within the limits of `key`; if not,
 * complains. */
bool reader_limits(struct reader *reader, const struct key *key,
                   const struct node *node, int64_t value);

/* Adds `text` at `place` to `names`; complains if they are too many. */
void reader_add_name(struct reader *reader, struct names *names,
                     const char *text, struct place place);

/* What runs: one of an algorithm, a library and a program. */
void subject_settle(struct reader *reader, const struct node *root);

/* What no table can say: which keys fit together, defaults, and what cannot
 * run here. */
void reader_settle(struct reader *reader, const struct node *root);

/* Settles what the progress property needs: bounds, and the rule that freezes
 * somebody (progress.c). */
void reader_settle_progress(struct reader *reader, const struct node *root);

#endif
