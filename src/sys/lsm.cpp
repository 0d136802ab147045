#include "sys/lsm.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>

#include <fmt/core.h>

#include "sys/file.hpp"
#include "sys/in_root.hpp"

namespace cmp::sys {

namespace {

/// An attribute of this process; nothing is followed out of procfs or onto what is mounted over it.
Result<UniqueFd> open_attribute(int proc, LabelledBy module) {
  if (module == LabelledBy::kAppArmor) {
    // Linux 5.8 has one directory a module; before, the only module has them all.
    if (auto own = open_on_same_mount(proc, "self/attr/apparmor/exec", O_WRONLY);
        own || own.error().os_errno != ENOENT) {
      return own;
    }
  }
  return open_on_same_mount(proc, "self/attr/exec", O_WRONLY);
}

}  // namespace

bool lsm_active(LabelledBy module) {
  if (module == LabelledBy::kSelinux) {
    return exists("/sys/fs/selinux/enforce");
  }
  return read_file("/sys/module/apparmor/parameters/enabled").value_or("").starts_with('Y') &&
         exists("/sys/kernel/security/apparmor");
}

bool apparmor_profile_loaded(const std::string& profile) {
  const std::string loaded = '\n' + read_file("/sys/kernel/security/apparmor/profiles").value_or("");
  return loaded.find(fmt::format("\n{} (", profile)) != std::string::npos;
}

Status set_exec_label_in(int proc, LabelledBy module, const std::string& label) {
  const bool apparmor = module == LabelledBy::kAppArmor;
  const std::string text = apparmor ? "exec " + label : label;
  CMP_TRY(const UniqueFd attribute, open_attribute(proc, module));
  if (::write(attribute.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return sys_error(fmt::format("set {} '{}'", apparmor ? "AppArmor profile" : "SELinux label", label));
  }
  return {};
}

Status set_exec_label(LabelledBy module, const std::string& label) {
  CMP_TRY(const UniqueFd proc, open_file("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW));

  struct statfs info {};

  if (::fstatfs(proc.get(), &info) != 0 || info.f_type != PROC_SUPER_MAGIC) {
    return make_error(Code::kConflict, "the container's /proc is no procfs: it cannot be confined");
  }
  return set_exec_label_in(proc.get(), module, label);
}

}  // namespace cmp::sys
