// Whom the process runs as, and which kernel parameters are its own.

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "container/capabilities.hpp"
#include "oci/compile.hpp"

namespace cmp::oci {

namespace {

using Names = std::vector<std::string>;

/// config.md, Capabilities: what cannot be granted is warned of and is no failure.
std::uint64_t mask_of(const Names& names, std::uint64_t available, std::vector<std::string>& warnings) {
  std::uint64_t mask = 0;
  for (const std::string& name : names) {
    const auto bit = container::capability_bit(name);
    if (bit && (*bit & available) != 0) {
      mask |= *bit;
      continue;
    }
    std::string text = fmt::format("capability {} {}, ignoring", name, bit ? "cannot be granted here" : "is unknown");
    if (std::ranges::find(warnings, text) == warnings.end()) {
      warnings.push_back(std::move(text));
    }
  }
  return mask;
}

struct Owned {
  std::string_view key;  ///< with a '.' at the end: all that begin so
  std::string_view type;
};

constexpr std::array kOwned = {
    Owned{"kernel.msgmax", "ipc"}, Owned{"kernel.msgmnb", "ipc"},          Owned{"kernel.msgmni", "ipc"},
    Owned{"kernel.sem", "ipc"},    Owned{"kernel.shmall", "ipc"},          Owned{"kernel.shmmax", "ipc"},
    Owned{"kernel.shmmni", "ipc"}, Owned{"kernel.shm_rmid_forced", "ipc"}, Owned{"fs.mqueue.", "ipc"},
    Owned{"net.", "network"},      Owned{"kernel.domainname", "uts"},      Owned{"user.", "user"}};

std::string dotted(std::string key) {
  std::ranges::replace(key, '/', '.');
  return key;
}

}  // namespace

container::Credentials credentials_of(const Process& process, std::uint64_t available,
                                      std::vector<std::string>& warnings) {
  container::Credentials out;
  out.no_new_privs = process.no_new_privileges;
  container::ExactCredentials& exactly = out.exactly.emplace();
  exactly.uid = process.uid;
  exactly.gid = process.gid;
  exactly.groups = process.additional_gids;
  const Capabilities sets = process.capabilities.value_or(Capabilities{});
  out.bounding = mask_of(sets.bounding, available, warnings);
  exactly.permitted = mask_of(sets.permitted, available, warnings);
  exactly.effective = mask_of(sets.effective, available, warnings) & exactly.permitted;
  exactly.inheritable = mask_of(sets.inheritable, available, warnings) & (out.bounding | exactly.permitted);
  exactly.ambient = mask_of(sets.ambient, available, warnings) & exactly.permitted & exactly.inheritable;
  return out;
}

Status check_sysctls(const Config& config) {
  for (const auto& [written, value] : config.linux_part.sysctl) {
    const std::string key = dotted(written);
    const auto it = std::ranges::find_if(kOwned, [&](const Owned& owned) {
      return owned.key.ends_with('.') ? key.starts_with(owned.key) : key == owned.key;
    });
    if (it == kOwned.end() || key.find("..") != std::string::npos) {
      return make_error(Code::kInvalid, fmt::format("linux.sysctl: '{}' is not kept apart by any namespace", written));
    }
    if (config.find_namespace(it->type) == nullptr) {
      return make_error(Code::kInvalid, fmt::format("linux.sysctl: '{}' needs a {} namespace: it would be the host's",
                                                    written, it->type));
    }
  }
  return {};
}

}  // namespace cmp::oci
