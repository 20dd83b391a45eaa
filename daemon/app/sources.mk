# Sources of layer app/. See daemon/Makefile. The page is left out as a whole by CONFIG_HTTP=n.
srcs-y += $(filter-out app/web% app/expiry_pop3%,$(call sources_in,app))
srcs-$(CONFIG_POP3) += app/expiry_pop3.c
srcs-$(call not,$(CONFIG_POP3)) += app/expiry_pop3_none.c
app_parts-y += expiry_part
srcs-$(CONFIG_HTTP) += $(filter app/web%,$(call sources_in,app))
generated-$(CONFIG_HTTP) += web_assets
app_parts-$(CONFIG_HTTP) += web_part
