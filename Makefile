# Surel. `make help` says what there is to do.

SUREL_CACHE ?= build/cache
export SUREL_CACHE

# All processors, unless the caller said how many.
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif

# The work is done by these two, in parallel; what stands here is done in turn.
.NOTPARALLEL:
daemon = +$(MAKE) --no-print-directory -f daemon/Makefile
tests  = +$(MAKE) --no-print-directory -f tests/Makefile

## Build build/host/surel for this machine
all: build/packages-build
	$(daemon) flavour=host

# --- tests --------------------------------------------------------------------------------------

# T=mail/test_header runs only the programs that have this in their path.
T ?=
chosen = $(if $(T),$(foreach p,$(1),$(if $(findstring $(T),$(p)),$(p))),$(1))
sources = $(patsubst tests/%.c,build/test/%,$(call chosen,$(sort $(shell find $(1) -name '$(2)' 2>/dev/null))))
replay = '$(1) $(1:build/test/fuzz/fuzz_%=tests/fuzz/corpus/%) $(1:build/test/fuzz/fuzz_%=tests/fuzz/kept/%)'

## Unit tests; T=mail/test_header for some of them
unit: build/packages-test
	$(tests) $(call sources,tests/$@,test_*.c)
	tests/run.py $(call sources,tests/$@,test_*.c)

## The store's contract, on every backend
## Power cuts at every write and sync
## Failing allocation at every call
contract powercut nomem: build/packages-test
	$(tests) $(call sources,tests/$@,*.c)
	tests/run.py $(call sources,tests/$@,*.c)

## Inputs that once were found by the fuzzers, replayed under the sanitizers
fuzz-replay: build/packages-test
	$(tests) $(call sources,tests/fuzz,fuzz_*.c)
	tests/run.py $(foreach p,$(call sources,tests/fuzz,fuzz_*.c),$(call replay,$(p)))

FUZZ_SECONDS ?= 20
## Look for new inputs that break a parser, FUZZ_SECONDS=20 for each; T=header for some of them
fuzz: build/packages-test
	$(tests) flavour=fuzz $(patsubst build/test/%,build/fuzz/%,$(call sources,tests/fuzz,fuzz_*.c))
	tests/fuzz/run.sh $(FUZZ_SECONDS) \
		$(patsubst build/test/fuzz/fuzz_%,%,$(call sources,tests/fuzz,fuzz_*.c))

# --- set-up -------------------------------------------------------------------------------------

build/packages-build: board/common/packages-build.txt
build/packages-test: board/common/packages-test.txt build/packages-build
build/packages-%:
	@mkdir -p build
	board/common/packages.sh $<
	@touch $@

.PHONY: all unit contract powercut nomem fuzz-replay fuzz
.DELETE_ON_ERROR:
