/*
 * The out/ directory: everything a person or a CI job needs of a failure.
 *
 *     out/<scenario>/<signature>/   a failure, shrunk, with its report
 *     out/<scenario>/found-<run>/   a failure just found, as its worker wrote
 *                                   it; replaced by the above
 *
 * A failure's directory appears whole or not at all: it is filled under
 * another name and renamed.  When out/ cannot be written, a fresh directory
 * under $TMPDIR takes its place, so that nothing found is lost, and the error
 * is kept for the exit code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_STORE_H
#define HX_STORE_H

#include "harness/trace.h"

#include <stdbool.h>
#include <stdio.h>

enum {
    STORE_PATH_MAX = 1024
};

/* Where the failures of one scenario go. */
struct store {
    char out[STORE_PATH_MAX];  /* as asked for: "out" */
    char root[STORE_PATH_MAX]; /* "out/treiber-aba", or under $TMPDIR */
    char scenario[128];        /* the name, made fit for a path */
    int error;                 /* errno of out/, 0 while it works */
};

/* A directory in the making. */
struct parcel {
    struct store *store;
    char making[STORE_PATH_MAX]; /* its name until it is whole */
    char file[STORE_PATH_MAX];   /* the file being written */
    int error;                   /* the first errno, 0 so far */
};

/* Names the place; nothing is created before there is something to keep. */
void store_init(struct store *store, const char *out, const char *scenario);

/* Begins a directory.  False: not even a temporary one can be made, and
 * parcel->error says why. */
bool store_begin(struct store *store, struct parcel *parcel);

/* Opens a file of it, and closes it again; errors add up in parcel->error.
 * Returns NULL if it cannot be opened. */
FILE *store_file(struct parcel *parcel, const char *name);
void store_close(struct parcel *parcel, FILE *file);

/* Writes one text, and one trace, as a file. */
void store_text(struct parcel *parcel, const char *name, const char *text);
void store_trace(struct parcel *parcel, const char *name,
                 const struct trace *trace);

/*
 * Gives the directory its name, replacing what was there, and writes its path
 * to `path` (STORE_PATH_MAX bytes).  If anything failed, the directory is
 * removed, `path` is empty, and false is returned; parcel->error says why.
 */
bool store_commit(struct parcel *parcel, const char *name, char *path);

/* Removes the directory again, unnamed. */
void store_abandon(struct parcel *parcel);

/* Makes the directory at `path` and those above it; 0 or an errno. */
int store_make_directories(const char *path);

/* Removes a directory of files at `path`. */
void store_remove(const char *path);

/* Draws each .dot file in the directory at `path` as .svg with Graphviz.
 * False: there is no `dot` on this machine, or it failed. */
bool store_draw(const char *path);

/* Keeps a failing run just as it was found, under found-<run>: its trace, its
 * scenario, and the command that repeats it.  Writes where to `path`; false if
 * it could not be kept anywhere. */
bool store_found(struct store *store, const struct trace *trace, char *path);

#endif
