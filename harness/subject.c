/*
 * Programs and libraries of the user's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/subject.h"

#include "harness/build.h"
#include "harness/environment.h"
#include "harness/image.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <xxhash.h>

static struct plugin *load_program(const struct scenario *scenario, int file,
                                   FILE *errors)
{
    const struct system_section *system = &scenario->system;
    struct environment environment;
    environment_enter(&environment, &system->environment);
    struct plugin *plugin =
        plugin_load_built(system->source.files.name[0], file, errors);
    environment_leave(&environment);
    return plugin;
}

struct plugin *subject_build(const struct scenario *scenario, uint64_t *subject,
                             FILE *errors)
{
    struct built built;
    const struct source_section *source = &scenario->system.source;
    assert(source->files.count > 0);
    if (source->built > 0) {
        return load_program(scenario, source->built, errors);
    }
    if (!build_program(scenario, &built, errors)) {
        return NULL;
    }
    *subject = built.subject;
    return load_program(scenario, built.file, errors);
}

struct plugin *subject_open(const struct scenario *scenario, const char *path,
                            uint32_t copies, FILE *errors)
{
    struct environment environment;
    environment_enter(&environment, &scenario->system.environment);
    struct plugin *plugin = plugin_load(path, copies, errors);
    environment_leave(&environment);
    return plugin;
}

struct plugin *subject_load(const struct scenario *scenario, uint64_t *subject,
                            FILE *errors)
{
    char path[PATH_MAX];
    struct image image;
    assert(scenario->system.library.count == 1);
    const char *name = scenario->system.library.name[0];
    if (!build_find(scenario, name, path, sizeof(path))) {
        scenario_complain(scenario, scenario->system.library.place[0], errors,
                          "cannot read '%s': %s", name, strerror(errno));
        return NULL;
    }
    if (!image_open(&image, path, errors)) {
        return NULL;
    }
    *subject = XXH64(image.bytes, image.size, 0);
    image_close(&image);
    uint32_t copies = scenario->system.kind == SYSTEM_PROCESSES
                          ? scenario->system.threads
                          : 1;
    return subject_open(scenario, path, copies, errors);
}

void subject_describe(const struct scenario *scenario,
                      const struct fl_algorithm *algorithm, const char *variant,
                      char *text, size_t max)
{
    assert(text != NULL && max > 0);
    if (scenario != NULL && scenario->system.library.count > 0) {
        (void)snprintf(text, max, "%s, %s", algorithm->name,
                       scenario->system.library.name[0]);
        return;
    }
    if (scenario == NULL || scenario->system.source.files.count == 0) {
        (void)snprintf(text, max, "%s, variant %s", algorithm->name, variant);
        return;
    }
    const struct source_section *source = &scenario->system.source;
    size_t used = (size_t)snprintf(text, max, "%s", source->files.name[0]);
    for (uint32_t i = 0; i < source->defines.count && used < max; i++) {
        used += (size_t)snprintf(text + used, max - used, ", %s",
                                 source->defines.name[i]);
    }
}
