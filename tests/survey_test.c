/*
 * The index of the survey against a look at every place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/choice.h"
#include "harness/sim/schedule/survey.h"
#include "tests/tap.h"

#include <string.h>

enum {
    SURVEYS = 60,
    LOOKS = 400,
    MEMORY = 1024, /* bytes that places and operations are in */
};

static char memory[MEMORY];

static uint32_t below(struct choice *choice, uint32_t limit)
{
    return (uint32_t)choice_below(choice, STREAM_PROGRAM, limit);
}

/* An operation anywhere, of up to `most` bytes; 0 stands for an object. */
static struct operation draw_operation(struct choice *choice, uint32_t most)
{
    uint32_t size = below(choice, most + 1);
    return (struct operation){.kind = below(choice, 2) == 0 ? FL_STEP_LOAD
                                                            : FL_STEP_STORE,
                              .size = size,
                              .location = &memory[below(choice, MEMORY - size)],
                              .starts = below(choice, 16) == 0};
}

/* Places of up to `most` bytes, which may overlap. */
static void draw_survey(struct survey *s, struct choice *choice, uint32_t most)
{
    memset(s, 0, sizeof(*s));
    s->count = 1 + below(choice, SURVEY_PLACES);
    for (uint32_t i = 0; i < s->count; i++) {
        struct surveyed *place = &s->places[i];
        struct operation o = draw_operation(choice, most);
        place->location = o.location;
        place->size = o.size == 0 ? 1 : o.size;
        place->written = below(choice, 2) == 0;
        for (uint32_t t = 0; t < 3; t++) {
            place->operations[t] = below(choice, 3);
            s->points[t] += place->operations[t];
        }
    }
    survey_end(s);
}

static void compare(const struct survey *s, struct choice *choice,
                    uint32_t most)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < LOOKS; i++) {
        struct operation o = draw_operation(choice, most);
        uint32_t place = survey_find_slowly(s, &o);
        CU_ASSERT_EQUAL(survey_find(s, &o), place);
        found += place < s->count ? 1 : 0;
    }
    CU_ASSERT(found > 0); /* the test can tell */
    struct operation none = {.kind = FL_STEP_FENCE};
    CU_ASSERT_EQUAL(survey_find(s, &none), s->count);
}

static void the_index_finds_what_a_look_at_all_finds(void)
{
    static struct survey survey;
    struct choice choice = {0};
    choice_begin(&choice, CHOICE_EXPLORE, 5);
    for (uint32_t i = 0; i < SURVEYS; i++) {
        draw_survey(&survey, &choice, 16);
        CU_ASSERT(survey.indexed);
        compare(&survey, &choice, 16);
    }
    choice_release(&choice);
}

static void without_room_every_place_is_looked_at(void)
{
    static struct survey survey;
    static char far[1 << 16];
    struct choice choice = {0};
    choice_begin(&choice, CHOICE_EXPLORE, 6);
    draw_survey(&survey, &choice, 16);
    survey.places[0].location = far;
    survey.places[0].size = sizeof(far);
    survey_end(&survey);
    CU_ASSERT_FALSE(survey.indexed);
    compare(&survey, &choice, 16);
    struct operation o = {.kind = FL_STEP_LOAD, .location = &far[40000]};
    CU_ASSERT_EQUAL(survey_find(&survey, &o), 0);
    choice_release(&choice);
}

static void means_are_those_of_the_places(void)
{
    static struct survey survey;
    struct choice choice = {0};
    choice_begin(&choice, CHOICE_EXPLORE, 7);
    for (uint32_t i = 0; i < SURVEYS; i++) {
        draw_survey(&survey, &choice, 16);
        CU_ASSERT(survey.threads <= 3);
        for (uint32_t t = 0; t < 4; t++) {
            uint32_t all = 0;
            for (uint32_t k = 0; k < survey.count; k++) {
                uint32_t own = survey.places[k].operations[t];
                CU_ASSERT_EQUAL(survey_mean(&survey, k, t), own);
                all += survey_is_shared(&survey, k) ? own : 0;
            }
            CU_ASSERT_EQUAL(survey_mean(&survey, survey.count, t), all);
            CU_ASSERT(t < survey.threads || survey.points[t] == 0);
        }
    }
    choice_release(&choice);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"the index finds what a look at all finds",
         the_index_finds_what_a_look_at_all_finds},
        {"without room every place is looked at",
         without_room_every_place_is_looked_at},
        {"means are those of the places", means_are_those_of_the_places},
        {NULL, NULL},
    };
    return tap_run("survey", cases);
}
