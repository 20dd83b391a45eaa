# Sources of layer store/. See daemon/Makefile.
store-all := $(call sources_in,store)
store-ram      := $(filter store/ram_%,$(store-all))
store-checked  := $(filter store/checked_%,$(store-all))

srcs-y += $(filter-out $(store-ram) $(store-checked),$(store-all))
srcs-$(CONFIG_STORE_RAM) += $(store-ram)
srcs-$(CONFIG_STORE_CHECKED) += $(store-checked)
