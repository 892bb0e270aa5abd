/*
 * UTF-8: how long is the character that begins here?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_UTF8_H
#define HX_UTF8_H

#include <stddef.h>

/* The bytes (1 to 4) of the character at the start of the `size` bytes at
 * `text`; 0 if there is none: a stray byte, a character cut short, a surrogate,
 * an overlong form, or no byte at all. */
size_t utf8_measure(const char *text, size_t size);

#endif
