"""Ways in which a notebook could try to get at what it may not: each is a piece of code that a kernel runs.

A way that has come through leaves something true in `got`. They are run twice: within the wall, where every one must be refused
by the system, and without it, where every one must come through, so that none is refused for another reason.
"""

from __future__ import annotations

PREPARED = """
import ctypes, errno, json, os, socket, subprocess, sys, tempfile, threading
import pyarrow as pa, pyarrow.csv, pyarrow.dataset, pyarrow.parquet as pq, pandas as pd
ROOT = os.getcwd()
SECRET, TABLE, LEDGER = (f"{ROOT}/restricted/demo/secret/{name}" for name in ("numbers.csv", "numbers.parquet", "ledger.sqlite"))
FOLDER = os.path.dirname(SECRET)
OWN = tempfile.mkdtemp()
libc = ctypes.CDLL(None, use_errno=True)

def call(number, *arguments):
    answer = libc.syscall(number, *(ctypes.c_long(one) if isinstance(one, int) else one for one in arguments))
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return answer

def in_a_fork(work):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, repr(work()).encode()[:100])
        except BaseException as wrong:
            os.write(writing, ("!" + repr(wrong)).encode()[:100])
        os._exit(0)
    os.close(writing)
    told = os.read(reading, 100).decode()
    os.close(reading)
    os.waitpid(child, 0)
    if told.startswith("!"):
        raise PermissionError(told)
    return told
"""

READING = {
    "open": "got = open(SECRET).read()",
    "pandas": "got = len(pd.read_parquet(TABLE))",
    "pyarrow table": "got = len(pq.read_table(TABLE))",
    "pyarrow data set": "got = len(pa.dataset.dataset(FOLDER, format='parquet', exclude_invalid_files=True).to_table())",
    "pyarrow csv": "got = len(pa.csv.read_csv(SECRET))",
    "pyarrow memory map": "got = pa.memory_map(SECRET).read()",
    "pyarrow file system": "got = pa.fs.LocalFileSystem().get_file_info(pa.fs.FileSelector(FOLDER))",
    "sqlite": "import sqlite3\ngot = sqlite3.connect(LEDGER).execute('select * from numbers').fetchall()",
    "duckdb by its inner name": "import _duckdb\ngot = _duckdb.connect().execute(f\"select * from '{TABLE}'\").fetchall()",
    "a program": "got = subprocess.run(['/bin/cat', SECRET], capture_output=True, check=True).stdout",
    "a shell": "got = subprocess.run('head ' + SECRET, shell=True, capture_output=True, check=True).stdout",
    "python again": (
        "again = [sys.executable, '-c', f'print(open({SECRET!r}).read())']\n"
        "got = subprocess.run(again, capture_output=True, check=True).stdout"
    ),
    "relative to a folder": "got = os.read(os.open('numbers.csv', 0, dir_fd=os.open(FOLDER, os.O_PATH)), 99)",
    "the folder first": "os.chdir(FOLDER)\ntry:\n    got = open('numbers.csv').read()\nfinally:\n    os.chdir(ROOT)",
    "a hard link": "os.link(SECRET, OWN + '/link')\ngot = open(OWN + '/link').read()",
    "a symbolic link": "os.symlink(SECRET, OWN + '/linked')\ngot = open(OWN + '/linked').read()",
    "a place without reading, then its number": (
        "place = os.open(SECRET, os.O_PATH)\ngot = open(f'/proc/self/fd/{place}').read()"
    ),
    "by way of /proc/self/root": "got = open('/proc/self/root' + SECRET).read()",
    "by way of /proc/self/cwd": "got = open('/proc/self/cwd/restricted/demo/secret/numbers.csv').read()",
    "the C library": "got = libc.open(SECRET.encode(), 0)\nif got < 0: raise OSError(ctypes.get_errno(), 'refused')",
    "the system call": "got = call(257, -100, ctypes.c_char_p(SECRET.encode()), 0)",
    "the newer system call": "got = call(437, -100, ctypes.c_char_p(SECRET.encode()), ctypes.c_char_p(bytes(24)), 24)",
    "a list of files": "got = os.listdir(FOLDER)",
    "a list of the project": "got = os.listdir(ROOT)",
    "a list of the machine": "got = os.listdir('/')",
    "a new thread": (
        "found = []\nthread = threading.Thread(target=lambda: found.append(pq.read_table(TABLE)))\n"
        "threading.excepthook = lambda *_: None\nthread.start(); thread.join()\n"
        "if not found: raise PermissionError('in the thread')\ngot = True"
    ),
    "the kernel's own threads": (
        "found = []\nread = lambda: found.append(pq.read_table(TABLE))\nkernel = get_ipython().kernel\n"
        "kernel.control_thread.io_loop.add_callback(read)\nkernel.iopub_thread.io_loop.add_callback(read)\n"
        "import time\ntime.sleep(0.5)\nif not found: raise PermissionError('in the threads')\ngot = True"
    ),
    "a forked process": "got = in_a_fork(lambda: pq.read_table(TABLE).num_rows)",
    "another edition's protected tables": "got = pa.csv.read_csv(ROOT + '/build/other/protected/t.csv')",
    "this edition's own build": "got = os.listdir(ROOT + '/build/demo')",
    "what is published": "got = pa.memory_map(ROOT + '/publications/demo/index.html').read()",
    "the parameters": "got = pa.memory_map(ROOT + '/params/demo.yml').read()",
    "the users of the machine": "got = open('/etc/passwd').read()",
    "the user's home": "got = pa.memory_map(HOME + '/token').read()",
    "shared memory of another process": "got = pa.memory_map('/dev/shm/' + SHARED).read()",
    "shared memory by its name": "from multiprocessing import shared_memory\ngot = shared_memory.SharedMemory(SHARED).name",
    "%load": "got = open(SECRET).read() if False else get_ipython().find_user_code(SECRET)",
    "%%bash": "get_ipython().run_cell_magic('bash', '', 'cat ' + SECRET)\ngot = True",
    "the run's environment": "got = open(f'/proc/{RUN}/environ', 'rb').read()",
    "the run's memory": "got = open(f'/proc/{RUN}/mem', 'rb').fileno()",
    "the run's files": "got = os.listdir(f'/proc/{RUN}/fd')",
    "the run's root": "got = open(f'/proc/{RUN}/root' + SECRET).read()",
    "the run's folder": "got = os.listdir(f'/proc/{RUN}/cwd')",
}

WRITING = {
    "to_parquet": "pd.DataFrame({'a': [1]}).to_parquet(FOLDER + '/new.parquet')\ngot = True",
    "pyarrow stream": "got = pa.OSFile(FOLDER + '/stream', 'w')",
    "a protected table": "got = pa.OSFile(ROOT + '/build/demo/protected/t2.csv', 'w')",
    "over a protected table": "got = os.open(ROOT + '/build/demo/protected/t.csv', os.O_WRONLY)",
    "the publication": "got = os.open(ROOT + '/publications/demo/new.html', os.O_WRONLY | os.O_CREAT)",
    "a notebook": "got = os.open(ROOT + '/notebooks/n.py', os.O_WRONLY | os.O_CREAT)",
    "the project's folder": "os.mkdir(ROOT + '/new')\ngot = True",
    "the temporary folder of all": "got = os.open('/tmp/' + SHARED, os.O_WRONLY | os.O_CREAT)",
    "shared memory": "got = os.open('/dev/shm/new-' + SHARED, os.O_WRONLY | os.O_CREAT)",
    "the user's home, written": "got = os.open(HOME + '/.bashrc', os.O_WRONLY | os.O_CREAT)",
    "a program that Python runs at its start": "got = os.open(SITE + '/kvarn-test-of-the-wall.tmp', os.O_WRONLY | os.O_CREAT)",
    "moved out": "os.rename(FOLDER + '/movable', OWN + '/moved')\ngot = True",
    "removed": "os.unlink(FOLDER + '/removable')\ngot = True",
    "cut off": "os.truncate(FOLDER + '/cuttable', 0)\ngot = True",
    "owned by another": "os.chown(SECRET, os.getuid(), os.getgid())\ngot = True",
    "%%writefile": "get_ipython().run_cell_magic('writefile', FOLDER + '/magic', 'x')\ngot = True",
    "a pipe in the file system": "os.mkfifo(FOLDER + '/pipe')\ngot = True",
}

REACHING = {
    "TCP": "got = socket.create_connection(('127.0.0.1', PORT), 2)",
    "TCP, listening": "s = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.listen()\ngot = True",
    "UDP": "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ngot = s.sendto(b'x', ('127.0.0.1', PORT))",
    "IPv6": "got = socket.socket(socket.AF_INET6)",
    "netlink": "got = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "a Unix socket": "s = socket.socket(socket.AF_UNIX)\ns.connect(LISTENING)\ngot = True",
    "an abstract Unix socket": "s = socket.socket(socket.AF_UNIX)\ns.connect('\\0' + SHARED)\ngot = True",
    "a Unix socket of its own": "s = socket.socket(socket.AF_UNIX)\ns.bind(OWN + '/s')\ns.listen()\ngot = True",
    "a letter from one of a pair of sockets": (
        "one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\ngot = one.sendto(b'x', LETTERS)"
    ),
    "a letter from a pair that keeps its order": "got = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)",
    "one of the kernel's sockets, connected anew": (
        "mine = [n for n in map(int, os.listdir('/proc/self/fd')) if os.path.exists(f'/proc/self/fd/{n}')]\n"
        "sockets = [n for n in mine if os.readlink(f'/proc/self/fd/{n}').startswith('socket:')]\n"
        "for n in sockets:\n    call(42, n, ctypes.c_char_p(b'\\x01\\0' + LISTENING.encode()), 2 + len(LISTENING))"
    ),
    "a process that forks": (
        "from multiprocessing import get_context\nprocess = get_context('forkserver').Process(target=print)\n"
        "process.start(); process.join(); got = process.exitcode == 0"
    ),
    "a program by its name": "got = subprocess.run(['ls', '/'], capture_output=True, check=True).stdout",
    "a signal to the run": "os.kill(RUN, 0)\ngot = True",
    "a limit of the run": "import resource\ngot = resource.prlimit(RUN, resource.RLIMIT_CORE)",
    "the priority of the run": "os.setpriority(os.PRIO_PROCESS, RUN, os.getpriority(os.PRIO_PROCESS, RUN))\ngot = True",
    "a number for the run": "got = os.pidfd_open(RUN)",
    "watching a folder": "got = libc.inotify_init1(0)\nif got < 0: raise OSError(ctypes.get_errno(), 'refused')",
    "memory for all, after System V": "got = call(29, 0, 4096, 0o1600) + 1",
    "messages for all, after System V": "got = call(68, 0, 0o1600) + 1",
    "a file by its handle": (
        "handle = ctypes.create_string_buffer(bytes([128, 0, 0, 0]) + bytes(200))\n"
        "got = call(303, -100, ctypes.c_char_p(SECRET.encode()), handle, ctypes.byref(ctypes.c_int()), 0) + 1"
    ),
    "a ring of requests": "got = call(425, 4, ctypes.create_string_buffer(120)) or True",
    "a user of its own": "got = in_a_fork(lambda: call(272, 0x10000000))",
    "another root": "got = in_a_fork(lambda: os.chroot(OWN))",
    "looking at a process": "got = in_a_fork(lambda: call(101, 16, RUN, 0, 0))",
    "the memory of a process": "got = in_a_fork(lambda: call(310, RUN, 0, 0, 0, 0, 0))",
    "the keys of the session": "got = call(250, 0, -3, 1)",
}

# Without the wall these do something to the process or the machine, or need what is not on every machine.
ONLY_WITHIN = {
    "a ring of requests",
    "a user of its own",
    "looking at a process",
    "the keys of the session",
    "netlink",
    "IPv6",
    "a Unix socket of its own",
    "one of the kernel's sockets, connected anew",
    "the kernel's own threads",
    "the memory of a process",
    "the run's memory",
    "the run's environment",
    "a process that forks",
    "another root",
}

TRYING = """
told = {}
for name, way in WAYS.items():
    place = dict(globals(), got=None)
    try:
        exec(way, place)
        told[name] = "came through" if place["got"] else "nothing"
    except BaseException as refused:
        told[name] = f"refused: {type(refused).__name__}: {refused}"
print(json.dumps(told))
"""
