# Sources of layer app/. See daemon/Makefile. Each option has the names of the files that it leaves
# out; where something else still asks for one of them, NAME_none.c answers.
leaves-out-HTTP          := web% profile% client_config% autodiscover% qr_% advice% multipart help_page \
	recent_logins login_note page_door
leaves-out-TOOL          := admin admin_device admin_password admin_setting appliance_change appliance_drop cli_ask \
	cli_commands cli_device cli_help cli_password control long_session netstring password_check pop3_window \
	setting_text status status_% tool_%
leaves-out-TLS           := certificate
leaves-out-SMTP          := deliver
leaves-out-IMPORT        := import_%
leaves-out-BACKUP        := backup% restore% archive_% export_% tar% mbox_write id_set \
	web_backup web_restore
leaves-out-CHECK         := check_%
leaves-out-EXPIRY        := expiry%
leaves-out-HISTORY       := history%
leaves-out-QUOTA_NOTICES := quota_watch notice_mail
leaves-out-STATUS_JSON   := status_model model%
leaves-out-SYSTEM        := system% update% web_system%
leaves-out-SASL          := auth_scram
app-options := TOOL TLS HTTP SMTP IMPORT BACKUP CHECK EXPIRY HISTORY QUOTA_NOTICES STATUS_JSON SYSTEM SASL
# What goes on for long beside the sessions, and who does such a thing.
app-long := $(CONFIG_TOOL)$(CONFIG_EXPIRY)$(CONFIG_QUOTA_NOTICES)
app-left-out := $(if $(app-long),,errand) $(if $(CONFIG_BACKUP)$(CONFIG_CHECK)$(CONFIG_EXPIRY),,mail_walk) $(foreach o,$(app-options),$(if $(CONFIG_$(o)),,$(leaves-out-$(o)))) $(if $(CONFIG_POP3),,expiry_pop3)

# Where POP3 is all that is served, other settings have nobody who obeys them.
app-pop3-only := $(if $(CONFIG_TOOL)$(CONFIG_TLS)$(CONFIG_IMAP)$(CONFIG_SMTP)$(CONFIG_EXPIRY)$(CONFIG_HISTORY)$(CONFIG_QUOTA_NOTICES)$(CONFIG_STORE_DEFLATE),,y)
app-left-out += $(if $(app-pop3-only),setting_table appliance_place,setting_table_few)

srcs-y += $(filter-out app/%_none.c $(app-left-out:%=app/%.c),$(call sources_in,app))
srcs-$(app-pop3-only) += app/appliance_place_none.c
srcs-$(call not,$(CONFIG_TOOL)) += app/cli_help_none.c app/setting_text_none.c
srcs-$(call not,$(CONFIG_TLS)) += app/certificate_none.c
srcs-$(call not,$(CONFIG_HTTP)) += app/help_none.c app/recent_logins_none.c app/login_note_none.c app/page_door_none.c
srcs-$(call not,$(CONFIG_SMTP)) += app/deliver_none.c
srcs-$(call not,$(CONFIG_EXPIRY)) += app/expiry_none.c
srcs-$(and $(CONFIG_EXPIRY),$(call not,$(CONFIG_POP3))) += app/expiry_pop3_none.c
srcs-$(call not,$(CONFIG_HISTORY)) += app/history_none.c
srcs-$(call not,$(CONFIG_QUOTA_NOTICES)) += app/quota_watch_none.c
srcs-$(and $(CONFIG_TOOL),$(call not,$(CONFIG_STATUS_JSON))) += app/status_model_none.c
srcs-$(call not,$(CONFIG_SYSTEM)) += app/system_none.c
srcs-$(call not,$(CONFIG_SASL)) += app/auth_scram_none.c
generated-$(CONFIG_HTTP) += web_assets
# Templates and texts that no page of this build asks for.
web-left-out := $(if $(CONFIG_SYSTEM),,system updated restarting rescue)

# In the order in which they start.
app_parts-$(CONFIG_TOOL) += admin_part
app_parts-$(CONFIG_TLS) += certificate_part
app_parts-$(CONFIG_TOOL) += tool_part
app_parts-$(if $(app-long),y) += errand_part
app_parts-$(CONFIG_HISTORY) += history_part
app_parts-$(CONFIG_QUOTA_NOTICES) += quota_part
app_parts-$(CONFIG_EXPIRY) += expiry_part
app_parts-$(CONFIG_SYSTEM) += system_part
app_parts-$(CONFIG_HTTP) += web_part

# In the order in which `surel help` lists them.
cli_commands-$(call not,$(CONFIG_TOOL)) += tool_version
cli_commands-y += tool_daemon
cli_commands-$(CONFIG_TOOL) += tool_user
cli_commands-$(CONFIG_HTTP) += tool_admin
cli_commands-$(CONFIG_TOOL) += tool_set tool_get tool_status
cli_commands-$(CONFIG_IMPORT) += tool_import
cli_commands-$(CONFIG_BACKUP) += tool_backup tool_restore tool_export
cli_commands-$(CONFIG_CHECK) += tool_check
cli_commands-$(CONFIG_SYSTEM) += tool_system
cli_commands-$(CONFIG_TOOL) += tool_version tool_help
long_commands-$(CONFIG_IMPORT) += long_import
long_commands-$(CONFIG_CHECK) += long_check
long_commands-$(CONFIG_BACKUP) += long_backup long_restore

# In the order in which they are asked; the profiles stand before the mailboxes.
site_tables-$(CONFIG_HTTP) += web_asset_routes web_setup_routes web_login_routes web_autoconfig_routes \
	web_policy_routes web_setting_routes web_user_routes web_status_routes
site_tables-$(and $(CONFIG_HTTP),$(CONFIG_BACKUP)) += web_backup_routes
site_tables-$(CONFIG_HTTP) += web_connect_routes
site_tables-$(CONFIG_SYSTEM) += web_system_routes
