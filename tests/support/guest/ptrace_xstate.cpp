// Preloaded into linux.uml by `run`. A User-Mode-Linux kernel of 2022 writes 2.7 KB of registers back into its
// processes; on a processor with more state (AMX) the host's kernel wants all of it in one piece, or fails with EFAULT
// (arch/x86/kernel/fpu/regset.c), and the guest's init dies of what was left out. Here the part that the guest does not
// know is taken from what the process has now.

#include <linux/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstdarg>
#include <cstdint>
#include <cstring>

namespace {

constexpr std::uintptr_t kXstate = 0x202;  // NT_X86_XSTATE

long set_whole_xstate(long pid, void* set, const iovec& known) {
  alignas(64) static std::array<char, 1U << 16U> whole;
  iovec all{.iov_base = whole.data(), .iov_len = whole.size()};
  if (::syscall(SYS_ptrace, PTRACE_GETREGSET, pid, set, &all) != 0 || all.iov_len <= known.iov_len) {
    return ::syscall(SYS_ptrace, PTRACE_SETREGSET, pid, set, &known);
  }
  std::memcpy(whole.data(), known.iov_base, known.iov_len);
  return ::syscall(SYS_ptrace, PTRACE_SETREGSET, pid, set, &all);
}

/// ptrace(2): glibc's function returns the word that was read, the system call stores it.
long peek(long request, long pid, void* address) {
  long word = 0;
  return ::syscall(SYS_ptrace, request, pid, address, &word) < 0 ? -1 : word;
}

}  // namespace

// glibc declares the request as an enumeration, which va_start(3) must not have.
extern "C" long ptrace(int request, ...) {
  va_list rest;
  va_start(rest, request);
  const long pid = va_arg(rest, int);
  void* address = va_arg(rest, void*);
  void* data = va_arg(rest, void*);
  va_end(rest);
  if (request == PTRACE_SETREGSET && reinterpret_cast<std::uintptr_t>(address) == kXstate) {
    return set_whole_xstate(pid, address, *static_cast<const iovec*>(data));
  }
  if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA || request == PTRACE_PEEKUSR) {
    return peek(request, pid, address);
  }
  return ::syscall(SYS_ptrace, static_cast<long>(request), pid, address, data);
}
