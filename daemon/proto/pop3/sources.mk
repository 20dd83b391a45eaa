# The POP3 server, left out as a whole by CONFIG_POP3=n. See daemon/Makefile. What it notes with a
# mailbox is understood in any case.
pop3-notes := $(patsubst %,proto/pop3/pop3_%.c,bytes note runs state)
srcs-y += $(pop3-notes)
pop3-options := $(patsubst %,proto/pop3/pop3_%.c,auth stls lang text_id text_all text_few move move_none)
srcs-$(CONFIG_POP3) += $(filter-out $(pop3-notes) $(pop3-options),$(call sources_in,proto/pop3))
protocols-$(CONFIG_POP3) += pop3_protocol

pop3-more := $(strip $(if $(CONFIG_SASL),auth) $(if $(CONFIG_TLS),stls) $(if $(CONFIG_SECOND_LANGUAGE),lang))
srcs-$(CONFIG_POP3) += $(patsubst %,proto/pop3/pop3_%.c,$(pop3-more) $(if $(CONFIG_SECOND_LANGUAGE),text_id) move$(if $(CONFIG_STORE_ADD),,_none) text_$(if $(pop3-more),all,few))
pop3_more_verbs-$(CONFIG_POP3) += $(if $(CONFIG_SASL),pop3_verb_apop) $(pop3-more:%=pop3_verb_%)
