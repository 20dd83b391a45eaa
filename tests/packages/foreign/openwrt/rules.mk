# What OpenWrt's rules.mk sets, as far as our package relies on it; the rest comes from the test.
INCLUDE_DIR := $(TOPDIR)
TAR         := tar
CP          := cp -fpR
INSTALL_DIR := install -d -m0755
INSTALL_BIN := install -m0755
