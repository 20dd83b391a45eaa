################################################################################
#
# surel: built from the source that this external tree is a part of
#
################################################################################

SUREL_VERSION = $(shell cat $(BR2_EXTERNAL_SUREL_PATH)/../../daemon/VERSION)
SUREL_SITE = $(BR2_EXTERNAL_SUREL_PATH)/../..
SUREL_SITE_METHOD = local
# What was built there before is for another machine.
SUREL_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = --exclude /build --exclude /var --exclude /.config
SUREL_LICENSE = MIT
SUREL_LICENSE_FILES = LICENSE
SUREL_DEPENDENCIES = surel-libs cjson uthash zlib $(if $(BR2_PACKAGE_SUREL_HTTP),libqrencode)

SUREL_OPTIONS = TLS POP3 IMAP SMTP HTTP

define SUREL_CONFIGURE_CMDS
	$(foreach o,$(SUREL_OPTIONS),echo \
		'$(if $(BR2_PACKAGE_SUREL_$(o)),CONFIG_$(o)=y,# CONFIG_$(o) is not set)' \
		$(if $(filter TLS,$(o)),>,>>)$(@D)/.config$(sep))
	mkdir -p $(@D)/build/cache
	ln -sfn $(SUREL_LIBS_SOURCES) $(@D)/build/cache/source
endef

define SUREL_BUILD_CMDS
	$(TARGET_MAKE_ENV) SUREL_CACHE=$(@D)/build/cache $(MAKE) -C $(@D) -f daemon/Makefile \
		flavour=host BOARD= PROFILE= MBEDTLS=source \
		KCONFIG_CONF=$(BUILD_DIR)/buildroot-config/conf \
		CC="$(TARGET_CC)" AR="$(TARGET_AR)" \
		EXTRA_CFLAGS="$(TARGET_CFLAGS)" EXTRA_LDFLAGS="$(TARGET_LDFLAGS)"
endef

define SUREL_INSTALL_TARGET_CMDS
	$(INSTALL) -D -m 755 $(@D)/build/host/surel $(TARGET_DIR)/usr/bin/surel
	mkdir -p $(TARGET_DIR)/usr/sbin
	ln -sf ../bin/surel $(TARGET_DIR)/usr/sbin/sureld
	$(INSTALL) -D -m 644 $(@D)/firmware/debian/default $(TARGET_DIR)/etc/default/surel
endef

define SUREL_INSTALL_INIT_SYSV
	$(INSTALL) -D -m 755 $(BR2_EXTERNAL_SUREL_PATH)/package/surel/S80surel $(TARGET_DIR)/etc/init.d/S80surel
endef

define SUREL_INSTALL_INIT_SYSTEMD
	$(INSTALL) -D -m 644 $(@D)/firmware/debian/surel.service $(TARGET_DIR)/usr/lib/systemd/system/surel.service
endef

define SUREL_USERS
	surel -1 surel -1 * /var/lib/surel - - Surel mail server
endef

define SUREL_PERMISSIONS
	/var/lib/surel d 700 surel surel - - - - -
endef

$(eval $(generic-package))
