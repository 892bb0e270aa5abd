/*
 * One `check` command, and one history that it decides: what its parts share.
 *
 * Private to cli/check*.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "checker/weakening.h"
#include "cli/criteria.h"
#include "cli/draw.h"
#include "cli/input.h"
#include "cli/lattice.h"
#include "cli/output.h"
#include "cli/tell.h"

enum {
    CHECK_FORMS = 4 /* weaker forms of a model */
};

/* One `check` command. */
struct session {
    struct fl_reading reading;
    const struct fl_format *format;    /* of the history that is decided */
    struct criteria criteria;          /* what it is held to */
    const struct fl_weakening *weaker; /* the form asked for; or NULL */
    struct fl_options asked;           /* who decides, and how */
    enum tell_kind tells;              /* --explain */
    const char *directory;             /* --out; NULL: nothing is drawn */
    uint64_t states;
    uint32_t configurations; /* to follow at once, online; 0: as usual */
    uint64_t deadline;
    struct report_style style;
    struct output output;
    struct drawing drawing;
    bool own_model; /* of a plug-in, which is tried on each history */
    bool draws;     /* a view is wanted instead of reports */
    bool drawn;
    bool quiet;
    bool online; /* streams are judged while they come, and not kept */
    enum code code;
    uint32_t histories;
    uint32_t verdicts[3];
    uint32_t reports;
};

/* One history of a file, and its answer. */
struct decision_of {
    const char *path;
    const struct fl_history *history;
    const struct fl_header *header;
    const struct fl_format *format;
    struct fl_options options;
    const struct fl_result *result;
    struct fl_lattice *lattice;          /* --criterion all; else NULL */
    struct fl_relaxation *relaxation;    /* --criterion k_relaxed; else NULL */
    struct fl_loss_window *window;       /* buffered criteria; else NULL */
    enum fl_verdict weaker[CHECK_FORMS]; /* --criterion all: of each weaker */
    uint32_t weaker_count;               /* form; 0: there is none */
    char drawings[TELL_VIEWS][TELL_PATH_MAX];
    uint64_t milliseconds;
    uint64_t parse_ns;
    uint64_t check_ns;
};

/* Decides one history of the file at `path`, tells of it, and keeps the code.
 * Its model may be exchanged for the relaxed one. */
void check_decide(struct session *s, const char *path, struct fl_history *h,
                  const struct fl_header *header, uint64_t parse_ns);

/* The line of a history, and what was found out beside its verdict. */
void check_print_line(const struct decision_of *d, FILE *out);

/* The same as one line of JSON. */
void check_print_json(const struct decision_of *d, FILE *out);

#endif
