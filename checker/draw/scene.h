/*
 * The scene: what the drawings of one record have in common.
 *
 * Names of lanes, labels of operations, where an operation stands in the
 * longest legal prefix, the sentences of the explanation box, and which steps
 * are worth showing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_DRAW_SCENE_H
#define FL_DRAW_SCENE_H

#include "checker/draw/dot.h"
#include "checker/record.h"

/* How many leading operations are set-up: done before the clients began. */
uint32_t fl_scene_setup(const struct fl_record *record);

/* The name of lane `lane` ("T0"), into `text` if it has none of its own. */
const char *fl_scene_lane(const struct fl_record *record, uint32_t lane,
                          char text[16]);

/* "pop() → 4", "push(5)  no response", "push(5)  told: not done": what stands
 * on an operation's box. */
const char *fl_scene_operation(const struct fl_record *record, uint32_t i,
                               char text[FL_TEXT_MAX]);

/* The number of operation `i` in the prefix, from 1; 0: not in it. */
uint32_t fl_scene_number(const struct fl_record *record, uint32_t i);

/* Whether operation `i` is the one that cannot come next. */
bool fl_scene_is_stuck(const struct fl_record *record, uint32_t i);

/* Whether a fault takes its thread away for good: a crash, a kill. */
bool fl_scene_is_crash(const struct fl_record_fault *fault);

/* The fault that cut operation `i` off, or NULL. */
const struct fl_record_fault *fl_scene_crash(const struct fl_record *record,
                                             uint32_t i);

/* The title line: scenario, and the rest in grey, both escaped for HTML. */
void fl_scene_title(const struct fl_record *record, struct fl_label *title,
                    struct fl_label *rest);

/* Writes the box that says why, with its upper left corner at (x, y). */
void fl_scene_why(const struct fl_record *record, int32_t x, int32_t y,
                  FILE *out);

/* "10 000": a number for people. */
const char *fl_scene_count(uint64_t count, char text[32]);

/* ① to ⑳, then "#21". */
const char *fl_scene_circled(uint32_t number, char text[16]);

/* "1.5 ms": virtual time for people. */
const char *fl_scene_time(uint64_t nanoseconds, char text[32]);

/*
 * Marks in `shown` (steps_count flags) at most `rows` steps, the most telling:
 * the decisive one and its causes first, then calls and returns, then what
 * changed memory, then the rest.  Returns how many it marked.
 */
uint32_t fl_scene_steps(const struct fl_record *record, uint32_t rows,
                        bool *shown);

#endif
