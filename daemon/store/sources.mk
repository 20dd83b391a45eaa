# Sources of layer store/. See daemon/Makefile.
store := $(call sources_in,store)

store-add := append box_plan quota
journal-add := journal_append journal_copy journal_move journal_plan journal_reveal journal_tidy
# With memory or checks, which are for tests, there are several backends and media.
several := $(CONFIG_STORE_RAM)$(CONFIG_STORE_CHECKED)$(call not,$(CONFIG_STORE_JOURNAL))
store-left-out := $(if $(several),hooks_journal,hooks_any journal_ops) %_none $(if $(CONFIG_STORE_ADD),,$(store-add) $(journal-add))
store-left-out := $(store-left-out:%=store/%.c)

srcs-y += $(filter-out store/journal_% store/ram_% store/checked_% store/unchecked_% $(store-left-out),$(store))
srcs-$(call not,$(CONFIG_STORE_ADD)) += store/store_add_none.c
journal-check := store/journal_check.c store/journal_tool.c
srcs-$(CONFIG_STORE_JOURNAL) += $(filter-out store/journal_deflate.c $(journal-check) $(store-left-out),$(filter store/journal_%,$(store)))
srcs-$(CONFIG_STORE_JOURNAL) += store/journal_deflate$(if $(CONFIG_STORE_DEFLATE),,_none).c
srcs-$(and $(CONFIG_STORE_JOURNAL),$(call not,$(CONFIG_STORE_ADD))) += store/journal_add_none.c
srcs-$(and $(CONFIG_STORE_JOURNAL),$(CONFIG_CHECK)) += $(journal-check)
srcs-$(CONFIG_STORE_RAM) += $(filter store/ram_%,$(store))
srcs-$(CONFIG_STORE_CHECKED) += $(filter store/checked_%,$(store))
srcs-$(call not,$(CONFIG_STORE_CHECKED)) += $(filter store/unchecked_%,$(store))

store_backends-$(CONFIG_STORE_JOURNAL) += store_journal_ops
store_backends-$(CONFIG_STORE_RAM) += store_ram_ops
store_tools-$(and $(CONFIG_STORE_JOURNAL),$(CONFIG_CHECK)) += journal_tool
