/*
 * Drawing one view.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/draw.h"
#include "cli/options.h"
#include "harness/child.h"
#include "harness/scenario.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    VIEWS_MAX = 16
};

static const char *const types[] = {"dot", "svg", "png", "pdf", NULL};

static bool is_dot(const struct drawing *drawing)
{
    return drawing->type == NULL || strcmp(drawing->type, "dot") == 0;
}

static const struct fl_view *find_view(const struct drawing *drawing)
{
    return fl_view_find(drawing->view == NULL ? "timeline" : drawing->view);
}

enum code drawing_check(const struct drawing *drawing)
{
    assert(drawing != NULL && drawing->command != NULL);
    if (find_view(drawing) == NULL) {
        const char *names[VIEWS_MAX + 1] = {NULL};
        for (uint32_t i = 0; i < VIEWS_MAX && fl_views[i] != NULL; i++) {
            names[i] = fl_views[i]->name;
        }
        const char *nearest = scenario_nearest(drawing->view, names);
        return options_complain(
            drawing->command,
            "--view %s: unknown view%s%s%s\nsee: faultline list views",
            drawing->view, nearest == NULL ? "" : "; did you mean ",
            nearest == NULL ? "" : nearest, nearest == NULL ? "" : "?");
    }
    uint32_t i = 0;
    while (types[i] != NULL && !is_dot(drawing) &&
           strcmp(types[i], drawing->type) != 0) {
        i++;
    }
    if (types[i] == NULL) {
        return options_complain(
            drawing->command, "-T %s: say dot, svg, png or pdf", drawing->type);
    }
    return CODE_PASS;
}

static enum code complain_file(const char *path)
{
    (void)fprintf(stderr, "faultline: cannot write %s: %s\n", path,
                  strerror(errno)); // NOLINT(concurrency-mt-unsafe)
    return CODE_IO;
}

/* Lets Graphviz turn the DOT file `from` into `drawing->type` on `out`. */
static enum code render(const struct drawing *drawing, const char *from,
                        FILE *out)
{
    char type[16];
    (void)snprintf(type, sizeof(type), "-T%s", drawing->type);
    const char *arguments[] = {"dot", type, from, NULL};
    (void)fflush(out);
    int code = child_spawn(arguments, fileno(out));
    if (code == 127) {
        (void)fputs("faultline: there is no 'dot' on this machine\n"
                    "try: apt install graphviz, or leave out -T for DOT "
                    "text\n",
                    stderr);
        return CODE_SKIPPED;
    }
    if (code != 0) {
        (void)fprintf(stderr, "faultline: dot failed with exit code %d\n",
                      code);
        return CODE_INTERNAL;
    }
    return CODE_PASS;
}

bool drawing_has_graphviz(void)
{
    const char *arguments[] = {"dot", "-V", NULL};
    FILE *nowhere = fopen("/dev/null", "w");
    if (nowhere == NULL) {
        return false;
    }
    int code = child_spawn(arguments, fileno(nowhere));
    (void)fclose(nowhere);
    return code == 0;
}

static enum code draw_rendered(const struct drawing *drawing,
                               const struct fl_view *view,
                               const struct fl_record *record, FILE *out)
{
    char path[] = "/tmp/faultline-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (file == NULL) {
        return complain_file(path);
    }
    view->draw(record, file);
    enum code code =
        fclose(file) == 0 ? render(drawing, path, out) : complain_file(path);
    (void)unlink(path);
    return code;
}

enum code drawing_make(const struct drawing *drawing,
                       const struct fl_record *record)
{
    assert(record != NULL);
    const struct fl_view *view = find_view(drawing);
    assert(view != NULL); /* drawing_check() came before */
    const char *lacks = view->lacks(record);
    if (lacks != NULL) {
        return options_complain(drawing->command, "--view %s: %s", view->name,
                                lacks);
    }
    bool to_stdout = drawing->path == NULL || strcmp(drawing->path, "-") == 0;
    FILE *out = to_stdout ? stdout : fopen(drawing->path, "w");
    if (out == NULL) {
        return complain_file(drawing->path);
    }
    enum code code = CODE_PASS;
    if (is_dot(drawing)) {
        view->draw(record, out);
    } else {
        code = draw_rendered(drawing, view, record, out);
    }
    bool failed = ferror(out) != 0;
    if (!to_stdout && (fclose(out) != 0 || failed)) {
        code = code_worse(code, complain_file(drawing->path));
    }
    return code;
}
