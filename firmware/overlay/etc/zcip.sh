#!/bin/sh
# zcip.sh EVENT: an address of the kind that needs no server. Run by zcip.
# shellcheck disable=SC2154 # zcip sets them: interface, ip
. /lib/board.sh
[ "$1" = config ] || exit 0
ip address add "$ip/16" dev "$interface"
say "The network: no DHCP server answers; this board is $ip"
