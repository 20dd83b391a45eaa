#include "bench/letters.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/wire.h"

static struct letter pool[LETTERS_POOL];

static const char *const words[] = {
	"the",    "of",      "harbour", "letter",  "we",    "and",      "kitchen", "morning",
	"to",     "invoice", "meeting", "a",       "in",    "garden",   "please",  "is",
	"that",   "for",     "boat",    "weather", "it",    "tomorrow", "with",    "children",
	"parcel", "at",      "by",      "window",  "from",  "question", "school",  "on",
	"answer", "be",      "station", "this",    "price", "winter",   "or",      "photograph",
};
enum { WORDS = sizeof(words) / sizeof(words[0]), LINE_OCTETS = 68 };

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void add(struct letter *l, size_t room, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(l->text + l->len, room - l->len, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= room - l->len)
		die("a letter outgrew its %zu octets", room);
	l->len += (size_t)n;
}

static void add_header(struct letter *l, size_t room, unsigned number, uint32_t *random)
{
	unsigned from = next_random(random) % 40, list = next_random(random) % 5;
	add(l, room, "Return-Path: <sender%u@example.net>\r\n", from);
	for (unsigned hop = 0; hop < 2; hop++)
		add(l, room,
		    "Received: from relay%u.example.net (relay%u.example.net [192.0.2.%u])\r\n"
		    "\tby mx%u.example.org (Postfix) with ESMTPS id %08X%04X\r\n"
		    "\tfor <reader@example.org>; Tue, 14 May 2024 09:%02u:%02u +0200 (CEST)\r\n",
		    hop, hop, 10 + hop, hop, next_random(random), number, number % 60, hop * 7);
	add(l, room, "From: \"Sender Number %u\" <sender%u@example.net>\r\n", from, from);
	add(l, room, "To: The Readers <list%u@example.org>, anna@example.com\r\n", list);
	add(l, room, "Cc: =?utf-8?q?B=C3=A4rbel?= <baerbel@example.com>\r\n");
	add(l, room, "Subject: Re: [list%u] %s %s %s %u%s\r\n", list,
	    words[next_random(random) % WORDS], words[next_random(random) % WORDS],
	    words[next_random(random) % WORDS], number, number % 50 == 7 ? " lighthouse" : "");
	add(l, room, "Date: Tue, 14 May 2024 09:%02u:%02u +0200\r\n", number % 60, number % 59);
	add(l, room, "Message-ID: <%08x.%u@example.net>\r\n", next_random(random), number);
	add(l, room, "In-Reply-To: <%08x.1@example.org>\r\n", next_random(random));
	add(l, room, "References: <%08x.0@example.org>\r\n\t<%08x.1@example.org>\r\n",
	    next_random(random), next_random(random));
	add(l, room, "List-Id: Readers <list%u.example.org>\r\nX-Mailer: Example Mailer 3.1\r\n",
	    list);
	add(l, room, "MIME-Version: 1.0\r\n");
}

/* Lines of prose until the letter has `until` octets, and one word that can be searched for. */
static void add_prose(struct letter *l, size_t room, size_t until, uint32_t *random, bool is_marked)
{
	size_t line_start = l->len;
	if (is_marked)
		add(l, room, "lighthouse ");
	while (l->len < until) {
		add(l, room, "%s ", words[next_random(random) % WORDS]);
		if (l->len - line_start >= LINE_OCTETS) {
			add(l, room, "\r\n");
			line_start = l->len;
		}
	}
	add(l, room, "\r\n");
}

static void add_base64(struct letter *l, size_t room, size_t until, uint32_t *random)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	while (l->len < until) {
		char line[77];
		for (int i = 0; i < 76; i++)
			line[i] = digits[next_random(random) & 63];
		line[76] = '\0';
		add(l, room, "%s\r\n", line);
	}
}

static void letter_make(struct letter *l, unsigned number, size_t size)
{
	size_t room = size + 4096;
	uint32_t random = 2463534242u + number * 7919u;
	bool has_attachment = size > 8192, is_marked = number % 100 == 3;
	l->len = 0;
	l->text = malloc(room);
	if (!l->text)
		die("no memory for a letter");
	add_header(l, room, number, &random);
	add(l, room, "Content-Type: multipart/%s; boundary=\"=-b%u\"\r\n\r\n",
	    has_attachment ? "mixed" : "alternative", number);
	size_t text_end = has_attachment ? l->len + 1500 : l->len + (size - l->len) / 2;
	add(l, room, "--=-b%u\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", number);
	add_prose(l, room, text_end - 80, &random, is_marked);
	if (has_attachment) {
		add(l, room,
		    "--=-b%u\r\nContent-Type: image/jpeg; name=\"harbour.jpg\"\r\n"
		    "Content-Disposition: attachment; filename=\"harbour.jpg\"\r\n"
		    "Content-Transfer-Encoding: base64\r\n\r\n",
		    number);
		add_base64(l, room, size - 80, &random);
	} else {
		add(l, room, "--=-b%u\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>",
		    number);
		add_prose(l, room, size - 30, &random, false);
	}
	add(l, room, "--=-b%u--\r\n", number);
}

void letters_make(unsigned size)
{
	static const unsigned mixed[10] = {2048, 20480,  2048, 2048, 20480,
					   2048, 204800, 2048, 2048, 20480};
	for (unsigned i = 0; i < LETTERS_POOL; i++)
		letter_make(&pool[i], i, size ? size : mixed[i % 10]);
}

const struct letter *letters_pick(unsigned client, unsigned k)
{
	return &pool[(client * 37 + k) % LETTERS_POOL];
}
