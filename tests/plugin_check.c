/*
 * Loading plug-ins: what is refused and in which words, private copies, and
 * globals that are put back.
 *
 * Files that are wrong are made here, from a good plug-in or by the compiler.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/plugin.h"
#include "harness/scenario.h"
#include "harness/sim/heap.h"
#include "tests/check_tap.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    WORDS_MAX = 2000
};

static void find_plugin(const char *name, char *path, size_t max)
{
    char own[PATH_MAX / 2];
    ssize_t size = readlink("/proc/self/exe", own, sizeof(own) - 1);
    ck_assert_int_gt(size, 0);
    own[size] = '\0';
    *strrchr(own, '/') = '\0';
    snprintf(path, max, "%s/plugins/%s.so", own, name);
}

/* A folder of this case's own; it is left behind if the case fails. */
static void make_folder(char *folder, size_t max)
{
    snprintf(folder, max, "/tmp/faultline-plugin-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(const char *folder)
{
    char command[PATH_MAX + 20];
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

/* Loads `path`, which must be refused, and gives the words to `said`. */
static void expect_refusal(const char *path, char said[WORDS_MAX])
{
    char *text = NULL;
    size_t size = 0;
    FILE *errors = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(errors);
    struct plugin *plugin = plugin_load(path, 1, errors);
    (void)fclose(errors);
    ck_assert_msg(plugin == NULL, "%s was loaded", path);
    snprintf(said, WORDS_MAX, "%s", text);
    free(text);
    ck_assert_ptr_nonnull(strstr(said, "error: "));
    ck_assert_ptr_nonnull(strstr(said, "\n  ")); /* what to do next */
}

static void expect_words(const char *path, const char *words)
{
    char said[WORDS_MAX];
    expect_refusal(path, said);
    ck_assert_msg(strstr(said, words) != NULL, "no '%s' in: %s", words, said);
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(files_that_are_none_are_refused)
{
    char folder[64];
    make_folder(folder, sizeof(folder));
    char path[PATH_MAX];
    expect_words("/nowhere/at_all.so", "No such file");
    expect_words(folder, "not a plug-in");
    snprintf(path, sizeof(path), "%s/empty.so", folder);
    write_file(path, "", 0);
    expect_words(path, "empty");
    snprintf(path, sizeof(path), "%s/text.so", folder);
    write_file(path, "#include <stdio.h>\n", 19);
    expect_words(path, "not an ELF file");
    expect_words("/proc/self/exe", "fl_algorithm");
    remove_folder(folder);
}
END_TEST

/* Any beginning of a plug-in is refused, and breaks nothing. */
START_TEST(files_cut_short_are_refused)
{
    char folder[64];
    make_folder(folder, sizeof(folder));
    char path[PATH_MAX];
    find_plugin("posix_locks", path, sizeof(path));
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    static char bytes[1 << 20];
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    ck_assert_uint_gt(size, 4096);
    ck_assert_uint_lt(size, sizeof(bytes));
    snprintf(path, sizeof(path), "%s/cut.so", folder);
    for (size_t keep = 1; keep < size; keep += keep < 128 ? 1 : size / 40) {
        write_file(path, bytes, keep);
        char said[WORDS_MAX];
        expect_refusal(path, said);
    }
    remove_folder(folder);
}
END_TEST

/* Random bytes in head, section headers and symbols: refused or not, but
 * never a crash of the judgement. */
START_TEST(broken_files_break_nothing)
{
    char folder[64];
    make_folder(folder, sizeof(folder));
    char path[PATH_MAX];
    find_plugin("posix_locks", path, sizeof(path));
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    static unsigned char bytes[1 << 20];
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    snprintf(path, sizeof(path), "%s/broken.so", folder);
    uint64_t word = 0x9e3779b97f4a7c15u;
    for (int i = 0; i < 200; i++) {
        size_t at[2];
        unsigned char old[2];
        for (int k = 0; k < 2; k++) {
            word = word * 6364136223846793005u + 1442695040888963407u;
            /* The head, and the section headers at the end. */
            at[k] = (word >> 60) % 2 == 0 ? 16 + (word >> 33) % 48
                                          : size - 1 - (word >> 33) % 2000;
            old[k] = bytes[at[k]];
            bytes[at[k]] = (unsigned char)(word >> 20);
        }
        /* Without its descriptor's name it cannot be loaded, so that only the
         * judgement sees it. */
        write_file(path, bytes, size);
        char command[2 * PATH_MAX];
        snprintf(command, sizeof(command),
                 "sed -i 's/fl_algorithm/fl_nothing__/g' '%s'", path);
        ck_assert_int_eq(system(command), 0);
        char said[WORDS_MAX];
        expect_refusal(path, said);
        bytes[at[1]] = old[1];
        bytes[at[0]] = old[0];
    }
    remove_folder(folder);
}
END_TEST

/* Compiles `source` with `options` into a shared object at `path`; false if
 * there is no compiler. */
static bool compile(const char *folder, const char *source, const char *options,
                    char *path, size_t max)
{
    char file[PATH_MAX];
    snprintf(file, sizeof(file), "%s/made.c", folder);
    write_file(file, source, strlen(source));
    snprintf(path, max, "%s/made.so", folder);
    char command[4 * PATH_MAX];
    snprintf(command, sizeof(command),
             "cc -shared -fPIC -o '%s' '%s' %s 2>'%s/words'", path, file,
             options, folder);
    return system(command) == 0;
}

struct unfit {
    const char *source;
    const char *options;
    const char *words;
};

#define HOOK                                           \
    "void __tsan_read4(void *a); void use(void *a);\n" \
    "void use(void *a) { __tsan_read4(a); }\n"

static const struct unfit unfit[] = {
    {"int fl_algorithm;", "", "not instrumented"},
    {"int other;", "", "does not define `fl_algorithm`"},
    {"int fl_algorithm; int *p; void f(void);\n"
     "void f(void) { *p = 1; }",
     "-fsanitize=thread", "linked against libtsan"},
    {HOOK "int fl_algorithm;", "", "linked without libfaultline-sim.a"},
    {HOOK "int fl_algorithm, fl_sim_table; int open(const char *, int);\n"
          "int g(void); int g(void) { return open(\"x\", 0); }",
     "", "calls open(), which is not part of"},
    {HOOK "int fl_algorithm, fl_sim_table; void gone(void);\n"
          "void g(void); void g(void) { gone(); }",
     "", "calls gone(), which is not defined in it"},
    {HOOK "int fl_algorithm, fl_sim_table; int __isoc99_scanf(char *);\n"
          "int g(void); int g(void) { return __isoc99_scanf(\"x\"); }",
     "", "calls scanf(), which is not part of"},
    {HOOK "int fl_algorithm, fl_sim_table;\n"
          "void load(long, void *, void *, int) __asm__(\"__atomic_load\");\n"
          "void g(void); void g(void) { load(3, 0, 0, 5); }",
     "", "calls __atomic_load() of libatomic"},
    {HOOK "int fl_algorithm, fl_sim_table;\n"
          "__thread int x __attribute__((tls_model(\"initial-exec\")));\n"
          "int g(void); int g(void) { return ++x; }",
     "", "finds thread-locals without a call"},
#if defined(__x86_64__) && !defined(__clang__)
    {HOOK "int fl_algorithm, fl_sim_table; static __thread int x;\n"
          "int g(void); int g(void) { return ++x; }",
     "-mtls-dialect=gnu2", "finds thread-locals without a call"},
#endif
    {HOOK "int fl_algorithm, fl_sim_table;", "", "another version"},
    {HOOK "int fl_algorithm, fl_sim_table, fl_sim_version = 8;", "",
     "another version"},
    {HOOK "int fl_sim_table, fl_sim_version = 8;"
          "char fl_algorithm[1000], fl_sim_early[1000];",
     "", "lacks name"},
};

START_TEST(unfit_plugins_are_refused)
{
    char folder[64];
    make_folder(folder, sizeof(folder));
    char path[PATH_MAX];
    const struct unfit *x = &unfit[_i];
    bool made = compile(folder, x->source, x->options, path, sizeof(path));
    ck_assert_msg(made, "cannot compile: %s", x->source);
    expect_words(path, x->words);
    remove_folder(folder);
}
END_TEST

START_TEST(copies_are_private)
{
    char path[PATH_MAX];
    find_plugin("posix_locks", path, sizeof(path));
    struct plugin *a = plugin_load(path, COPIES_MAX, stderr);
    struct plugin *b = plugin_load(path, 1, stderr);
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_nonnull(b);
    ck_assert_uint_eq(plugin_copies(a), COPIES_MAX);
    for (uint32_t i = 0; i < COPIES_MAX; i++) {
        const struct fl_algorithm *it = plugin_algorithm(a, i);
        ck_assert_str_eq(it->name, "posix_locks");
        ck_assert_uint_eq(plugin_owner(a, it), i);
        ck_assert_uint_eq(plugin_owner(b, it), UINT32_MAX);
        struct fl_setup setup = {.variant = i};
        uint32_t *self = it->create(&setup); /* keeps it in a global */
        ck_assert_uint_eq(plugin_owner(a, self), i);
    }
    plugin_free(a);
    plugin_free(b);
}
END_TEST

START_TEST(globals_are_put_back)
{
    char path[PATH_MAX];
    find_plugin("posix_locks", path, sizeof(path));
    struct plugin *plugin = plugin_load(path, 2, stderr);
    ck_assert_ptr_nonnull(plugin);
    struct fl_setup setup = {.variant = 9};
    uint32_t *first = plugin_algorithm(plugin, 0)->create(&setup);
    uint32_t *second = plugin_algorithm(plugin, 1)->create(&setup);
    ck_assert_uint_eq(*first, 9);
    plugin_restore_copy(plugin, 1);
    ck_assert_uint_eq(*first, 9);
    ck_assert_uint_eq(*second, 0);
    plugin_restore(plugin);
    ck_assert_uint_eq(*first, 0);
    plugin_free(plugin);
}
END_TEST

/* What constructors allocated goes with the plug-in, and nothing that was
 * mapped behind it since. */
START_TEST(memory_behind_that_of_constructors_stays)
{
    char path[PATH_MAX];
    struct span spans[SPANS_MAX];
    find_plugin("lulls_early", path, sizeof(path));
    struct plugin *plugin = plugin_load(path, 1, stderr);
    ck_assert_ptr_nonnull(plugin);
    uint32_t count = plugin_spans(plugin, spans);
    ck_assert_uint_gt(count, 0);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t end = (uintptr_t)spans[count - 1].first + spans[count - 1].size;
    char *behind = mmap(
        (void *)((end + page - 1) & ~(page - 1)), page, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    ck_assert_ptr_ne(behind, MAP_FAILED);
    plugin_restore(plugin);
    plugin_free(plugin);
    *behind = 1;
    ck_assert_int_eq(munmap(behind, page), 0);
}
END_TEST

START_TEST(thread_locals_have_an_image)
{
    char path[PATH_MAX];
    find_plugin("posix_threads", path, sizeof(path));
    struct plugin *plugin = plugin_load(path, 1, stderr);
    ck_assert_ptr_nonnull(plugin);
    struct tls_image image = plugin_tls(plugin, 0);
    int initial = 0;
    ck_assert_uint_ge(image.bytes_size, sizeof(initial));
    ck_assert_uint_ge(image.size, image.bytes_size + 40);
    memcpy(&initial, image.bytes, sizeof(initial));
    ck_assert_int_eq(initial, 7);
    plugin_restore(plugin);
    plugin_free(plugin);
}
END_TEST

START_TEST(names_are_found)
{
    char folder[64];
    make_folder(folder, sizeof(folder));
    char path[PATH_MAX];
    ck_assert_int_eq(setenv("FAULTLINE_ALGORITHMS", folder, 1), 0);
    ck_assert(!plugin_find("thing", NULL, path, sizeof(path)));
    snprintf(path, sizeof(path), "%s/thing.so", folder);
    write_file(path, "x", 1);
    snprintf(path, sizeof(path), "%s/thing_ebr.so", folder);
    write_file(path, "x", 1);
    ck_assert(plugin_find("thing", NULL, path, sizeof(path)));
    ck_assert_ptr_nonnull(strstr(path, "/thing.so"));
    ck_assert(plugin_find("thing", "ebr", path, sizeof(path)));
    ck_assert_ptr_nonnull(strstr(path, "/thing_ebr.so"));
    ck_assert(!plugin_find("thing", "hp", path, sizeof(path)));
    char own[PATH_MAX];
    find_plugin("posix_locks", own, sizeof(own));
    ck_assert(plugin_find(own, NULL, path, sizeof(path)));
    ck_assert_str_eq(path, own);
    ck_assert(!plugin_find("nothing.so", NULL, path, sizeof(path)));
    char tiny[4];
    ck_assert(!plugin_find("thing", NULL, tiny, sizeof(tiny)));
    remove_folder(folder);
}
END_TEST

START_TEST(what_was_left_out_is_skipped)
{
    static const char text[] =
        "scenario: 1\nname: t\nabout: t\nsystem: { kind: threads, "
        "algorithm: thing, threads: 2 }\ncheck: { model: stack, criterion: "
        "linearizable }\n";
    char folder[64];
    make_folder(folder, sizeof(folder));
    ck_assert_int_eq(setenv("FAULTLINE_ALGORITHMS", folder, 1), 0);
    char reason[40] = "";
    ck_assert(!plugin_left_out("thing", reason, sizeof(reason)));
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/t.yaml", folder);
    write_file(path, text, sizeof(text) - 1);
    struct scenario *scenario = scenario_load(path, stderr);
    ck_assert_ptr_nonnull(scenario);
    ck_assert_ptr_null(scenario->skip);
    scenario_free(scenario);

    char left[PATH_MAX];
    snprintf(left, sizeof(left), "%s/thing.skipped", folder);
    write_file(left, "no source\n", 10);
    ck_assert(plugin_left_out("thing", reason, sizeof(reason)));
    ck_assert_str_eq(reason, "no source");
    scenario = scenario_load(path, stderr);
    ck_assert_ptr_nonnull(scenario);
    ck_assert_str_eq(scenario->skip, "no source");
    scenario_free(scenario);

    /* What was built after all is there. */
    snprintf(left, sizeof(left), "%s/thing.so", folder);
    write_file(left, "x", 1);
    ck_assert(!plugin_left_out("thing", reason, sizeof(reason)));
    ck_assert(!plugin_left_out("./thing", reason, sizeof(reason)));
    remove_folder(folder);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plugin");
    TCase *files = tcase_create("files");
    tcase_set_timeout(files, 60);
    tcase_add_test(files, files_that_are_none_are_refused);
    tcase_add_test(files, files_cut_short_are_refused);
    tcase_add_test(files, broken_files_break_nothing);
    tcase_add_loop_test(files, unfit_plugins_are_refused, 0,
                        (int)(sizeof(unfit) / sizeof(unfit[0])));
    tcase_add_test(files, copies_are_private);
    tcase_add_test(files, globals_are_put_back);
    tcase_add_test(files, memory_behind_that_of_constructors_stays);
    tcase_add_test(files, thread_locals_have_an_image);
    tcase_add_test(files, names_are_found);
    tcase_add_test(files, what_was_left_out_is_skipped);
    suite_add_tcase(suite, files);
    return check_tap_run(suite);
}
