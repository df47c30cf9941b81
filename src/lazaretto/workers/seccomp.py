"""The system calls that an inspection needs; all others are refused by the kernel.

A list of what is allowed and not of what is forbidden: a system call that a future kernel brings is refused
unseen.  What is not listed fails with EPERM and does not kill, because honest libraries probe (for a terminal, a
cache folder, a newer call) and go on without.  Killed is only what no honest library does while it reads a
mail: whoever tries is an exploit at work, and a dead worker becomes a finding.

Opening files is not on the list, for reading neither: everything is loaded before.  Threads may be made (some
engines watch the time with one), processes may not.  Memory may be made executable: ctypes callbacks
(libarchive) and compiled rules need it.
"""

from __future__ import annotations

import errno
import os
from typing import Any

# memory
_MEMORY = "brk mmap munmap mremap mprotect madvise membarrier mincore"
# threads, signals and waiting
_THREADS = (
    "futex futex_waitv set_robust_list get_robust_list rseq set_tid_address sched_yield sched_getaffinity "
    "rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall gettid getpid getppid getuid geteuid getgid "
    "getegid exit exit_group"
)
# time, and what the machine is like
_MACHINE = (
    "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times getrusage getrlimit sysinfo uname "
    "getrandom getcpu getcwd"
)
# on what is open already: the socket to the pool, a large message's memory, our own size
_DESCRIPTORS = (
    "read readv pread64 preadv write writev lseek close fstat fcntl dup recvmsg recvfrom sendmsg poll ppoll select "
    "pselect6 pipe2 eventfd2 epoll_create1 epoll_ctl epoll_wait epoll_pwait"
)
# what only somebody who has taken over asks for: other programs, other processes, the kernel, rights
_ATTACKS = (
    "execve execveat ptrace process_vm_readv process_vm_writev process_madvise kcmp bpf perf_event_open userfaultfd "
    "init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff mount umount2 pivot_root "
    "move_mount open_tree fsopen fsmount fsconfig chroot setns unshare keyctl add_key request_key io_uring_setup "
    "io_uring_enter io_uring_register iopl ioperm setuid setgid setreuid setregid setresuid setresgid setgroups "
    "capset personality pidfd_getfd pidfd_open seccomp acct quotactl open_by_handle_at name_to_handle_at"
)
ALLOWED = tuple(f"{_MEMORY} {_THREADS} {_MACHINE} {_DESCRIPTORS}".split())
KILLED = tuple(_ATTACKS.split())

_CLONE_THREAD = 0x00010000
_AT_EMPTY_PATH = 0x1000
_PR_SET_NAME, _PR_GET_NAME = 15, 16
_PR_SET_VMA = 0x53564D41
_UNKNOWN = -1  # __NR_SCMP_ERROR


def restrict() -> None:
    """Puts the filter in force for this thread and what it starts.  no_new_privs must be set.

    Raises OSError where the kernel refuses, ImportError or RuntimeError where libseccomp is missing."""
    # It looks for libseccomp when it is imported: here, so that an absent one is an answer and no crash at start.
    from pyseccomp import ALLOW, EQ, ERRNO, KILL_PROCESS, MASKED_EQ, Arg, SyscallFilter

    rules = SyscallFilter(ERRNO(errno.EPERM))
    for name in ALLOWED:
        _add(rules, ALLOW, name)
    for name in KILLED:
        _add(rules, KILL_PROCESS, name)
    # glibc tries clone3 first, whose flags lie in memory where a filter cannot look: told so, it takes clone.
    _add(rules, ERRNO(errno.ENOSYS), "clone3")
    _add(rules, ALLOW, "clone", Arg(0, MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD))
    _add(rules, ALLOW, "newfstatat", Arg(3, MASKED_EQ, _AT_EMPTY_PATH, _AT_EMPTY_PATH))  # fstat of newer glibc
    _add(rules, ALLOW, "statx", Arg(2, MASKED_EQ, _AT_EMPTY_PATH, _AT_EMPTY_PATH))
    _add(rules, ALLOW, "sendto", Arg(4, EQ, 0))  # no address: on the connected socket only
    _add(rules, ALLOW, "prlimit64", Arg(2, EQ, 0))  # ask, not set
    for option in (_PR_SET_NAME, _PR_GET_NAME, _PR_SET_VMA):
        _add(rules, ALLOW, "prctl", Arg(0, EQ, option))
    for name in ("kill", "tgkill"):  # abort() and raise(): itself, nobody else
        _add(rules, ALLOW, name, Arg(0, EQ, os.getpid()))
    rules.load()


def _add(rules: Any, action: int, name: str, *arguments: Any) -> None:
    """One rule.  A name that this libseccomp does not know yet stays with the default: refused."""
    from pyseccomp import Arch, resolve_syscall

    number = resolve_syscall(Arch.NATIVE, name)
    if number != _UNKNOWN:
        rules.add_rule(action, number, *arguments)
