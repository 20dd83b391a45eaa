# Surel. `make help` says what there is to do.

# Where fetched sources and the libraries built from them are kept.
SUREL_CACHE ?= build/cache
export SUREL_CACHE

# All processors, unless the caller said how many.
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif

# The work is done by these two, in parallel; what stands here is done in turn.
.NOTPARALLEL:
daemon = +@$(MAKE) --no-print-directory -f daemon/Makefile
tests  = +@$(MAKE) --no-print-directory -f tests/Makefile

# BOARD=name builds for board/name what would be built for this machine; PROFILE=tiny with the options
# of board/common/tiny.config, VERSION=number another version than daemon/VERSION says, for a test of
# updates; each into a directory of its own.
out := build/$(or $(BOARD),host)$(PROFILE:%=-%)$(VERSION:%=-%)
ifdef BOARD
ifeq ($(wildcard board/$(BOARD)/board.conf),)
$(error There is no board/$(BOARD)/board.conf; there are: $(patsubst board/%/board.conf,%,$(wildcard board/*/board.conf)))
endif
endif

## Build build/host/surel for this machine; BOARD=name: build/name/surel, static, for that board
all: build/packages-build $(if $(BOARD),build/packages-board-$(BOARD))
	$(daemon) flavour=host

## Build Surel and start it on unprivileged ports, with its data in ./var
run: all
	@exec board/host/run.sh

## Bytes of each part of what was built; BOARD=name: fails above its budget, with PROFILE=tiny above that's
size: all
	@python3 -B board/common/size.py $(out) $(BOARD) $(PROFILE)

# --- options ------------------------------------------------------------------------------------

kconfig = @KCONFIG_CONFIG=.config kconfig-

## Choose what to build from menus
menuconfig: build/packages-build
	$(kconfig)mconf Kconfig

## Choose the defaults; allnoconfig, allyesconfig: nothing, everything
defconfig: build/packages-build
	$(kconfig)conf --alldefconfig Kconfig
allnoconfig allyesconfig: build/packages-build
	$(kconfig)conf --$@ Kconfig

## Measure what each option adds and write it into its prompt; kconfig-sizes-check only compares
kconfig-sizes kconfig-sizes-check: build/packages-build
	+@daemon/kconfig-sizes.sh $(if $(findstring check,$@),--check)

# --- tests --------------------------------------------------------------------------------------

# T=mail/test_header chooses the programs and scripts that have this, or one of these, in their path.
T ?=
chosen   = $(if $(T),$(foreach p,$(1),$(if $(strip $(foreach t,$(T),$(findstring $(t),$(p)))),$(p))),$(1))
programs = $(patsubst tests/%.c,build/test/%,$(call chosen,$(sort \
	$(shell find $(1) -name '$(2)' 2>/dev/null))))

unit     := $(call programs,tests/unit,test_*.c)
contract := $(call programs,tests/contract,*.c)
powercut := $(call programs,tests/powercut,*.c)
nomem    := $(call programs,tests/nomem,*.c)
dialog   := $(call programs,tests/dialog,*.c)
fuzz     := $(call programs,tests/fuzz,fuzz_*.c)
parsers  := $(fuzz:build/test/fuzz/fuzz_%=%)
e2e      := $(call chosen,$(wildcard tests/e2e/test_*.py))
lint     := $(call chosen,$(patsubst %,tests/lint/%.sh,tidy cppcheck layers habits format scripts options))

# What the runner is given: one word, quoted, for each program with its arguments.
dialogs  := $(dialog:%='% tests/dialog')
replays  := $(foreach p,$(parsers),'build/test/fuzz/fuzz_$(p) tests/fuzz/corpus/$(p) tests/fuzz/kept/$(p)')
run       = @tests/run.py

## Everything a commit must pass: lint, unit, contract, powercut, nomem, dialog, fuzz-replay, e2e
test: all lint-ready
	$(tests) programs
	$(run) $(lint) $(unit) $(contract) $(powercut) $(nomem) $(dialogs) $(replays) $(e2e)

## Unit tests; T=mail/test_header for some of them
unit: build/packages-test
	$(tests) $(unit)
	$(run) $(unit)

## The store's contract, on every backend
contract: build/packages-test
	$(tests) $(contract)
	$(run) $(contract)

## A power cut at every write and sync
powercut: build/packages-test
	$(tests) $(powercut)
	$(run) $(powercut)

## A failing allocation at every call
nomem: build/packages-test
	$(tests) $(nomem)
	$(run) $(nomem)

## Protocol dialogues, whole and byte by byte
dialog: build/packages-test
	$(tests) $(dialog)
	$(run) $(dialogs)

## The real binary and real mail clients; T=test_imap for some of them
e2e: all build/packages-test
	$(run) $(e2e)

## The same with a binary that AddressSanitizer and UBSan watch: slower, and sees more
e2e-sanitized: build/packages-test
	$(tests) build/test/surel
	$(run) $(e2e:%='SUREL=build/test/surel %')

## Inputs that once broke a parser, and seeds, under the sanitizers
fuzz-replay: build/packages-test
	$(tests) $(fuzz)
	$(run) $(replays)

FUZZ_SECONDS ?= 20
## Look for inputs that break a parser, FUZZ_SECONDS=20 for each; T=fuzz_header for some of them
fuzz: build/packages-test
	$(tests) flavour=fuzz $(parsers:%=build/fuzz/fuzz/fuzz_%)
	@tests/fuzz/run.sh $(FUZZ_SECONDS) $(parsers)

## Layers, habits, format, clang-tidy, cppcheck, shellcheck, all-yes and all-no builds
lint: lint-ready
	$(run) $(lint)

# The other compiler's build, whose flags the lints use, and the one without any option.
lint-ready: build/packages-test
	$(daemon) flavour=clang
	$(daemon) flavour=allno

## Lay out every .c file as .clang-format says
format: build/packages-test
	git ls-files -co --exclude-standard '*.c' | xargs clang-format-19 -i

# --- a board's own code -------------------------------------------------------------------------

# What cannot be run under a board's emulator: not-emulated-BOARD := patterns, with the reason above it.

ifdef BOARD
emulator  := $(shell . board/$(BOARD)/board.conf && echo $$emulator)
emulator  := $(if $(findstring /,$(emulator)),$(CURDIR)/)$(emulator)
emulated   = $(patsubst build/test/%,build/$(BOARD)-test/%,$(filter-out $(not-emulated-$(BOARD)),$(unit) $(contract) $(powercut)))
# Those end-to-end tests that neither measure nor drive another program; under an emulator as well.
board-e2e := $(filter-out $(not-emulated-$(BOARD)),$(call chosen,$(patsubst %,tests/e2e/test_%.py,\
	format delivery policy_pop3 imap_policy backup agree crash hostile setting tool corpus)))
endif
ring      := $(call chosen,tests/e2e/test_exchange.py)
# SHARE=8: of cut points, random days and cells of policies only every 8th; the last lines say so.
SHARE ?= 1
emulated-run = tests/run.py --timeout 3000 $(if $(emulator),--under $(emulator)) --share $(SHARE)

## Build what is committed for BOARD=name a second time, elsewhere: the same bytes?
reproduce: all
	$(if $(BOARD),,$(error Which one? make BOARD=name reproduce))
	@board/common/reproduce.sh $(BOARD)

## Unit, contract and power-cut tests of BOARD=name under its emulator; its journal on other machines
board-test: emulated
	$(tests) flavour=test $(emulated)
	+@$(MAKE) --no-print-directory -f daemon/Makefile flavour=host BOARD=
	@$(emulated-run) $(emulated) $(board-e2e:%='SUREL=$(out)/emulated %') $(ring:%='OTHERS=$(out)/emulated %')

# The daemon of BOARD=name as a program of this machine.
emulated: all build/packages-board-test
	$(if $(BOARD),,$(error Which one? make BOARD=name $(or $(filter board-test,$(MAKECMDGOALS)),emulated)))
	@printf '#!/bin/sh\nexec %s "$${0%%/*}/surel" "$$@"\n' '$(emulator)' >$(out)/emulated
	@chmod +x $(out)/emulated

BOARDS ?= qemu-mips qemu-armv7 qemu-aarch64
## One data directory handed round among this machine and BOARDS="...", each losing its power
exchange: all
	+@for board in $(BOARDS); do $(MAKE) --no-print-directory BOARD=$$board emulated || exit; done
	$(run) 'OTHERS="$(BOARDS:%=build/%/emulated)" tests/e2e/test_exchange.py'

# --- firmware -----------------------------------------------------------------------------------

# Boards that QEMU can play say how in board/NAME/firmware.conf.
image-boards := $(patsubst board/%/firmware.conf,%,$(wildcard board/*/firmware.conf))
board-wanted  = $(if $(filter $(BOARD),$(image-boards)),,$(error say which board: BOARD=$(subst $() ,|,$(image-boards))))

# ROOT_FS=squashfs and DATA_FS=f2fs or ubifs make another image, beside the board's own.
image-dir = build/$(BOARD)/image$(ROOT_FS:%=-%)$(DATA_FS:%=-%)

## BOARD=qemu-aarch64: kernel, root file system and disk in build/BOARD/image; ROOT_FS=, DATA_FS=
image: all build/packages-firmware
	$(board-wanted)@firmware/image.sh $(BOARD)

## BOARD=...: a signed update, build/BOARD/image/surel-BOARD-VERSION.update; VERSION=1.2.3 for a test; KERNEL=yes
update: image
	@mkdir -p build/$(BOARD)/image
	@firmware/update.sh $(BOARD)

## BOARD=...: boot the image in QEMU, its ports on 127.0.0.1 at PORT_BASE=20000 + their number
qemu: image
	@exec env IMAGE=$(image-dir) firmware/run.sh $(BOARD)

# What a person does and what a power cut does is tried with every file system, how another system takes
# over from each kind of root.
qemu-tests = $(call chosen,$(if $(ROOT_FS)$(DATA_FS),$(patsubst %,tests/qemu/test_%.py,board power $(if \
	$(ROOT_FS),update)),$(wildcard tests/qemu/test_*.py)))

## BOARD=...: boot it, set it up, use it, cut its power; QEMU_CUTS=10 times, QEMU_POINTS=8 replays
qemu-test: image
	$(run) --jobs 1 --timeout 1800 $(qemu-tests:%='SUREL=build/$(BOARD)/surel BOARD=$(BOARD) IMAGE=$(image-dir) %')

# --- packages -----------------------------------------------------------------------------------

# Debian's architectures and the boards whose static program they get. armhf gets the one for ARMv6,
# since that is what Raspberry Pi OS calls armhf on the oldest Pis.
ARCHS ?= amd64 arm64 armhf
deb-board-amd64 := qemu-x86_64
deb-board-arm64 := qemu-aarch64
deb-board-armhf := raspberrypi-armv6

## Debian packages in build/deb; ARCHS="amd64 arm64 armhf" chooses
deb: $(ARCHS:%=deb-%)
$(foreach a,amd64 arm64 armhf,$(eval deb-$(a): build/packages-build build/packages-board-$(deb-board-$(a))))
deb-%:
	$(daemon) flavour=host BOARD=$(deb-board-$*) PROFILE= VERSION=
	@firmware/debian/build.sh $(deb-board-$*) $*

# Routers of the most usual kind, unless a board is named.
ipk-board := $(or $(BOARD),qemu-mipsel)

## BOARD=qemu-mipsel: packages for OpenWrt in build/ipk
ipk: build/packages-build build/packages-board-$(ipk-board)
	$(daemon) flavour=host BOARD=$(ipk-board) PROFILE= VERSION=
	@firmware/openwrt/build.sh $(ipk-board)

## The packages' contents, and their life in a fresh Debian and in a stand-in for a router (as root)
package-test: deb-amd64 ipk build/packages-package-test
	$(run) $(call chosen,$(wildcard tests/packages/test_*.py))

## The profiles tiny and bare, built for this machine and used
profile-test: build/packages-build build/packages-test
	$(MAKE) BOARD= PROFILE=tiny
	$(MAKE) BOARD= PROFILE=bare
	$(MAKE) BOARD=
	$(run) $(foreach p,tiny bare,'PROFILE=$(p) SUREL=build/host-$(p)/surel tests/e2e/small_profile.py')

# --- measurements -------------------------------------------------------------------------------

BENCH_SECONDS ?= 540
## Surel beside Dovecot on one disk: rates, CPU, bytes written; in at most BENCH_SECONDS=540
bench: all build/bench/load
	@board/common/packages.sh board/common/packages-bench.txt || echo "Measuring without Dovecot."
	@python3 -B tests/bench/bench.py --seconds $(BENCH_SECONDS) $(BENCH_ARGS)

## Memory of accounts and of idle connections; start and SELECT with 100,000 messages
bench-footprint: all build/bench/load
	@python3 -B tests/bench/footprint.py $(BENCH_ARGS)

# Without sanitizers, which would be measured too.
build/bench/load: $(wildcard tests/bench/*.c tests/bench/*.h)
	@mkdir -p $(@D)
	@printf '  %-8s %s\n' LINK $@
	@$(CC) -std=c11 -D_GNU_SOURCE -O2 -g -pthread -Wall -Wextra -Wshadow -Itests -o $@ $(filter %.c,$^)

# --- set-up and clean-up ------------------------------------------------------------------------

# Debian packages that are not there yet are installed, once for each state of the lists.
build/packages-build: board/common/packages-build.txt
build/packages-test: board/common/packages-test.txt build/packages-build
build/packages-firmware: board/common/packages-firmware.txt build/packages-build
build/packages-board-%: board/%/board.conf board/common/packages.sh
	@mkdir -p build
	@. board/$*/board.conf; printf '%s\n' $$packages >$@.txt
	@board/common/packages.sh $@.txt
	@touch $@
build/packages-%: board/common/packages.sh
	@mkdir -p build
	@board/common/packages.sh board/common/packages-$*.txt
	@touch $@

## Remove what was built, but not what was fetched
clean:
	find build -mindepth 1 -maxdepth 1 ! -name cache -exec rm -rf {} + 2>/dev/null || :

## Remove that too, and the options chosen; the mail in ./var stays
distclean:
	rm -rf build .config .config.old

## This list
help:
	@awk '/^## / { text = substr($$0, 4) } \
		/^[a-z][a-z0-9 -]*:/ && text { sub(/:.*/, ""); printf "  make %-15s %s\n", $$1, text; text = "" }' \
		Makefile

.PHONY: all run size menuconfig defconfig allnoconfig allyesconfig kconfig-sizes \
	kconfig-sizes-check test unit contract powercut nomem dialog e2e e2e-sanitized fuzz-replay \
	board-test emulated exchange reproduce fuzz lint lint-ready format image update qemu qemu-test deb ipk \
	package-test profile-test bench bench-footprint clean distclean help
.DELETE_ON_ERROR:
