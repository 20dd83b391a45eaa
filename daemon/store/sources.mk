# Sources of layer store/. See daemon/Makefile.
store := $(call sources_in,store)

srcs-y += $(filter-out store/journal_% store/ram_% store/checked_% store/unchecked_%,$(store))
srcs-$(CONFIG_STORE_JOURNAL) += $(filter store/journal_%,$(store))
srcs-$(CONFIG_STORE_RAM) += $(filter store/ram_%,$(store))
srcs-$(CONFIG_STORE_CHECKED) += $(filter store/checked_%,$(store))
srcs-$(call not,$(CONFIG_STORE_CHECKED)) += $(filter store/unchecked_%,$(store))

store_backends-$(CONFIG_STORE_JOURNAL) += store_journal_ops
store_backends-$(CONFIG_STORE_RAM) += store_ram_ops
store_tools-$(CONFIG_STORE_JOURNAL) += journal_tool
