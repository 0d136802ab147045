#include "engine/relabel.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::engine {

namespace {

constexpr const char* kAttribute = "security.selinux";

/// As opencontainers/selinux has them.
constexpr std::array<std::string_view, 14> kNever = {"/",     "/bin",  "/boot", "/dev",  "/etc", "/lib", "/lib64",
                                                     "/home", "/root", "/proc", "/sbin", "/sys", "/usr", "/var"};

// NOLINTNEXTLINE(misc-no-recursion): as deep as the directories are
Status relabel(const std::string& path, const std::string& label) {
  if (::lsetxattr(path.c_str(), kAttribute, label.c_str(), label.size() + 1, 0) != 0 && errno != EOPNOTSUPP) {
    return sys_error(fmt::format("label '{}'", path));
  }

  struct stat info {};

  if (::lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return {};
  }
  CMP_TRY(const auto names, sys::list_directory(path));
  for (const std::string& name : names) {
    CMP_CHECK(relabel(path + '/' + name, label));
  }
  return {};
}

}  // namespace

std::string mount_label(const model::Service& service, const model::Mount& mount) {
  if (mount.selinux.empty()) {
    return "";
  }
  std::string level = "s0";
  for (const std::string& option : service.security_opt) {
    constexpr std::string_view kLevel = "label=level:";
    if (mount.selinux == "Z" && option.starts_with(kLevel)) {
      level = option.substr(kLevel.size());
    }
  }
  return "system_u:object_r:container_file_t:" + level;
}

Status relabel_sources(const Host& host, const model::Service& service,
                       const std::vector<container::ResolvedMount>& mounts) {
  for (const container::ResolvedMount& resolved : mounts) {
    const std::string label = mount_label(service, resolved.mount);
    if (!host.has_selinux || label.empty()) {
      continue;
    }
    if (std::ranges::find(kNever, std::string_view(resolved.host_path)) != kNever.end()) {
      return make_error(Code::kInvalid, fmt::format("service '{}': '{}' is the system's and is not relabelled (selinux "
                                                    "'{}')",
                                                    service.name, resolved.host_path, resolved.mount.selinux))
          .at(resolved.mount.where);
    }
    if (Status labelled = relabel(resolved.host_path, label); !labelled) {
      return std::move(labelled).error().context(fmt::format("service '{}'", service.name)).at(resolved.mount.where);
    }
  }
  return {};
}

}  // namespace cmp::engine
