# make            the program, the libraries, the algorithms, in build/
# make run        installs what is missing, builds, and runs the default scenario
# make check      installs what is missing, builds, and passes the tests
# make hunt       every planted flaw must be found, every sound form accepted
# make bench      measures, and fills docs/numbers.md
# make tidy       the rules of the house, format, static analysis
# make format     lays the sources out
# make fuzz       fuzzes the parsers, FUZZ_SECONDS each
# make nightly    ten million random histories through the checker, on all cores,
#                 and the hunt from five seeds, ten million runs of sound forms
# make mutants    faults planted in the sources must be caught by the tests
# make install    DESTDIR= PREFIX=/usr/local
# make man        the manual page
# make deps       installs the Debian packages that are missing
# make clean
# make SAN=-fsanitize=address,undefined BUILD=build/asan check   and the like

BUILD  ?= build
OPT    ?= -O3
SAN    ?=
PREFIX ?= /usr/local
ifeq ($(origin CC),default)
CC     := gcc
endif
FUZZ_SECONDS ?= 60
VERSION := 0.1.0
# Whole command lines: make V=1
V      ?=
Q      := $(if $(V),,@)
SAY     = $(if $(V),@:,@printf '  %-8s %s\n')

# --- what it is built with ----------------------------------------------------

# The one list of Debian packages: to build and run, and to test.
PACKAGES := gcc libc6-dev make pkg-config libboost-context-dev libfyaml-dev \
  libjansson-dev libpopt-dev libunwind-dev libdw-dev libxxhash-dev \
  libsqlite3-dev libck-dev liburcu-dev bzip2 xz-utils graphviz
PACKAGES_CHECK := libcunit1-dev check libsubunit-dev perl libxml2-utils g++ \
  gdb cmake meson
PACKAGES_GATES := clang libclang-rt-14-dev clang-format clang-tidy cppcheck \
  scdoc universal-ctags

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
# What it is built for; another machine than this one: make CC=... FETCHED=...
# A fresh machine has no compiler yet, when this is read.
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)) \
  $(shell uname -m))
AR      := $(firstword $(shell $(CC) -print-prog-name=ar 2>/dev/null) ar)
ifeq ($(MACHINE),x86_64)
WIDE := -mcx16
TUNE := -march=x86-64-v2
# Cleared structures are small: the microcode of "rep stos" takes longer to
# begin than most of them take.
ifeq ($(IS_CLANG),0)
TUNE += -mmemset-strategy=vector_loop:512:noalign,libcall:-1:noalign
endif
endif

BASE   := -std=c17 -D_GNU_SOURCE -DFAULTLINE_VERSION='"$(VERSION)"' -I. -g \
  $(WARNINGS)
# The program itself is linked with link-time optimisation: a fifth more
# executions a second.  Fat objects serve everything else without it.
ifeq ($(IS_CLANG)$(SAN),0)
LTO    := -flto=2 -ffat-lto-objects
endif
CFLAGS := $(BASE) $(OPT) $(LTO) $(TUNE) $(WIDE) -fPIC -fno-omit-frame-pointer \
  $(SAN)
NO_LTO := $(if $(LTO),-fno-lto)
LIBS   := -lboost_context -lfyaml -ljansson -lpopt -lunwind -ldw -lxxhash \
  -lsqlite3 -lm -ldl -lpthread

# Instrumented: every access becomes a call into harness/sim/tsan_*.c.
TSAN_gcc   := --param tsan-instrument-func-entry-exit=0 \
  --param tsan-distinguish-volatile=1 -Wno-tsan
TSAN_clang := -mllvm -tsan-instrument-func-entry-exit=0 \
  -mllvm -tsan-distinguish-volatile=1
TSAN := $(WIDE) -fsanitize=thread $(addprefix -fno-builtin-,memcpy memmove \
  memset mempcpy strcpy strncpy stpcpy strcat strncat sprintf snprintf) \
  $(if $(filter 0,$(IS_CLANG)),$(TSAN_gcc),$(TSAN_clang))
ALGO_CFLAGS := $(BASE) -O1 -fPIC -fno-omit-frame-pointer -U_FORTIFY_SOURCE \
  $(TSAN)

# --- what there is ------------------------------------------------------------

SHIM    := $(wildcard harness/sim/shim/*.c)
CHECKER := $(wildcard checker/*.c checker/*/*.c)
NATIVE  := $(wildcard harness/sim/native/*.c)
HARNESS := $(filter-out $(SHIM) $(NATIVE),$(wildcard harness/*.c harness/*/*.c \
  harness/*/*/*.c))
FAULTS  := $(wildcard faults/*.c)
CLI     := $(wildcard cli/*.c) $(wildcard bench/*.c) algorithms/registry.c
ALGOS   := $(wildcard algorithms/*/*.c)
# Those of libraries that are fetched as sources, once for all builds.
FETCHING := $(addprefix algorithms/libraries/,ck_set.c urcu_table.c \
  urcu_lfqueue.c)
FETCHED  ?= build/sources
CUNIT   := $(wildcard tests/*_test.c)
CHECKS  := $(wildcard tests/*_check.c)
FUZZERS := $(wildcard tests/fuzz_*.c)
KIT     := $(filter-out $(CUNIT) $(CHECKS) $(FUZZERS),$(wildcard tests/*.c))
TPLUGINS := $(wildcard tests/plugins/*.c)

obj      = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
so       = $(foreach a,$(2),$(BUILD)/$(1)/$(basename $(notdir $(a))).so)
PLUGINS  := $(call so,algorithms,$(ALGOS))
LIBCHECK := $(BUILD)/libfaultline-check.a
SHARED   := $(BUILD)/libfaultline-check.so.0
LIBSIM   := $(BUILD)/libfaultline-sim.a
LIBNATIVE := $(BUILD)/libfaultline-native.a
ENGINE   := $(BUILD)/libengine.a
TESTS    := $(patsubst tests/%.c,$(BUILD)/tests/%,$(CUNIT) $(CHECKS))
LINK_ALL  = -Wl,--whole-archive $(ENGINE) -Wl,--no-whole-archive $(LIBCHECK) \
  -Wl,--dynamic-list=harness/sim/exports.list $(LIBS)

PC       := $(BUILD)/faultline-check.pc $(BUILD)/faultline-sim.pc
MAN      := $(if $(shell command -v scdoc),$(BUILD)/faultline.1)

$(BUILD)/gdb.py: cli/gdb.py
	@mkdir -p $(@D)
	$(Q)cp $< $@

all: $(BUILD)/faultline $(BUILD)/gdb.py $(LIBCHECK) $(SHARED) $(LIBSIM) \
  $(LIBNATIVE) $(PLUGINS) $(PC)

$(LIBCHECK): $(call obj,$(CHECKER))
$(ENGINE): $(call obj,$(HARNESS) $(FAULTS))
$(LIBSIM): $(call obj,$(SHIM))
$(LIBNATIVE): $(call obj,$(NATIVE))
# The shim becomes part of plug-ins: no sanitizer of the harness may call out
# of it, and a function that it defines may not be compiled into one.
$(call obj,$(SHIM) $(NATIVE)): CFLAGS := $(filter-out -fsanitize=% -flto% -ffat-lto-objects,$(CFLAGS)) \
  -fno-builtin
$(call obj,harness/sim/shim/cxx_once.c): CFLAGS += -fexceptions
$(BUILD)/libkit.a: $(call obj,$(KIT))
$(LIBCHECK) $(ENGINE) $(LIBSIM) $(LIBNATIVE) $(BUILD)/libkit.a:
	$(SAY) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(SHARED): $(call obj,$(CHECKER)) checker/exports.map
	$(SAY) LINK $@
	$(Q)$(CC) $(CFLAGS) $(NO_LTO) -shared -Wl,-soname,$(@F) -Wl,-z,defs \
	  -Wl,--version-script=checker/exports.map -o $@ $(filter %.o,$^) \
	  $(if $(SAN),,-nostdlib -lc -lgcc)
	$(Q)ln -sf $(@F) $(@:.0=)

$(BUILD)/faultline: $(call obj,$(CLI)) $(BUILD)/obj/default_scenario.o \
  $(BUILD)/obj/templates.o \
  $(ENGINE) $(LIBCHECK) harness/sim/exports.list
	$(SAY) LINK $@
	$(Q)$(CC) $(CFLAGS) -o $@ $(filter %.o,$^) $(LINK_ALL)
	$(Q)ln -sf faultline $(BUILD)/faultline-cc
	$(Q)ln -sf faultline $(BUILD)/faultline-c++
	$(Q)ln -sfn $(CURDIR)/include $(BUILD)/include

# The default scenario lies in the program itself, so that it needs no files.
$(BUILD)/obj/default_scenario.c: scenarios/treiber-aba.yaml
	@mkdir -p $(@D)
	$(Q){ echo '#include "cli/embedded.h"'; \
	  echo 'const char embedded_scenario[] ='; \
	  sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/    "&\\n"/' $<; echo '    ;'; } >$@
$(BUILD)/obj/default_scenario.o: $(BUILD)/obj/default_scenario.c
	$(Q)$(CC) $(CFLAGS) -c -o $@ $<

# So do the templates of `faultline init`.
TEMPLATES := $(wildcard cli/templates/*.txt)
$(BUILD)/obj/templates.c: $(TEMPLATES)
	@mkdir -p $(@D)
	$(Q){ echo '#include "cli/embedded.h"'; echo '#include <stddef.h>'; \
	  echo 'const char *const embedded_templates[] = {'; \
	  for file in $(sort $(TEMPLATES)); do \
	    echo "    \"*** $$(basename $$file .txt)\","; \
	    sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/    "&",/' $$file || exit; done; \
	  echo '    NULL};'; } >$@
$(BUILD)/obj/templates.o: $(BUILD)/obj/templates.c
	$(Q)$(CC) $(CFLAGS) -c -o $@ $<

# They follow pointers of the program under test: one that is null ends the run
# as a crash does, and is no finding about them.
$(call obj,harness/sim/tsan_atomic.c harness/sim/tsan_plain.c \
  $(wildcard harness/sim/memory/*.c)): \
  CFLAGS += $(if $(SAN),-fno-sanitize=null)
$(BUILD)/obj/%.o: %.c | $(BUILD)/deps.stamp
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# $(1): folder in build/, $(2): source
define plugin
$(BUILD)/$(1)/$(basename $(notdir $(2))).so: $(2) $(LIBSIM) | $(BUILD)/deps.stamp
	@mkdir -p $$(@D)
	$$(SAY) PLUGIN $$<
	$$(Q)$$(CC) $$(ALGO_CFLAGS) -MMD -MP -MT $$@ -c -o $$(@:.so=.o) $$<
	$$(Q)$$(CC) -shared -o $$@ $$(@:.so=.o) $$(BESIDE) -Wl,-u,fl_sim_table $$(LIBSIM) \
	  -Wl,-z,now -Wl,-Bsymbolic
endef
$(foreach a,$(filter-out $(FETCHING),$(ALGOS)),\
  $(eval $(call plugin,algorithms,$(a))))

# Real libraries as subjects, with one line of a header changed.
PATCHED := $(BUILD)/patched
PATCHED_ck_ring    := ck_ring.h
PATCHED_ck_stack   := ck_stack.h
PATCHED_ck_fifo    := ck_fifo.h
PATCHED_urcu_queue := urcu/static/wfcqueue.h
PATCHED_urcu_stack := urcu/static/lfstack.h
PATCHED_urcu_wfstack := urcu/static/wfstack.h
$(PATCHED)/%.h: algorithms/libraries/patches.txt algorithms/libraries/patch.sh \
  | $(BUILD)/deps.stamp
	$(Q)CC="$(CC)" sh algorithms/libraries/patch.sh $*.h $(PATCHED)
# $(1): a library's plug-in: its source once more, over the changed header
define patched
$(BUILD)/algorithms/$(1).so: $(BUILD)/algorithms/$(1)_patched.o
$(BUILD)/algorithms/$(1).so: BESIDE := $(BUILD)/algorithms/$(1)_patched.o
$(BUILD)/algorithms/$(1)_patched.o: algorithms/libraries/$(1).c \
  $(PATCHED)/$(PATCHED_$(1))
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(ALGO_CFLAGS) -DPATCHED -isystem $(PATCHED) -MMD -MP \
	  -c -o $$@ $$<
endef
$(foreach a,ck_ring ck_stack ck_fifo urcu_queue urcu_stack urcu_wfstack,\
  $(eval $(call patched,$(a))))

# Real libraries compiled from their sources, which are fetched once; if they
# cannot be had, the plug-in is left out, and said to be (compile.sh).
LIBRARIES := algorithms/libraries
$(FETCHED)/%.stamp: $(LIBRARIES)/fetch.sh $(LIBRARIES)/sources.txt
	$(SAY) FETCH $*
	$(Q)sh $(LIBRARIES)/fetch.sh $* $(FETCHED)
	@touch $@
FLAGS_ck      := -DCK_USE_CC_BUILTINS=1
FLAGS_liburcu := -DRCU_MB -include $(LIBRARIES)/urcu.h -I $(LIBRARIES)/instead
PARTS_ck_set   := ck_hs
PATCHED_ck_set := ck_hs.c
PARTS_urcu_table := urcu rculfhash rculfhash-mm-order rculfhash-mm-chunk \
  rculfhash-mm-mmap workqueue compat_futex
PATCHED_urcu_table := rculfhash.c
PARTS_urcu_lfqueue := urcu compat_futex
PATCHED_urcu_lfqueue := urcu/static/rculfqueue.h
# $(1): plug-in, $(2): package
define fetched
$(BUILD)/algorithms/$(1).so: $(LIBRARIES)/$(1).c $(LIBSIM) \
  $(FETCHED)/$(2).stamp $(LIBRARIES)/compile.sh $(LIBRARIES)/patches.txt \
  $(LIBRARIES)/patch.sh | $(BUILD)/deps.stamp
	$$(SAY) PLUGIN $$<
	$$(Q)CC="$(CC)" CFLAGS="$$(filter-out -DFAULTLINE%,$$(ALGO_CFLAGS))" PARTS="$$(PARTS_$(1))" \
	  PATCHED="$$(PATCHED_$(1))" PART_FLAGS="$$(FLAGS_$(2))" \
	  LINK="-Wl,-u,fl_sim_table $(LIBSIM) -Wl,-z,now -Wl,-Bsymbolic" \
	  sh $(LIBRARIES)/compile.sh $(1) $(2) $(FETCHED) $(BUILD)
endef
$(eval $(call fetched,ck_set,ck))
$(eval $(call fetched,urcu_table,liburcu))
$(eval $(call fetched,urcu_lfqueue,liburcu))

$(foreach a,$(TPLUGINS),$(eval $(call plugin,tests/plugins,$(a))))

# pkg-config files: $(1) prefix, $(2) libraries, $(3) headers.
fill = sed 's|@PREFIX@|$(1)|; s|@LIBDIR@|$(2)|; s|@INCLUDEDIR@|$(3)|; \
  s|@OBJECTDIR@|$(4)|; \
  s|@VERSION@|$(VERSION)|; s|@TSAN@|$(TSAN)|'
vpath %.pc.in checker:harness/sim
$(BUILD)/%.pc: %.pc.in Makefile
	@mkdir -p $(@D)
	$(Q)$(call fill,$(CURDIR),$(abspath $(BUILD)),$(CURDIR),$(CURDIR)/include) $< >$@

man: $(BUILD)/faultline.1
$(BUILD)/faultline.1: docs/faultline.1.scd
	@mkdir -p $(@D)
	$(Q)sed 's|@VERSION@|$(VERSION)|' $< | scdoc >$@

# The picture of README.md: the drawing of what `make run` finds.
picture: all
	rm -rf $(BUILD)/picture
	$(BUILD)/faultline run -q --out $(BUILD)/picture scenarios/treiber-aba.yaml; \
	  test $$? -eq 1
	cp $(BUILD)/picture/treiber-aba/*/timeline.svg docs/images/

# --- what it is for -----------------------------------------------------------

run: all
	@$(BUILD)/faultline run scenarios/treiber-aba.yaml; status=$$?; \
	  test $$status -eq 1 && echo "(exit 1: a violation was found, as it should be)" && \
	  echo 'to paste these commands: export PATH="$$PWD/$(BUILD):$$PATH"'

check: all tests
	@BUILD=$(BUILD) sh tests/run.sh $(TESTS)

tests: $(TESTS) $(call so,tests/plugins,$(TPLUGINS))
plugins: $(PLUGINS) $(call so,tests/plugins,$(TPLUGINS))

$(call obj,$(KIT) $(CUNIT) $(CHECKS)): | $(BUILD)/deps-check.stamp

# Tests see everything but the command line, which they start as a program.
$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(BUILD)/libkit.a $(ENGINE) $(LIBCHECK)
	@mkdir -p $(@D)
	$(SAY) LINK $@
	$(Q)$(CC) $(CFLAGS) $(NO_LTO) -o $@ $< $(BUILD)/libkit.a $(LINK_ALL) \
	  $(if $(findstring _check,$(@F)),$$(pkg-config --libs check),-lcunit)

hunt: all
	$(BUILD)/faultline hunt

# Relacy is a peer for measurements, and nothing else needs it.
PACKAGES_BENCH := g++ relacy-dev
$(BUILD)/peer_relacy: bench/peer_relacy.cpp
	@mkdir -p $(@D)
	$(Q)if sh tests/deps.sh $(PACKAGES_BENCH); then \
	  g++ -std=c++11 -fno-sized-deallocation -O3 -DNDEBUG $(TUNE) -w -o $@ $<; \
	  else echo "  SKIP     the rows beside Relacy: relacy-dev is not here"; fi

bench: all $(BUILD)/peer_relacy $(BUILD)/tests/plugins/executions.so
	$(BUILD)/faultline bench --numbers docs/numbers.md --matrix scenarios

tidy: $(BUILD)/deps-gates.stamp
	sh tests/tidy.sh

SOURCES = $(wildcard include/*/*.h */*.[ch] */*/*.[ch] */*/*/*.[ch])
format: $(BUILD)/deps-gates.stamp
	clang-format -i $(filter-out build/%,$(SOURCES))

nightly: tests
	@BUILD=$(BUILD) sh tests/nightly.sh

# Planted into copies below $(BUILD), never here.
mutants:
	@BUILD=$(BUILD) sh tests/mutants.sh checker engine
mutants-%:
	@BUILD=$(BUILD) sh tests/mutants.sh $*

# Fuzzers are built by clang, with everything that they reach.
FUZZ := $(BUILD)/fuzz
fuzz: $(BUILD)/deps-gates.stamp
	$(Q)$(MAKE) --no-print-directory BUILD=$(FUZZ) CC=clang OPT=-O1 \
	  SAN=-fsanitize=fuzzer-no-link,address,undefined fuzzers
	@BUILD=$(FUZZ) SECONDS_EACH=$(FUZZ_SECONDS) sh tests/fuzz.sh \
	  $(FUZZERS:tests/%.c=%)
fuzzers: $(patsubst tests/%.c,$(BUILD)/%,$(FUZZERS))
$(BUILD)/fuzz_%: $(BUILD)/obj/tests/fuzz_%.o $(ENGINE) $(LIBCHECK)
	$(SAY) LINK $@
	$(Q)$(CC) $(CFLAGS) -fsanitize=fuzzer -o $@ $< $(LINK_ALL)

HEADERS := history model model_plugin operations check online clock itself recorder explain record format/jsonl format/formats draw/views
install: all $(MAN)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig \
	  $(DESTDIR)$(PREFIX)/lib/faultline/algorithms \
	  $(DESTDIR)$(PREFIX)/include/faultline/harness \
	  $(DESTDIR)$(PREFIX)/share/faultline/scenarios \
	  $(DESTDIR)$(PREFIX)/share/doc/faultline
	install -m 755 $(BUILD)/faultline $(DESTDIR)$(PREFIX)/bin
	ln -sf faultline $(DESTDIR)$(PREFIX)/bin/faultline-cc
	ln -sf faultline $(DESTDIR)$(PREFIX)/bin/faultline-c++
	install -m 644 $(LIBCHECK) $(LIBSIM) $(LIBNATIVE) $(DESTDIR)$(PREFIX)/lib
	install -m 755 $(SHARED) $(DESTDIR)$(PREFIX)/lib
	ln -sf $(notdir $(SHARED)) $(DESTDIR)$(PREFIX)/lib/libfaultline-check.so
	for file in $(PLUGINS); do if [ -e $$file ]; then \
	  install -m 755 $$file $(DESTDIR)$(PREFIX)/lib/faultline/algorithms; \
	  else install -m 644 $${file%.so}.skipped \
	  $(DESTDIR)$(PREFIX)/lib/faultline/algorithms; fi || exit; done
	install -m 644 cli/gdb.py $(DESTDIR)$(PREFIX)/lib/faultline
	for file in $(HEADERS:%=checker/%.h); do install -D -m 644 $$file \
	  $(DESTDIR)$(PREFIX)/include/faultline/$$file || exit; done
	install -m 644 harness/algorithm.h \
	  $(DESTDIR)$(PREFIX)/include/faultline/harness
	install -m 644 include/faultline/object.h \
	  $(DESTDIR)$(PREFIX)/include/faultline
	install -m 644 scenarios/*.yaml $(DESTDIR)$(PREFIX)/share/faultline/scenarios
	install -m 644 README.md LICENSE $(DESTDIR)$(PREFIX)/share/doc/faultline
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/faultline/docs docs/*.md
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/faultline/docs/images \
	  docs/images/*
	for file in checker/faultline-check.pc harness/sim/faultline-sim.pc; do \
	  $(call fill,$(PREFIX),$${prefix}/lib,$${prefix}/include/faultline,$${prefix}/include) \
	    $$file.in >$(DESTDIR)$(PREFIX)/lib/pkgconfig/$${file##*/} || exit; done
	$(if $(MAN),install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 $(MAN))

# Installs only what is missing; without root it says what to type and stops.
deps:
	@sh tests/deps.sh $(PACKAGES) $(PACKAGES_CHECK) $(PACKAGES_GATES)
	@for file in $(wildcard $(FETCHED)/*.skipped); do \
	  rm -f $${file%.skipped}.stamp; done
	@$(MAKE) --no-print-directory $(FETCHED)/ck.stamp $(FETCHED)/liburcu.stamp
$(BUILD)/deps.stamp: WANTED = $(PACKAGES)
$(BUILD)/deps-check.stamp: WANTED = $(PACKAGES) $(PACKAGES_CHECK)
$(BUILD)/deps-gates.stamp: WANTED = $(PACKAGES_GATES)
$(BUILD)/deps%stamp: Makefile tests/deps.sh
	@mkdir -p $(@D)
	@sh tests/deps.sh $(WANTED)
	@touch $@

clean:
	rm -rf $(BUILD)

help:
	@sed -n 's/^# //p;/^$$/q' Makefile

.PHONY: all run check tests hunt bench tidy format fuzz fuzzers install deps \
  man picture nightly mutants plugins clean help
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
