# make            the program, the library, the algorithms, in build/
# make check      run the tests
# make help       this text

BUILD ?= build
CC    ?= cc
AR    ?= ar
OPT   ?= -O2
# Sanitizers and the like: make SAN=-fsanitize=address,undefined
SAN   ?=
# Whole command lines: make V=1
V     ?=
Q     := $(if $(V),,@)
SAY    = $(if $(V),@:,@printf '  %-8s %s\n')

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
  -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wcast-qual \
  -Wcast-align -Wwrite-strings -Wundef -Wvla -Walloca -Wformat=2 \
  -Wimplicit-fallthrough -Wswitch-enum -Wpointer-arith -Wredundant-decls \
  -Wnested-externs -Wdouble-promotion -Wfloat-equal -fno-common -Werror
IS_CLANG := $(shell $(CC) --version 2>/dev/null | grep -c clang)
ifeq ($(IS_CLANG),0)
WARNINGS += -Wlogical-op -Wduplicated-cond -Wduplicated-branches \
  -Wjump-misses-init -Wnull-dereference
else
WARNINGS += -Wmissing-variable-declarations -Wcomma -Wassign-enum \
  -Wunreachable-code
endif

ARCH := $(shell uname -m)
ifeq ($(ARCH),x86_64)
WIDE := -mcx16
TUNE := -march=x86-64-v2
endif

BASE     := -std=c17 -D_GNU_SOURCE -I. -g $(WARNINGS)
CFLAGS   := $(BASE) $(OPT) $(TUNE) -fPIC -fno-omit-frame-pointer $(SAN)
LIBS     := -lboost_context -lfyaml -ljansson -lpopt -lunwind -ldw -lxxhash \
  -lzstd -lm -ldl -lpthread

# Instrumented: every access becomes a call into harness/sim/tsan_abi.c.
TSAN_gcc   := --param tsan-instrument-func-entry-exit=0 \
  --param tsan-distinguish-volatile=1
TSAN_clang := -mllvm -tsan-instrument-func-entry-exit=0 \
  -mllvm -tsan-distinguish-volatile=1
ALGO_CFLAGS := $(BASE) -O1 $(WIDE) -fPIC -fno-omit-frame-pointer \
  -fsanitize=thread -fno-builtin-memcpy -fno-builtin-memmove \
  -fno-builtin-memset -U_FORTIFY_SOURCE \
  $(if $(filter 0,$(IS_CLANG)),$(TSAN_gcc),$(TSAN_clang))

SHIM     := $(wildcard harness/sim/shim/*.c)
CHECKER  := $(wildcard checker/*.c checker/*/*.c)
HARNESS  := $(filter-out $(SHIM),$(wildcard harness/*.c harness/*/*.c \
  harness/*/*/*.c))
FAULTS   := $(wildcard faults/*.c)
CLI      := $(wildcard cli/*.c)
BENCH    := $(wildcard bench/*.c)
ALGOS    := $(filter-out algorithms/registry.c,$(wildcard algorithms/*/*.c))
PLUGINS  := $(foreach a,$(ALGOS),$(BUILD)/algorithms/$(basename $(notdir $(a))).so)
CUNIT    := $(wildcard tests/*_test.c)
CHECKS   := $(wildcard tests/*_check.c)

obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
LIBCHECK := $(BUILD)/libfaultline-check.a
LIBSIM   := $(BUILD)/libfaultline-sim.a
ENGINE   := $(BUILD)/libengine.a

all: $(BUILD)/faultline $(LIBCHECK) $(PLUGINS)

$(LIBCHECK): $(call obj,$(CHECKER))
	$(SAY) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(ENGINE): $(call obj,$(HARNESS) $(FAULTS))
	$(SAY) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(LIBSIM): $(call obj,$(SHIM))
	$(SAY) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/faultline: $(call obj,$(CLI) $(BENCH)) $(ENGINE) $(LIBCHECK) harness/sim/exports.list
	$(SAY) LINK $@
	$(Q)$(CC) $(CFLAGS) -o $@ $(call obj,$(CLI) $(BENCH)) \
	  -Wl,--whole-archive $(ENGINE) -Wl,--no-whole-archive $(LIBCHECK) \
	  -Wl,--dynamic-list=harness/sim/exports.list $(LIBS)

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

define plugin
$(BUILD)/algorithms/$(basename $(notdir $(1))).so: $(1) $(LIBSIM)
	@mkdir -p $$(@D)
	$$(SAY) PLUGIN $$@
	$$(Q)$$(CC) $$(ALGO_CFLAGS) -MMD -MP -MT $$@ -c -o $$(@:.so=.o) $$<
	$$(Q)$$(CC) -shared -o $$@ $$(@:.so=.o) $$(LIBSIM) -Wl,-z,now -Wl,-Bsymbolic
endef
$(foreach a,$(ALGOS),$(eval $(call plugin,$(a))))

# Tests see everything but the command line.
$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(ENGINE) $(LIBCHECK)
	@mkdir -p $(@D)
	$(SAY) LINK $@
	$(Q)$(CC) $(CFLAGS) -o $@ $< -Wl,--whole-archive $(ENGINE) \
	  -Wl,--no-whole-archive $(LIBCHECK) \
	  -Wl,--dynamic-list=harness/sim/exports.list $(LIBS) \
	  $(if $(findstring _check,$@),$(shell pkg-config --libs check),-lcunit)

clean:
	rm -rf $(BUILD)

help:
	@sed -n 's/^# //p;/^$$/q' Makefile

.PHONY: all clean help
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
