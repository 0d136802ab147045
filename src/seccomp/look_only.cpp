#include "seccomp/look_only.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>

#include "sys/privilege.hpp"

namespace cmp::seccomp {

namespace {

struct Releaser {
  void operator()(void* context) const { ::seccomp_release(context); }
};

constexpr std::array kForbidden = {
    // files
    "creat", "mkdir", "mkdirat", "mknod", "mknodat", "unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2",
    "link", "linkat", "symlink", "symlinkat", "truncate", "chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown",
    "fchownat", "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "utime", "utimes",
    "utimensat", "futimesat", "openat2", "open_by_handle_at", "name_to_handle_at", "mq_open", "mq_unlink",
    // mounts and namespaces
    "mount", "umount2", "move_mount", "fsmount", "fsopen", "open_tree", "mount_setattr", "pivot_root", "chroot",
    "setns", "unshare",
    // other processes
    "kill", "tkill", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "ptrace", "process_vm_writev",
    "execve", "execveat", "fork", "vfork", "clone", "clone3", "setpriority", "prlimit64", "connect", "io_uring_setup",
    "shmget", "msgget", "semget",
    // the machine
    "bpf", "init_module", "finit_module", "delete_module", "kexec_load", "reboot", "swapon", "swapoff", "sethostname",
    "setdomainname", "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "add_key", "keyctl", "acct",
    "quotactl"};

constexpr std::uint32_t kRefuse = SCMP_ACT_ERRNO(EROFS);

/// Whether a call with any of these flags is refused; `argument` is the one with the flags of open(2).
bool refuse_writing(void* filter, const char* name, unsigned argument) {
  const int number = ::seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR) {
    return true;  // this architecture has no such call
  }
  bool done = true;
  const auto refuse = [&](scmp_datum_t mask, scmp_datum_t value) {
    const scmp_arg_cmp flags{argument, SCMP_CMP_MASKED_EQ, mask, value};
    done = ::seccomp_rule_add_array(filter, kRefuse, number, 1, &flags) == 0 && done;
  };
  refuse(O_ACCMODE, O_WRONLY);
  refuse(O_ACCMODE, O_RDWR);
  refuse(O_CREAT, O_CREAT);
  refuse(O_TRUNC, O_TRUNC);
  return done;
}

}  // namespace

Status look_only() {
  const std::unique_ptr<void, Releaser> filter(::seccomp_init(SCMP_ACT_ALLOW));
  bool whole = filter != nullptr;
  for (const char* name : kForbidden) {
    const int number = ::seccomp_syscall_resolve_name(name);
    whole = whole &&
            (number == __NR_SCMP_ERROR || ::seccomp_rule_add_array(filter.get(), kRefuse, number, 0, nullptr) == 0);
  }
  whole = whole && refuse_writing(filter.get(), "open", 1) && refuse_writing(filter.get(), "openat", 2);
  const scmp_arg_cmp not_netlink{0, SCMP_CMP_NE, AF_NETLINK, 0};
  whole = whole && ::seccomp_rule_add_array(filter.get(), kRefuse, ::seccomp_syscall_resolve_name("socket"), 1,
                                            &not_netlink) == 0;
  if (!whole) {
    return make_error(Code::kInternal, "a filter of system calls could not be made");
  }
  if (const int loaded = ::seccomp_load(filter.get()); loaded != 0) {
    errno = -loaded;
    return sys_error("install a filter of system calls");
  }
  // DAC_OVERRIDE for access(2), which is to answer as it would without the filter.
  constexpr sys::CapabilityMask kReading = (sys::CapabilityMask{1} << CAP_DAC_READ_SEARCH) |
                                           (sys::CapabilityMask{1} << CAP_DAC_OVERRIDE) |
                                           (sys::CapabilityMask{1} << CAP_SYS_PTRACE);
  return sys::set_capabilities(sys::effective_capabilities() & kReading);
}

}  // namespace cmp::seccomp
