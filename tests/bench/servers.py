"""The servers that are measured: each with a configuration, ports and data of its own, started and ended by pid."""

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import threading

USERS = 12
PASSWORD = "secret"
START_SECONDS = 60
STOP_SECONDS = 20
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def free_ports(offsets):
    """A base such that base + offset is free on 127.0.0.1 for every offset."""
    for _ in range(200):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            base = min(probe.getsockname()[1], 64000)
        try:
            for offset in offsets:
                with socket.socket() as s:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    s.bind(("127.0.0.1", base + offset))
            return base
        except OSError:
            continue
    raise RuntimeError("no free ports")


def run_ns(pid):
    """Processor time of a process' living threads, nanoseconds; 0 when it is gone."""
    total = 0
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as f:
                total += int(f.read().split()[0])
    except OSError:
        pass
    return total


def stat_fields(pid):
    """The fields of /proc/PID/stat from the third on, None when the process is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
            return f.read().rpartition(")")[2].split()
    except OSError:
        return None


def born(pid):
    """When the process was started, which tells it from a later one of the same number."""
    fields = stat_fields(pid)
    return fields[19] if fields and fields[0] != "Z" else None


def family(pid):
    """The process and its living descendants."""
    children = {}
    for name in os.listdir("/proc"):
        fields = stat_fields(name) if name.isdigit() else None
        if fields:
            children.setdefault(int(fields[1]), []).append(int(name))
    found, new = [], [pid]
    while new:
        found.append(new.pop())
        new.extend(children.get(found[-1], []))
    return found


class Server:
    name = mail_fsync = None

    def __init__(self, disk):
        self.disk = disk
        self.data = os.path.join(disk.path, "data")
        self.process = None

    def cpu_us(self):
        """Of all its processes, those that have ended included."""
        total = 0
        for pid in family(self.process.pid):
            fields = stat_fields(pid)
            if fields:  # cutime and cstime: of children that ended and were waited for
                total += run_ns(pid) / 1e3 + (int(fields[13]) + int(fields[14])) * 1e6 / TICKS_PER_S
        return total

    def stop(self):
        """Asks it to end and waits until its last process is gone, so that the disk can be unmounted."""
        if not self.process:
            return
        members = {pid: born(pid) for pid in family(self.process.pid)}
        self.process.send_signal(signal.SIGTERM)
        gap = threading.Event()
        for _ in range(STOP_SECONDS * 20):
            self.process.poll()
            members = {pid: when for pid, when in members.items() if when and born(pid) == when}
            if not members:
                break
            gap.wait(0.05)
        for pid in members:
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None

    def log_tail(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as f:
                return f.read()[-2000:]
        except OSError:
            return ""


class Surel(Server):
    """Defaults, and the settings given."""

    binary = os.path.abspath(os.environ.get("SUREL", "build/host/surel"))
    ports = {"imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995, "smtp": 25, "submission": 587,
             "submissions": 465, "lmtp": 24, "http": 80, "https": 443}

    def __init__(self, disk, name="surel", settings=(), users=USERS, wrapper=()):
        super().__init__(disk)
        self.name, self.wrapper = name, wrapper
        self.log_path = os.path.join(disk.work, "surel.log")
        for key, value in settings:
            self.tool("set", key, str(value))
        for i in range(users):
            self.tool("user", "add", f"u{i}", input=PASSWORD + "\n")
        self.start()

    def tool(self, *args, input=None, timeout=600):
        return subprocess.run([self.binary, *args, "--data", self.data], input=input, text=True,
                              check=True, stdout=subprocess.PIPE, timeout=timeout).stdout

    def start(self):
        self.base = free_ports(self.ports.values())
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, self.binary, "daemon", "--data", self.data, "--port-base",
                 str(self.base), "--listen", "127.0.0.1", "--foreground"],
                stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL)
        watchdog = threading.Timer(START_SECONDS, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline().decode().strip()
        watchdog.cancel()
        if line != "surel: ready":
            self.process.wait()
            self.process = None
            raise RuntimeError("Surel did not start: " + self.log_tail())

    def port(self, service):
        return self.base + self.ports[service]


DOVECOT_CONF = """
base_dir = {run}
state_dir = {run}
log_path = {log}
protocols = imap pop3 lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
auth_cache_size = 1M
mail_location = {format}:~/mail
mail_fsync = {fsync}
mail_max_userip_connections = 0
first_valid_uid = 1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
default_process_limit = 1000
default_client_limit = 10000
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={mail_user} gid={mail_group} home={data}/%n
}}
service anvil {{
  chroot =
  client_limit = 4000
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 2
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  chroot =
  service_count = 0
  process_min_avail = 2
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service lmtp {{
  process_min_avail = 2
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""


class Dovecot(Server):
    """Login processes that serve many connections (its manual's high-performance mode); else its defaults."""

    binary = "/usr/sbin/dovecot"
    needs = [f"/usr/lib/dovecot/{part}" for part in ("imap", "pop3", "lmtp", "imap-login")]
    ports = {"imap": 1, "pop3": 2, "lmtp": 3}

    @classmethod
    def is_there(cls):
        return all(os.access(path, os.X_OK) for path in [cls.binary, *cls.needs])

    def __init__(self, disk, format, fsync):
        super().__init__(disk)
        self.name = f"{format} {fsync}"
        # A short path: its sockets lie there. Not on the measured device.
        self.run = os.path.join(disk.work, "run")
        self.log_path = os.path.join(disk.work, "dovecot.log")
        self.conf = os.path.join(disk.work, "dovecot.conf")
        os.makedirs(self.data)
        os.chmod(self.data, 0o777)
        self.base = free_ports(self.ports.values())
        self.configure(format, fsync)
        self.process = subprocess.Popen([self.binary, "-F", "-c", self.conf],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.wait_until_open()
        except RuntimeError:
            self.stop()
            raise

    def configure(self, format, fsync):
        me, my_group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
        is_root = os.geteuid() == 0
        with open(self.conf, "w", encoding="ascii") as f:
            f.write(DOVECOT_CONF.format(
                run=self.run, log=self.log_path, data=self.data, format=format, fsync=fsync,
                password=PASSWORD, internal="dovecot" if is_root else me,
                internal_group="dovecot" if is_root else my_group,
                login="dovenull" if is_root else me, mail_user="nobody" if is_root else me,
                mail_group="nogroup" if is_root else my_group,
                **{name: self.port(name) for name in self.ports}))

    def wait_until_open(self):
        gap = threading.Event()
        for _ in range(START_SECONDS * 20):
            if self.process.poll() is not None:
                break
            try:
                for name in self.ports:
                    socket.create_connection(("127.0.0.1", self.port(name)), 5).close()
                return
            except OSError:
                gap.wait(0.05)
        raise RuntimeError("Dovecot did not start: " + self.log_tail())

    def port(self, service):
        return self.base + self.ports[service]

    def stop(self):
        super().stop()
        shutil.rmtree(self.run, ignore_errors=True)
