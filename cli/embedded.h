/*
 * What is built into the program, so that it can show itself anywhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_EMBEDDED_H
#define CLI_EMBEDDED_H

/* The text of scenarios/treiber-aba.yaml; made by the Makefile. */
extern const char embedded_scenario[];

/* The templates of `faultline init`, line by line, NULL-ended: see cli/init.c;
 * made of cli/templates/ by the Makefile. */
extern const char *const embedded_templates[];

#endif
