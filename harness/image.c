/*
 * The file of a plug-in: its dynamic section and symbols, by the ELF
 * specification.
 *
 * The file may be anything, so every offset is looked at before it is used.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/image.h"

#include "harness/instead.h"

#include <assert.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#else
#error "no plug-ins on this architecture yet"
#endif

static const char how_to_build[] =
    "`faultline cc -shared -o NAME.so NAME.c` makes one; README.md shows how";

bool image_open(struct image *image, const char *path, FILE *errors)
{
    *image = (struct image){0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        fprintf(errors, "%s: error: cannot open the plug-in: %s\n", path,
                strerror(errno));
        fprintf(errors, "  `faultline list algorithms` shows the built-in "
                        "ones; `make` builds them\n");
        return false;
    }
    struct stat status;
    void *bytes = MAP_FAILED;
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_size > 0) {
        bytes =
            mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    }
    close(file);
    if (bytes == MAP_FAILED) {
        fprintf(errors, "%s: error: not a plug-in: no file, or an empty one\n",
                path);
        fprintf(errors, "  %s\n", how_to_build);
        return false;
    }
    assert(bytes != NULL);
    image->bytes = bytes;
    image->size = (size_t)status.st_size;
    return true;
}

void image_close(struct image *image)
{
    if (image->bytes != NULL) {
        munmap((void *)(uintptr_t)image->bytes, image->size);
    }
    *image = (struct image){0};
}

/* `count` records of `size` bytes at `offset`, or NULL if they are not all in
 * the file. */
static const void *part(const struct image *image, uint64_t offset,
                        uint64_t count, uint64_t size)
{
    assert(size > 0);
    if (image->bytes == NULL || offset > image->size || offset % 8 != 0 ||
        count > (image->size - offset) / size) {
        return NULL;
    }
    return image->bytes + offset;
}

/* A table of names, ended by a zero within the file. */
struct names {
    const char *text;
    uint64_t size;
};

static const char *name_at(const struct names *names, uint64_t offset)
{
    return offset < names->size ? names->text + offset : "";
}

/* What the judgement is about. */
struct contents {
    const Elf64_Sym *symbols;
    uint64_t symbols_count;
    struct names symbol_names;
    const Elf64_Dyn *dynamic;
    uint64_t dynamic_count;
    struct names dynamic_names;
};

/* The string table that `section` is linked with. */
static bool find_names(const struct image *image, const Elf64_Ehdr *head,
                       const Elf64_Shdr *sections, const Elf64_Shdr *section,
                       struct names *names)
{
    assert(sections != NULL && section >= sections);
    if (section->sh_link >= head->e_shnum) {
        return false;
    }
    const Elf64_Shdr *table = &sections[section->sh_link];
    if (table->sh_size == 0 || table->sh_offset > image->size ||
        table->sh_size > image->size - table->sh_offset) {
        return false;
    }
    names->text = (const char *)image->bytes + table->sh_offset;
    names->size = table->sh_size;
    return names->text[names->size - 1] == '\0';
}

/* Finds symbols and dynamic section; false if the file is broken. */
static bool find_contents(const struct image *image, const Elf64_Ehdr *head,
                          struct contents *contents)
{
    const Elf64_Shdr *sections =
        part(image, head->e_shoff, head->e_shnum, sizeof(*sections));
    if (sections == NULL || head->e_shentsize != sizeof(*sections)) {
        return false;
    }
    *contents = (struct contents){0};
    for (uint32_t i = 0; i < head->e_shnum; i++) {
        const Elf64_Shdr *s = &sections[i];
        if (s->sh_type == SHT_DYNSYM) {
            contents->symbols_count = s->sh_size / sizeof(Elf64_Sym);
            contents->symbols =
                part(image, s->sh_offset, contents->symbols_count,
                     sizeof(Elf64_Sym));
            if (!find_names(image, head, sections, s,
                            &contents->symbol_names)) {
                return false;
            }
        } else if (s->sh_type == SHT_DYNAMIC) {
            contents->dynamic_count = s->sh_size / sizeof(Elf64_Dyn);
            contents->dynamic =
                part(image, s->sh_offset, contents->dynamic_count,
                     sizeof(Elf64_Dyn));
            if (!find_names(image, head, sections, s,
                            &contents->dynamic_names)) {
                return false;
            }
        }
    }
    return contents->symbols != NULL && contents->dynamic != NULL;
}

/* Whether a library whose name begins with `prefix` is needed. */
static bool needs(const struct contents *contents, const char *prefix)
{
    assert(contents->dynamic != NULL);
    for (uint64_t i = 0; i < contents->dynamic_count; i++) {
        const Elf64_Dyn *d = &contents->dynamic[i];
        if (d->d_tag == DT_NEEDED &&
            strncmp(name_at(&contents->dynamic_names, d->d_un.d_val), prefix,
                    strlen(prefix)) == 0) {
            return true;
        }
    }
    return false;
}

static bool begins(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

enum {
    ALIENS_MAX = 8 /* names in one message */
};

/* What the undefined and defined symbols say. */
struct finding {
    bool instrumented;             /* some access is a call of a hook */
    bool described;                /* defines fl_algorithm */
    bool shimmed;                  /* defines fl_sim_table */
    const char *wide;              /* first call of libatomic */
    bool cxx;                      /* has the runtime library of C++ in it */
    const char *alien[ALIENS_MAX]; /* calls that the world does not know */
    uint32_t aliens;
    const char *quiet; /* the first such, among those of a C++ runtime */
};

static void look_at(struct finding *found, const char *name, bool defined)
{
    assert(name != NULL);
    if (defined) {
        found->described = found->described ||
                           strcmp(name, "fl_algorithm") == 0 ||
                           strcmp(name, "fl_object") == 0;
        found->cxx = found->cxx || strcmp(name, "__gxx_personality_v0") == 0;
        found->shimmed = found->shimmed || strcmp(name, "fl_sim_table") == 0;
        return;
    }
    if (begins(name, "__tsan_")) {
        bool access =
            strcmp(name, "__tsan_init") != 0 && !begins(name, "__tsan_func_");
        found->instrumented = found->instrumented || access;
    } else if (begins(name, "__atomic_") && found->wide == NULL &&
               strcmp(name, "__atomic_feraiseexcept") != 0) {
        found->wide = name;
    } else if (image_is_of_cxx(name) && !image_is_harmless(name)) {
        found->quiet = found->quiet == NULL ? name : found->quiet;
    } else if (name[0] != '\0' && !begins(name, "fl_") &&
               !begins(name, "__atomic_") && found->aliens < ALIENS_MAX &&
               !image_is_harmless(name)) {
        found->alien[found->aliens++] = name;
    }
}

static struct finding find_calls(const struct contents *contents)
{
    assert(contents->symbols != NULL);
    struct finding found = {0};
    for (uint64_t i = 0; i < contents->symbols_count; i++) {
        const Elf64_Sym *symbol = &contents->symbols[i];
        look_at(&found, name_at(&contents->symbol_names, symbol->st_name),
                symbol->st_shndx != SHN_UNDEF);
    }
    return found;
}

/* Writes one error and what to do about it; returns false. */
static bool refuse(FILE *errors, const char *path, const char *what,
                   const char *next)
{
    assert(what != NULL && next != NULL);
    fprintf(errors, "%s: error: %s\n  %s\n", path, what, next);
    return false;
}

static bool judge_head(const struct image *image, const char *path,
                       FILE *errors)
{
    const Elf64_Ehdr *head = part(image, 0, 1, sizeof(*head));
    if (head == NULL || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0) {
        return refuse(errors, path, "not a plug-in: not an ELF file",
                      how_to_build);
    }
    if (head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_machine != MACHINE) {
        return refuse(errors, path,
                      "a plug-in for another kind of machine than this one",
                      how_to_build);
    }
    if (head->e_type != ET_DYN) {
        return refuse(errors, path,
                      "not a plug-in: not a shared object (link with -shared)",
                      how_to_build);
    }
    return true;
}

/* Writes those of `found` that are defined somewhere in this process, or
 * those that are not.  Returns how many. */
static uint32_t name_aliens(const struct finding *found, bool defined,
                            const char *before, FILE *errors)
{
    static const char by_standard[] = "__isoc99_"; /* scanf() and its kin */
    uint32_t count = 0;
    for (uint32_t i = 0; i < found->aliens; i++) {
        const char *name = found->alien[i];
        if ((dlsym(RTLD_DEFAULT, name) != NULL) == defined) {
            name += begins(name, by_standard) ? sizeof(by_standard) - 1 : 0;
            fprintf(errors, "%s%s()", count == 0 ? before : ", ", name);
            count++;
        }
    }
    return count;
}

/* What to do instead, where something is known, once each. */
static void advise(const struct finding *found, FILE *errors)
{
    for (uint32_t i = 0; i < found->aliens; i++) {
        const char *text = instead_of(found->alien[i]);
        bool said = text == NULL;
        for (uint32_t k = 0; k < i && !said; k++) {
            said = instead_of(found->alien[k]) == text;
        }
        if (!said) {
            fprintf(errors, "  %s(): %s\n", found->alien[i], text);
        }
    }
}

/* Calls that nobody answers; false. */
static bool judge_aliens(const struct finding *found, const char *path,
                         FILE *errors)
{
    assert(found->aliens > 0);
    for (uint32_t i = 0; i < found->aliens; i++) {
        if (strcmp(found->alien[i], "main") == 0) {
            return refuse(errors, path, "has no main(), which a program needs",
                          "a library without main() is run by system.library");
        }
    }
    char before[4200];
    (void)snprintf(before, sizeof(before), "%s: error: calls ", path);
    if (name_aliens(found, true, before, errors) > 0) {
        fprintf(errors, ", which is not part of the simulated world\n"
                        "  leave it out of the code under test; it could "
                        "block, or make runs differ\n");
        advise(found, errors);
    }
    if (name_aliens(found, false, before, errors) > 0) {
        fprintf(errors, ", which is not defined in it\n"
                        "  compile and link its source, too: code of "
                        "libraries is not seen\n");
    }
    return false;
}

bool image_judge(const struct image *image, const char *path, bool known,
                 FILE *errors)
{
    assert(image->bytes != NULL);
    if (!judge_head(image, path, errors)) {
        return false;
    }
    struct contents contents;
    const Elf64_Ehdr *head = part(image, 0, 1, sizeof(*head));
    if (head == NULL || !find_contents(image, head, &contents)) {
        return refuse(errors, path,
                      "not a plug-in: the file is cut short or was stripped "
                      "of its section headers",
                      how_to_build);
    }
    if (needs(&contents, "libtsan")) {
        return refuse(errors, path,
                      "linked against libtsan, which would answer instead of "
                      "the simulated world",
                      "compile with -fsanitize=thread, but link without it");
    }
    struct finding found = find_calls(&contents);
    if (!found.described) {
        return refuse(
            errors, path,
            "does not define `fl_algorithm`, the descriptor of the "
            "algorithm, or FL_OBJECT, that of an object",
            "harness/algorithm.h and faultline/object.h say what they "
            "must contain");
    }
    if (!found.instrumented && !known && found.shimmed && found.aliens > 0) {
        return judge_aliens(&found, path, errors); /* it is elsewhere */
    }
    if (!found.instrumented && !known) {
        return refuse(errors, path,
                      "not instrumented: no access in it would be seen",
                      "compile with -fsanitize=thread -fPIC, without the "
                      "attribute no_sanitize");
    }
    if (found.wide != NULL) {
        fprintf(errors,
                "%s: error: calls %s() of libatomic, which hides an "
                "atomic access\n",
                path, found.wide);
        fprintf(errors, "  16 bytes: compile with -mcx16; other sizes than 1, "
                        "2, 4, 8, 16 cannot be simulated\n");
        return false;
    }
    if (image_shares_locals(image)) {
        return refuse(errors, path,
                      "finds thread-locals without a call, so that all threads "
                      "would share them",
                      "compile with -fPIC, without -ftls-model, "
                      "-mtls-dialect=gnu2 and the attribute tls_model");
    }
    if (!found.shimmed) {
        return refuse(errors, path,
                      "linked without libfaultline-sim.a: its calls would "
                      "reach libc",
                      how_to_build);
    }
    if (found.aliens == 0 && !found.cxx && found.quiet != NULL) {
        found.alien[found.aliens++] = found.quiet;
    }
    return found.aliens == 0 || judge_aliens(&found, path, errors);
}

bool image_is_plugin(const struct image *image)
{
    struct contents contents;
    const Elf64_Ehdr *head = part(image, 0, 1, sizeof(*head));
    assert(image->bytes != NULL);
    return head != NULL && find_contents(image, head, &contents) &&
           find_calls(&contents).described;
}

bool image_tells_weak(const struct image *image)
{
    assert(image->bytes != NULL);
    struct contents contents;
    const Elf64_Ehdr *head = part(image, 0, 1, sizeof(*head));
    if (head == NULL || !find_contents(image, head, &contents)) {
        return false;
    }
    for (uint64_t i = 0; i < contents.symbols_count; i++) {
        const char *name =
            name_at(&contents.symbol_names, contents.symbols[i].st_name);
        if (begins(name, "__tsan_atomic") &&
            strstr(name, "_compare_exchange_val") != NULL) {
            return false;
        }
    }
    return true;
}

bool image_is_mixed(const struct image *image)
{
    struct contents contents;
    const Elf64_Ehdr *head = part(image, 0, 1, sizeof(*head));
    assert(image->bytes != NULL);
    return head != NULL && find_contents(image, head, &contents) &&
           find_calls(&contents).cxx;
}

/* Where in the file the next byte is, from `from` on, that makes a symbol one
 * for the whole process; 0: there is none. */
static size_t next_unique(const struct image *image, size_t from)
{
    struct contents contents;
    const Elf64_Ehdr *head = part(image, 0, 1, sizeof(*head));
    assert(image->bytes != NULL);
    if (head == NULL || !find_contents(image, head, &contents)) {
        return 0;
    }
    size_t table =
        (size_t)((const unsigned char *)contents.symbols - image->bytes);
    uint64_t first = from <= table ? 0 : (from - table) / sizeof(Elf64_Sym) + 1;
    for (uint64_t i = first; i < contents.symbols_count; i++) {
        if (ELF64_ST_BIND(contents.symbols[i].st_info) == STB_GNU_UNIQUE) {
            return (size_t)(&contents.symbols[i].st_info - image->bytes);
        }
    }
    return 0;
}

bool image_is_shared(const struct image *image)
{
    return next_unique(image, 0) != 0;
}

/* Makes weak in `file`, a copy of `image`, what the whole process would have
 * one of: a copy's variables are its own, and are put back with it. */
static bool make_private(int file, const struct image *image)
{
    size_t at = next_unique(image, 0);
    while (at != 0) {
        unsigned char type = ELF64_ST_TYPE(image->bytes[at]);
        unsigned char weak = ELF64_ST_INFO(STB_WEAK, type);
        if (pwrite(file, &weak, 1, (off_t)at) != 1) {
            return false;
        }
        at = next_unique(image, at);
    }
    return true;
}

int image_copy(const struct image *image, char *name, size_t max)
{
    int file = memfd_create("faultline-plugin", 0);
    if (file < 0) {
        return -1;
    }
    assert(image->bytes != NULL && image->size > 0);
    size_t done = 0;
    while (done < image->size) {
        ssize_t n = write(file, image->bytes + done, image->size - done);
        if (n <= 0) {
            close(file);
            return -1;
        }
        done += (size_t)n;
    }
    if (!make_private(file, image)) {
        close(file);
        return -1;
    }
    snprintf(name, max, "/proc/self/fd/%d", file);
    return file;
}
