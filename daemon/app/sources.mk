# Sources of layer app/. See daemon/Makefile. The page is left out as a whole by CONFIG_HTTP=n.
page-parts := app/web% app/profile% app/client_config% app/autodiscover% app/qr_% app/xml_%
srcs-y += $(filter-out $(page-parts),$(call sources_in,app))
srcs-$(CONFIG_HTTP) += $(filter $(page-parts),$(call sources_in,app))
generated-$(CONFIG_HTTP) += web_assets
app_parts-$(CONFIG_HTTP) += web_part
