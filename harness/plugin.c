/*
 * Loading plug-ins, and putting their globals back.
 *
 * The dynamic linker takes the same file twice for the same library, so each
 * further copy is written to a memory file of its own and opened by the name
 * of its descriptor, which stays open: names are then never used again while a
 * copy lives, and debug information can be read by the same name.
 *
 *     | text | RELRO: const with addresses, .got | .data | .bss |
 *                                                 \__ kept ____/
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/plugin.h"

#include "harness/descriptors.h"
#include "harness/image.h"
#include "harness/need.h"
#include "harness/object.h"
#include "harness/sim/fiber.h"
#include "harness/sim/heap.h"
#include "harness/sim/table.h"
#include "harness/trial.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    TLS_ALIGN_MAX = 4096 /* blocks lie at the ends of stacks, on a page */
};

/* Writable memory of a copy, and what was in it after its constructors. */
struct region {
    char *start;
    size_t size;
    void *kept;
};

struct copy {
    void *handle;
    int file; /* of a memory file, or -1 */
    const struct fl_algorithm *algorithm;
    struct object *object;   /* owned; NULL: the plug-in has an algorithm */
    uintptr_t base;          /* what addresses in the file are relative to */
    uintptr_t first;         /* of all its segments */
    struct sim_early *early; /* what its constructors allocated, */
    void *room;              /* in this; owned */
    size_t room_size;        /* kept here: its own globals are put back */
    uintptr_t end;
    struct region regions[REGIONS_MAX];
    uint32_t regions_count;
    struct tls_image tls;
    size_t tls_module; /* number that the dynamic linker gave it; 0: none */
    struct descriptor *descriptors; /* owned; NULL: none */
};

struct plugin {
    uint32_t copies_count;
    struct copy copies[COPIES_MAX];
    bool tells_weak; /* see image_tells_weak() */
    bool mixed;      /* see image_is_mixed(), image_sets_modes() */
    bool sets_modes;
    int built; /* its file of memory, or -1 */
};

/* Opens one more copy; NULL handle: the dynamic linker says why. */
static bool open_copy(struct copy *copy, const struct image *image,
                      const char *path, FILE *errors)
{
    copy->file = -1;
    /* A library without a slash is looked for elsewhere. */
    char name[4200];
    snprintf(name, sizeof(name), "%s%s", strchr(path, '/') ? "" : "./", path);
    void *loaded = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
    if (loaded != NULL) {
        dlclose(loaded); /* in use, and its globals are not as they were */
    }
    if (loaded != NULL || image_is_shared(image)) {
        copy->file = image_copy(image, name, sizeof(name));
        if (copy->file < 0) {
            fprintf(errors, "%s: error: cannot make a private copy: %s\n", path,
                    strerror(errno));
            return false;
        }
    }
    copy->handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (copy->handle == NULL) {
        fprintf(errors,
                "%s: error: cannot load the plug-in: %s\n"
                "  `make` builds plug-ins that fit this program\n",
                path, dlerror());
        return false;
    }
    return true;
}

/* Adds the writable memory from `start` to `end`, without what was made
 * read-only after relocation. */
static void add_region(struct copy *copy, uintptr_t start, uintptr_t end,
                       uintptr_t relro_end)
{
    if (relro_end > start && relro_end <= end) {
        start = relro_end;
    }
    if (start == end) {
        return;
    }
    assert(copy->regions_count < REGIONS_MAX);
    struct region *r = &copy->regions[copy->regions_count++];
    r->start = (char *)start;
    r->size = end - start;
    r->kept = need(malloc(r->size), "a plug-in");
    memcpy(r->kept, r->start, r->size);
}

/* Adds what the constructors allocated, and gives back what they left. */
static void add_early(struct copy *copy)
{
    struct sim_early *early = copy->early;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t used = (early->used + page - 1) & ~(page - 1);
    assert(early->over && used <= copy->room_size);
    if (used < copy->room_size) {
        (void)munmap(early->start + used, copy->room_size - used);
        copy->room_size = used;
    }
    uintptr_t start = (uintptr_t)early->start;
    add_region(copy, start, start + early->used, 0);
}

/* Looks at one loaded object; `data` is the copy to fill if it is that one. */
static int look_at(struct dl_phdr_info *object, size_t size, void *data)
{
    (void)size;
    struct copy *copy = data;
    if (object->dlpi_addr != copy->base) {
        return 0;
    }
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t relro_end = 0;
    copy->first = UINTPTR_MAX;
    for (uint32_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &object->dlpi_phdr[i];
        uintptr_t start = copy->base + p->p_vaddr;
        uintptr_t end = start + p->p_memsz;
        if (p->p_type == PT_GNU_RELRO) {
            relro_end = end & ~(page - 1); /* as the linker protects it */
        } else if (p->p_type == PT_TLS) {
            copy->tls = (struct tls_image){.bytes = (const void *)start,
                                           .bytes_size = p->p_filesz,
                                           .size = p->p_memsz,
                                           .align = p->p_align};
            copy->tls_module = object->dlpi_tls_modid;
        } else if (p->p_type == PT_LOAD) {
            copy->first = start < copy->first ? start : copy->first;
            copy->end = end > copy->end ? end : copy->end;
        }
    }
    if (copy->tls_module != 0) {
        copy->descriptors = descriptors_take(object);
    }
    for (uint32_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &object->dlpi_phdr[i];
        if (p->p_type == PT_LOAD && (p->p_flags & PF_W) != 0) {
            uintptr_t start = copy->base + p->p_vaddr;
            add_region(copy, start, start + p->p_memsz, relro_end);
        }
    }
    return 1;
}

/* What a descriptor lacks, or NULL. */
static const char *find_missing(const struct fl_algorithm *a)
{
    const struct {
        const char *name;
        bool there;
    } required[] = {
        {"name", a->name != NULL},
        {"family", a->family != NULL},
        {"row", a->row != NULL},
        {"source", a->source != NULL},
        {"about", a->about != NULL},
        {"model", a->model != NULL},
        {"variants", a->variants != NULL && a->variants[0].name != NULL},
        {"mix", a->mix != NULL},
        {"mix_count", a->mix_count > 0},
        {"create", a->create != NULL},
        {"perform", a->perform != NULL},
        {"serve (kind is FL_NETWORK)",
         a->kind != FL_NETWORK || a->serve != NULL},
        {"shared_size (kind is FL_PROCESSES)",
         a->kind != FL_PROCESSES || a->shared_size > 0},
    };
    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
        if (!required[i].there) {
            return required[i].name;
        }
    }
    return NULL;
}

/* An object instead of an algorithm. */
static bool judge_object(struct copy *copy, const char *path, FILE *errors)
{
    const struct fl_object *given = dlsym(copy->handle, "fl_object");
    const uint32_t *version = dlsym(copy->handle, "fl_object_version");
    assert(given != NULL); /* the file says so */
    if (version == NULL || *version != FL_OBJECT_VERSION) {
        fprintf(errors,
                "%s: error: its object is of another version of "
                "faultline/object.h, or not made with FL_OBJECT\n"
                "  build it again with this version's header\n",
                path);
        return false;
    }
    copy->object = need(calloc(1, sizeof(*copy->object)), "a plug-in");
    copy->algorithm = &copy->object->algorithm;
    return object_describe(copy->object, given, path, errors);
}

/* Checks what only a loaded copy can tell. */
static bool judge_copy(struct copy *copy, const char *path, FILE *errors)
{
    const uint32_t *version = dlsym(copy->handle, "fl_sim_version");
    copy->early = dlsym(copy->handle, "fl_sim_early");
    if (version == NULL || *version != SIM_VERSION || copy->early == NULL) {
        fprintf(errors, "%s: error: built for another version of faultline\n",
                path);
        fprintf(errors, "  build it again: `make`\n");
        return false;
    }
    copy->early->over = true; /* and so it is put back */
    copy->room = copy->early->start;
    copy->room_size = copy->early->room;
    copy->algorithm = dlsym(copy->handle, "fl_algorithm");
    if (copy->algorithm == NULL) {
        return judge_object(copy, path, errors);
    }
    const char *missing = find_missing(copy->algorithm);
    if (missing != NULL) {
        fprintf(errors, "%s: error: the descriptor `fl_algorithm` lacks %s\n",
                path, missing);
        fprintf(errors, "  harness/algorithm.h says what it must contain\n");
        return false;
    }
    return true;
}

static bool load_copy(struct copy *copy, const struct image *image,
                      const char *path, FILE *errors)
{
    if (!open_copy(copy, image, path, errors) ||
        !judge_copy(copy, path, errors)) {
        return false;
    }
    struct link_map *map = NULL;
    int status = dlinfo(copy->handle, RTLD_DI_LINKMAP, &map);
    assert(status == 0 && map != NULL);
    copy->base = map->l_addr;
    int found = dl_iterate_phdr(look_at, copy);
    assert(found == 1);
    add_early(copy);
    if (copy->tls.size > TLS_SIZE_MAX || copy->tls.align > TLS_ALIGN_MAX) {
        fprintf(errors,
                "%s: error: its thread-local variables need %zu "
                "bytes; at most %u fit\n  use malloc() and a key\n",
                path, copy->tls.size, (unsigned)TLS_SIZE_MAX);
        return false;
    }
    return true;
}

static struct plugin *load_all(const char *title, const char *path,
                               uint32_t copies, FILE *errors)
{
    struct image image;
    if (!image_open(&image, path, errors)) {
        return NULL;
    }
    struct plugin *plugin = NULL;
    bool good = image_judge(&image, title, title != path, errors);
    good = good && trial_loads(title, path, errors);
    if (good) {
        plugin = need(calloc(1, sizeof(*plugin)), "a plug-in");
        plugin->built = -1;
        while (good && plugin->copies_count < copies) {
            struct copy *copy = &plugin->copies[plugin->copies_count++];
            good = load_copy(copy, &image, path, errors);
        }
        plugin->tells_weak = image_tells_weak(&image);
        plugin->mixed = image_is_mixed(&image);
        plugin->sets_modes = image_sets_modes(&image);
    }
    image_close(&image);
    if (!good) {
        plugin_free(plugin);
        return NULL;
    }
    return plugin;
}

struct plugin *plugin_load(const char *path, uint32_t copies, FILE *errors)
{
    assert(copies >= 1 && copies <= COPIES_MAX);
    return load_all(path, path, copies, errors);
}

struct plugin *plugin_load_built(const char *title, int file, FILE *errors)
{
    assert(file >= 0);
    char path[40];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    struct plugin *plugin = load_all(title, path, 1, errors);
    if (plugin == NULL) {
        close(file);
        return NULL;
    }
    /* Its debug information is read by that name as long as it lives. */
    plugin->built = file;
    return plugin;
}

void plugin_free(struct plugin *plugin)
{
    if (plugin == NULL) {
        return;
    }
    for (uint32_t i = 0; i < plugin->copies_count; i++) {
        struct copy *copy = &plugin->copies[i];
        for (uint32_t r = 0; r < copy->regions_count; r++) {
            free(copy->regions[r].kept);
        }
        free(copy->object);
        if (copy->room_size > 0) {
            (void)munmap(copy->room, copy->room_size);
        }
        if (copy->handle != NULL) {
            dlclose(copy->handle);
        }
        free(copy->descriptors);
        if (copy->file >= 0) {
            close(copy->file);
        }
    }
    if (plugin->built >= 0) {
        close(plugin->built);
    }
    free(plugin);
}

bool plugin_tells_weak(const struct plugin *plugin)
{
    return plugin->tells_weak;
}

bool plugin_is_mixed(const struct plugin *plugin)
{
    return plugin->mixed;
}

bool plugin_sets_modes(const struct plugin *plugin)
{
    return plugin->sets_modes;
}

uint32_t plugin_copies(const struct plugin *plugin)
{
    return plugin->copies_count;
}

const struct fl_algorithm *plugin_algorithm(const struct plugin *plugin,
                                            uint32_t copy)
{
    assert(copy < plugin->copies_count);
    return plugin->copies[copy].algorithm;
}

struct object *plugin_object(const struct plugin *plugin, uint32_t copy)
{
    assert(copy < plugin->copies_count);
    return plugin->copies[copy].object;
}

/* libc's own; the index is {module, offset}. */
void *__tls_get_addr(const size_t index[2]);

/* Code outside any fiber uses the thread-locals of the system's thread. */
static void restore_tls(const struct copy *copy)
{
    const size_t index[2] = {copy->tls_module, 0};
    char *block = __tls_get_addr(index);
    const struct tls_image *tls = &copy->tls;
    assert(tls->bytes_size <= tls->size);
    memcpy(block, tls->bytes, tls->bytes_size);
    memset(block + tls->bytes_size, 0, tls->size - tls->bytes_size);
}

void plugin_restore_copy(struct plugin *plugin, uint32_t copy)
{
    assert(copy < plugin->copies_count);
    const struct copy *c = &plugin->copies[copy];
    for (uint32_t i = 0; i < c->regions_count; i++) {
        const struct region *r = &c->regions[i];
        memcpy(r->start, r->kept, r->size);
    }
    if (c->tls_module != 0) {
        restore_tls(c);
    }
}

void plugin_restore(struct plugin *plugin)
{
    for (uint32_t i = 0; i < plugin->copies_count; i++) {
        plugin_restore_copy(plugin, i);
    }
}

struct tls_image plugin_tls(const struct plugin *plugin, uint32_t copy)
{
    assert(copy < plugin->copies_count);
    return plugin->copies[copy].tls;
}

uint32_t plugin_owner(const struct plugin *plugin, const void *address)
{
    uintptr_t at = (uintptr_t)address;
    for (uint32_t i = 0; i < plugin->copies_count; i++) {
        if (at >= plugin->copies[i].first && at < plugin->copies[i].end) {
            return i;
        }
    }
    return UINT32_MAX;
}

uintptr_t plugin_first(const struct plugin *plugin, uint32_t copy)
{
    assert(copy < plugin->copies_count);
    return plugin->copies[copy].first;
}

uintptr_t plugin_end(const struct plugin *plugin, uint32_t copy)
{
    assert(copy < plugin->copies_count);
    return plugin->copies[copy].end;
}

bool plugin_span(const struct plugin *plugin, uint32_t i, struct span *span)
{
    for (uint32_t c = 0; c < plugin->copies_count; c++) {
        const struct copy *copy = &plugin->copies[c];
        if (i < copy->regions_count) {
            *span = (struct span){.first = copy->regions[i].start,
                                  .size = copy->regions[i].size};
            return true;
        }
        i -= copy->regions_count;
    }
    return false;
}

uint32_t plugin_spans(const struct plugin *plugin, struct span *spans)
{
    uint32_t count = 0;
    while (plugin_span(plugin, count, &spans[count])) {
        count++;
        assert(count < SPANS_MAX);
    }
    return count;
}

bool plugin_runs(const struct plugin *plugin, uintptr_t pc)
{
    return plugin_owner(plugin, (const void *)pc) != UINT32_MAX;
}
