#include "sys/bpf.hpp"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cmp::sys {

Result<UniqueFd> load_device_program(std::string_view program) {
  // Only asked for by programs that call the kernel's GPL functions; this one calls none.
  constexpr const char* kLicence = "Apache-2.0";
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = reinterpret_cast<std::uintptr_t>(program.data());
  attributes.insn_cnt = static_cast<std::uint32_t>(program.size() / sizeof(bpf_insn));
  attributes.license = reinterpret_cast<std::uintptr_t>(kLicence);
  const long fd = ::syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes);
  return fd < 0 ? Result<UniqueFd>(sys_error("load the program of the device rules")) : UniqueFd(static_cast<int>(fd));
}

Status attach_device_program(int cgroup, int program) {
  bpf_attr attributes{};
  attributes.target_fd = static_cast<std::uint32_t>(cgroup);
  attributes.attach_bpf_fd = static_cast<std::uint32_t>(program);
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  if (::syscall(SYS_bpf, BPF_PROG_ATTACH, &attributes, sizeof attributes) != 0) {
    return sys_error("attach the program of the device rules");
  }
  return {};
}

}  // namespace cmp::sys
