################################################################################
#
# surel-libs: sources, as Surel's own scripts look for them; nothing for the target
#
################################################################################

SUREL_LIBS_VERSION = 3.6.7
# A mirror of Debian's archive: the one that was named, else the one that this machine uses itself.
SUREL_LIBS_MIRROR = $(or $(call qstrip,$(BR2_PACKAGE_SUREL_LIBS_MIRROR)),$(firstword $(shell \
	apt-get indextargets --format '$$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | grep -v security)))
SUREL_LIBS_SITE = $(patsubst %/,%,$(SUREL_LIBS_MIRROR))/pool/main/m/mbedtls
SUREL_LIBS_SOURCE = mbedtls_$(SUREL_LIBS_VERSION).orig.tar.bz2
SUREL_LIBS_PICOHTTPPARSER_VERSION = 1.2+ds
SUREL_LIBS_PICOHTTPPARSER_SOURCE = libpicohttpparser_$(SUREL_LIBS_PICOHTTPPARSER_VERSION).orig.tar.xz
SUREL_LIBS_EXTRA_DOWNLOADS = $(patsubst %/,%,$(SUREL_LIBS_MIRROR))/pool/main/libp/libpicohttpparser/$(SUREL_LIBS_PICOHTTPPARSER_SOURCE)
SUREL_LIBS_LICENSE = Apache-2.0 or GPL-2.0+ (mbedtls), MIT (picohttpparser)
SUREL_LIBS_LICENSE_FILES = LICENSE
SUREL_LIBS_INSTALL_STAGING = YES
SUREL_LIBS_INSTALL_TARGET = NO
SUREL_LIBS_SOURCES = $(STAGING_DIR)/usr/share/surel-libs/source

# $(1): name, $(2): version
define SUREL_LIBS_MANIFEST
	printf 'name: %s\nversion: %s\n' $(1) $(2) >$(SUREL_LIBS_SOURCES)/$(1)/MANIFEST
endef

define SUREL_LIBS_INSTALL_STAGING_CMDS
	rm -rf $(SUREL_LIBS_SOURCES)
	mkdir -p $(SUREL_LIBS_SOURCES)/mbedtls/tree $(SUREL_LIBS_SOURCES)/libpicohttpparser/tree
	cp -R $(@D)/include $(@D)/library $(@D)/LICENSE $(SUREL_LIBS_SOURCES)/mbedtls/tree/
	$(TAR) -C $(SUREL_LIBS_SOURCES)/libpicohttpparser/tree --strip-components=1 \
		-xf $(SUREL_LIBS_DL_DIR)/$(SUREL_LIBS_PICOHTTPPARSER_SOURCE)
	$(call SUREL_LIBS_MANIFEST,mbedtls,$(SUREL_LIBS_VERSION))
	$(call SUREL_LIBS_MANIFEST,libpicohttpparser,$(SUREL_LIBS_PICOHTTPPARSER_VERSION))
endef

$(eval $(generic-package))
