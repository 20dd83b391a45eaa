# Sources of layer net/. See daemon/Makefile.
net-tls := net/stream_tls.c net/tls.c net/tls_house.c $(if $(CONFIG_TLS_FULL),net/tls_full.c,net/tls_small.c)
srcs-y += $(filter-out net/stream_tls.c net/tls%,$(call sources_in,net))
srcs-y += $(if $(CONFIG_TLS),$(net-tls),net/tls_none.c)
