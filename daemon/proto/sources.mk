# Sources of layer proto/. See daemon/Makefile. A password is checked in any case, by what stands in
# sasl_password.c and scram.c.
sasl := $(filter-out proto/sasl_password.c,$(filter proto/sasl%,$(call sources_in,proto)))
srcs-y += $(filter-out $(sasl),$(call sources_in,proto))
srcs-$(CONFIG_SASL) += $(filter-out proto/sasl_none.c,$(sasl))
srcs-$(call not,$(CONFIG_SASL)) += proto/sasl_none.c
