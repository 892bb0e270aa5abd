/*
 * Fuzzing the reader of traces: any bytes are read or refused.
 *
 * What is read must survive being written and read again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/trace.h"

#include <assert.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    FILE *nowhere = fopen("/dev/null", "w");
    assert(nowhere != NULL);
    struct trace *trace =
        trace_parse("fuzz", (const char *)bytes, size, nowhere);
    if (trace != NULL) {
        struct trace *copy = trace_copy(trace);
        assert(copy->switches_count == trace->switches_count);
        trace_free(copy);
    }
    trace_free(trace);
    (void)fclose(nowhere);
    return 0;
}
