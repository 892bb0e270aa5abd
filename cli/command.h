/*
 * Commands: one file each, listed in main.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

/* What main() dispatches to. */
struct command {
    const char *name;
    const char *about; /* one line */
    /* arguments[0] is the command's name.  Returns an enum code. */
    int (*main)(int count, const char **arguments);
};

extern const struct command command_run;
extern const struct command command_check;
extern const struct command command_convert;
extern const struct command command_replay;
extern const struct command command_shrink;
extern const struct command command_merge;
extern const struct command command_graph;
extern const struct command command_list;
extern const struct command command_hunt;
extern const struct command command_bench;
extern const struct command command_doctor;
extern const struct command command_version;
extern const struct command command_init;
extern const struct command command_cc;
extern const struct command command_cxx;

/* The version of the program: "0.1.0". */
extern const char version_text[];

#endif
