"""The numbers of Linux's system calls, as far as the wall asks for them: x86-64 and ARM of 64 bits have different ones.

Source: ``arch/x86/entry/syscalls/syscall_64.tbl`` and ``include/uapi/asm-generic/unistd.h`` of Linux.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["BY_MACHINE", "NOT_DONE", "REFUSED", "SOCKETS", "Machine"]


@dataclass(frozen=True)
class Machine:
    """A kind of machine: what seccomp calls it (``AUDIT_ARCH_…``), and its calls by name."""

    architecture: int
    calls: Mapping[str, int]


# What a call would lead to → its name, x86-64, ARM (None: there is no such call).
_OTHER_PROCESSES = """
ptrace 101 117; process_vm_readv 310 270; process_vm_writev 311 271; process_madvise 440 440; process_mrelease 448 448
pidfd_open 434 434; pidfd_getfd 438 438; pidfd_send_signal 424 424; kcmp 312 272; move_pages 279 239; migrate_pages 256 238
setpriority 141 140; ioprio_set 251 30; rt_sigqueueinfo 129 138; rt_tgsigqueueinfo 297 240; perf_event_open 298 241
"""
_FILES_BY_ANOTHER_NAME = """
open_by_handle_at 304 265; name_to_handle_at 303 264; io_uring_setup 425 425; io_uring_enter 426 426; io_uring_register 427 427
mount 165 40; umount2 166 39; pivot_root 155 41; chroot 161 51; mount_setattr 442 442; move_mount 429 429; open_tree 428 428
fsopen 430 430; fsconfig 431 431; fsmount 432 432; fspick 433 433; statmount 457 457; listmount 458 458
unshare 272 97; setns 308 268; mknod 133 -; mknodat 259 33; fanotify_init 300 262; fanotify_mark 301 263
inotify_init 253 -; inotify_init1 294 26; inotify_add_watch 254 27; lookup_dcookie 212 18
"""
# Landlock does not ask about the properties of files.
_PROPERTIES_OF_FILES = """
chown 92 -; fchown 93 55; lchown 94 -; fchownat 260 54; truncate 76 45
setxattr 188 5; lsetxattr 189 6; fsetxattr 190 7; removexattr 197 14; lremovexattr 198 15; fremovexattr 199 16
"""
# A file of mode 0600 must not become one of mode 0644; but whatever copies a file (`shutil.copy`) asks for these.
_NOT_DONE = """
chmod 90 -; fchmod 91 52; fchmodat 268 53; fchmodat2 452 452; utime 132 -; utimes 235 -; futimesat 261 -; utimensat 280 88
"""
_SHARED_MEMORY = """
shmget 29 194; shmat 30 196; shmctl 31 195; shmdt 67 197; msgget 68 186; msgsnd 69 189; msgrcv 70 188; msgctl 71 187
semget 64 190; semop 65 193; semtimedop 220 192; semctl 66 191; mq_open 240 180; mq_unlink 241 181; mq_timedsend 242 182
mq_timedreceive 243 183; mq_notify 244 184; mq_getsetattr 245 185; keyctl 250 219; add_key 248 217; request_key 249 218
"""
_THE_SYSTEM_ITSELF = """
bpf 321 280; userfaultfd 323 282; kexec_load 246 104; kexec_file_load 320 294; init_module 175 105; finit_module 313 273
delete_module 176 106; swapon 167 224; swapoff 168 225; reboot 169 142; acct 163 89; quotactl 179 60; quotactl_fd 443 443
settimeofday 164 170; clock_settime 227 112; sethostname 170 161; setdomainname 171 162; syslog 103 116; vhangup 153 58
iopl 172 -; ioperm 173 -; personality 135 92; modify_ldt 154 -; uselib 134 -
"""
_SOCKETS = "socket 41 198; connect 42 203; bind 49 200; listen 50 201"
_ASKED_ABOUT = """
socketpair 53 199; clone 56 220; clone3 435 435; prlimit64 302 261; sched_setaffinity 203 122; sched_setscheduler 144 119
sched_setparam 142 118; sched_setattr 314 274; kill 62 129; tkill 200 130; tgkill 234 131; seccomp 317 277
"""


def _rows(text: str) -> list[list[str]]:
    return [row.split() for row in text.replace("\n", ";").split(";") if row.strip()]


_REFUSED = _OTHER_PROCESSES + _FILES_BY_ANOTHER_NAME + _PROPERTIES_OF_FILES + _SHARED_MEMORY + _THE_SYSTEM_ITSELF
_ALL = _rows(_REFUSED) + _rows(_NOT_DONE) + _rows(_SOCKETS) + _rows(_ASKED_ABOUT)

REFUSED = tuple(row[0] for row in _rows(_REFUSED))
"""What no notebook has a use for."""

NOT_DONE = tuple(row[0] for row in _rows(_NOT_DONE))
"""What is answered as if it had been done, and is not."""

SOCKETS = tuple(row[0] for row in _rows(_SOCKETS))
"""What makes sockets, and lets them reach anybody."""

BY_MACHINE: Mapping[str, Machine] = {
    "x86_64": Machine(0xC000003E, {row[0]: int(row[1]) for row in _ALL if row[1] != "-"}),
    "aarch64": Machine(0xC00000B7, {row[0]: int(row[2]) for row in _ALL if row[2] != "-"}),
}
