"""A small independent reader of IMAP responses: parenthesised lists, strings, literals, NIL."""


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def value(self):
        while self.data[self.at:self.at + 1] == b" ":
            self.at += 1
        c = self.data[self.at:self.at + 1]
        if c == b"(":
            return self.list()
        if c == b'"':
            return self.quoted()
        if c == b"{":
            end = self.data.index(b"}\r\n", self.at)
            size = int(self.data[self.at + 1:end])
            self.at = end + 3 + size
            return self.data[end + 3:self.at]
        return self.atom()

    def list(self):
        items = []
        self.at += 1
        while True:
            while self.data[self.at:self.at + 1] == b" ":
                self.at += 1
            if self.data[self.at:self.at + 1] == b")":
                self.at += 1
                return items
            items.append(self.value())

    def quoted(self):
        out = bytearray()
        self.at += 1
        while self.data[self.at] != 0x22:
            if self.data[self.at] == 0x5C:
                self.at += 1
            out.append(self.data[self.at])
            self.at += 1
        self.at += 1
        return bytes(out)

    def atom(self):
        start = self.at
        depth = 0
        while self.at < len(self.data):
            c = self.data[self.at:self.at + 1]
            if c == b"[":
                depth += 1
            elif c == b"]":
                depth -= 1
            elif depth == 0 and c in b" ()\r\n":
                break
            self.at += 1
        word = self.data[start:self.at]
        if word.upper() == b"NIL":
            return None
        return int(word) if word.isdigit() else Atom(word)


class Atom(bytes):
    """A word that was not a string."""


def fetch_items(data):
    """imaplib's FETCH data -> {sequence number: {item name: value}}."""
    whole = b""
    for item in data:
        if isinstance(item, tuple):
            whole += item[0] + b"\r\n" + item[1]
        elif item:
            whole += item + b"\r\n"
    found = {}
    reader = Reader(whole)
    while reader.at < len(whole):
        while whole[reader.at:reader.at + 1] in (b"\r", b"\n", b" ") and reader.at < len(whole):
            reader.at += 1
        if reader.at >= len(whole):
            break
        number = reader.atom()
        pairs = reader.value()
        found.setdefault(number, {}).update(
            {bytes(k).upper().decode(): v for k, v in zip(pairs[::2], pairs[1::2])})
    return found
