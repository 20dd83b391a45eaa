# What Buildroot's package infrastructure does with a package, as far as ours rely on it: download, extract or
# rsync, configure, build, install into staging and target. Called with BR2_EXTERNAL_SUREL_PATH, BASE_DIR, DL_DIR,
# TARGET_CC and others set, and with a .config of Buildroot's in BR2_CONFIG.

include $(BR2_CONFIG)

BUILD_DIR   := $(BASE_DIR)/build
STAGING_DIR := $(BASE_DIR)/staging
TARGET_DIR  := $(BASE_DIR)/target
INSTALL     := install
TAR         := tar
TARGET_MAKE_ENV := PATH=$(PATH)

define sep


endef

pkgdir  = $(dir $(lastword $(MAKEFILE_LIST)))
upper   = $(shell echo '$(1)' | tr a-z- A-Z_)
generic-package = $(call inner,$(notdir $(patsubst %/,%,$(pkgdir))),$(call upper,$(notdir $(patsubst %/,%,$(pkgdir)))))

define inner
$(2)_DL_DIR := $$(DL_DIR)
$(1): $$(BUILD_DIR)/$(1)-$$($(2)_VERSION)/.stamp_installed
$$(BUILD_DIR)/$(1)-$$($(2)_VERSION)/.stamp_installed: $$(filter surel-libs,$$($(2)_DEPENDENCIES))
	mkdir -p $$(@D) $$(STAGING_DIR) $$(TARGET_DIR)
	$$(if $$(filter local,$$($(2)_SITE_METHOD)),\
		rsync -a $$($(2)_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS) --exclude .git $$($(2)_SITE)/ $$(@D),\
		cd $$(DL_DIR) && sed 's/#.*//; /LICENSE/d' $(dir $(lastword $(MAKEFILE_LIST)))$(1).hash | cut -d ' ' -f 3- >/dev/null && \
		tar -C $$(@D) --strip-components=1 -xf $$(DL_DIR)/$$($(2)_SOURCE))
	$$($(2)_CONFIGURE_CMDS)
	+$$($(2)_BUILD_CMDS)
	$$($(2)_INSTALL_STAGING_CMDS)
	$$(if $$(filter NO,$$($(2)_INSTALL_TARGET)),,$$($(2)_INSTALL_TARGET_CMDS))
	$$(if $$(filter NO,$$($(2)_INSTALL_TARGET)),,$$($(2)_INSTALL_INIT_SYSV))
	$$(if $$(filter NO,$$($(2)_INSTALL_TARGET)),,$$($(2)_INSTALL_INIT_SYSTEMD))
	touch $$@
endef

include $(BR2_EXTERNAL_SUREL_PATH)/external.mk
