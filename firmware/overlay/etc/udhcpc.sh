#!/bin/sh
# udhcpc.sh EVENT: what the network's DHCP server has said is put into force. Run by udhcpc.
# shellcheck disable=SC2154 # udhcpc sets them: interface, ip, mask, router, dns
case $1 in
deconfig)
	ip address flush dev "$interface"
	ip link set "$interface" up ;;
bound | renew)
	ip address flush dev "$interface"
	ip address add "$ip/$mask" dev "$interface"
	for address in $router; do
		ip route replace default via "$address" dev "$interface"
		break
	done
	for address in $dns; do echo "nameserver $address"; done >/run/resolv.conf
	echo "The network: $ip" >/dev/console ;;
esac
