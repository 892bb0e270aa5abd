/*
 * What is built into the program, so that it can show itself anywhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_EMBEDDED_H
#define CLI_EMBEDDED_H

/* The text of scenarios/treiber-aba.yaml; made by the Makefile. */
extern const char embedded_scenario[];

#endif
