/*
 * Relaying: a report that a child leaves for its parent to print.
 *
 * In memory, not on a disk: a full disk is one of the things to report.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_RELAY_H
#define CLI_RELAY_H

#include <stdio.h>

/* A file in memory that children share; NULL if there is none.  Ended by
 * fclose(). */
FILE *relay_open(void);

/* Copies all of `from`, from its beginning, to `to`. */
void relay(FILE *from, FILE *to);

#endif
