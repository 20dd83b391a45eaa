# What OpenWrt's package.mk does with a package: look at what it wants to download, prepare, compile, install.
PKG_BUILD_DIR := $(BASE_DIR)/$(PKG_NAME)-$(PKG_VERSION)

define Download
$(call Download/$(1))
$$(if $$(and $$(FILE),$$(URL),$$(HASH)),,$$(error $(1) lacks FILE, URL or HASH))
endef

define BuildPackage
$(call Package/$(1))
$$(if $$(and $$(SECTION),$$(CATEGORY),$$(TITLE)),,$$(error package $(1) lacks something))
compile:
	$$(call Build/Prepare)
	$$(call Build/Configure)
	$$(call Build/Compile)
	$$(call Package/$(1)/install,$$(BASE_DIR)/root)
metadata:
	@echo 'DEPENDS=$$(DEPENDS) USERID=$$(USERID)'
endef
