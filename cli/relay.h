/*
 * Relaying: a report that a child left in a temporary file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_RELAY_H
#define CLI_RELAY_H

#include <stdio.h>

/* Copies all of `from`, from its beginning, to `to`. */
void relay(FILE *from, FILE *to);

#endif
