# Sources of layer store/. See daemon/Makefile.
store := $(call sources_in,store)

srcs-y += $(filter-out store/journal_% store/ram_% store/checked_% store/unchecked_%,$(store))
journal-deflate := store/journal_deflate.c store/journal_deflate_none.c
journal-check := store/journal_check.c store/journal_tool.c
srcs-$(CONFIG_STORE_JOURNAL) += $(filter-out $(journal-deflate) $(journal-check),$(filter store/journal_%,$(store)))
srcs-$(CONFIG_STORE_JOURNAL) += store/journal_deflate$(if $(CONFIG_STORE_DEFLATE),,_none).c
srcs-$(and $(CONFIG_STORE_JOURNAL),$(CONFIG_CHECK)) += $(journal-check)
srcs-$(CONFIG_STORE_RAM) += $(filter store/ram_%,$(store))
srcs-$(CONFIG_STORE_CHECKED) += $(filter store/checked_%,$(store))
srcs-$(call not,$(CONFIG_STORE_CHECKED)) += $(filter store/unchecked_%,$(store))

store_backends-$(CONFIG_STORE_JOURNAL) += store_journal_ops
store_backends-$(CONFIG_STORE_RAM) += store_ram_ops
store_tools-$(and $(CONFIG_STORE_JOURNAL),$(CONFIG_CHECK)) += journal_tool
