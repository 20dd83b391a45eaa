include $(sort $(wildcard $(BR2_EXTERNAL_SUREL_PATH)/package/*/*.mk))
