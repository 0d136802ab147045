#include "oci/mount_options.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace cmp::oci {

namespace {

constexpr std::uint64_t kNoSymFollow = 256;             // MS_NOSYMFOLLOW, Linux 5.10
constexpr std::uint64_t kAttrNoSymFollow = 0x00200000;  // MOUNT_ATTR_NOSYMFOLLOW, Linux 5.14

/// A word that sets or clears something of the mount. With "r" before it, it reaches all mounts below.
struct Word {
  std::string_view name;
  bool set;
  std::uint64_t flag;       ///< MS_*
  std::uint64_t attribute;  ///< MOUNT_ATTR_*, 0 if a mount of its own has none
};

constexpr std::array kWords = {
    Word{"ro", true, MS_RDONLY, MOUNT_ATTR_RDONLY},
    Word{"rw", false, MS_RDONLY, MOUNT_ATTR_RDONLY},
    Word{"nosuid", true, MS_NOSUID, MOUNT_ATTR_NOSUID},
    Word{"suid", false, MS_NOSUID, MOUNT_ATTR_NOSUID},
    Word{"nodev", true, MS_NODEV, MOUNT_ATTR_NODEV},
    Word{"dev", false, MS_NODEV, MOUNT_ATTR_NODEV},
    Word{"noexec", true, MS_NOEXEC, MOUNT_ATTR_NOEXEC},
    Word{"exec", false, MS_NOEXEC, MOUNT_ATTR_NOEXEC},
    Word{"noatime", true, MS_NOATIME, MOUNT_ATTR_NOATIME},
    Word{"atime", false, MS_NOATIME, MOUNT_ATTR__ATIME},
    Word{"strictatime", true, MS_STRICTATIME, MOUNT_ATTR_STRICTATIME},
    Word{"nostrictatime", false, MS_STRICTATIME, MOUNT_ATTR__ATIME},
    Word{"relatime", true, MS_RELATIME, MOUNT_ATTR_RELATIME},
    Word{"norelatime", false, MS_RELATIME, 0},
    Word{"nodiratime", true, MS_NODIRATIME, MOUNT_ATTR_NODIRATIME},
    Word{"diratime", false, MS_NODIRATIME, MOUNT_ATTR_NODIRATIME},
    Word{"nosymfollow", true, kNoSymFollow, kAttrNoSymFollow},
    Word{"symfollow", false, kNoSymFollow, kAttrNoSymFollow},
    Word{"sync", true, MS_SYNCHRONOUS, 0},
    Word{"async", false, MS_SYNCHRONOUS, 0},
    Word{"dirsync", true, MS_DIRSYNC, 0},
    Word{"mand", true, MS_MANDLOCK, 0},
    Word{"nomand", false, MS_MANDLOCK, 0},
    Word{"lazytime", true, MS_LAZYTIME, 0},
    Word{"nolazytime", false, MS_LAZYTIME, 0},
    Word{"iversion", true, MS_I_VERSION, 0},
    Word{"noiversion", false, MS_I_VERSION, 0},
    Word{"silent", true, MS_SILENT, 0},
    Word{"loud", false, MS_SILENT, 0},
    Word{"remount", true, MS_REMOUNT, 0},
    Word{"acl", true, MS_POSIXACL, 0},
    Word{"noacl", false, MS_POSIXACL, 0},
};

struct Propagation {
  std::string_view name;
  std::uint64_t flags;
};

constexpr std::array kPropagations = {
    Propagation{"private", MS_PRIVATE},       Propagation{"rprivate", MS_PRIVATE | MS_REC},
    Propagation{"shared", MS_SHARED},         Propagation{"rshared", MS_SHARED | MS_REC},
    Propagation{"slave", MS_SLAVE},           Propagation{"rslave", MS_SLAVE | MS_REC},
    Propagation{"unbindable", MS_UNBINDABLE}, Propagation{"runbindable", MS_UNBINDABLE | MS_REC},
};

constexpr std::array<std::string_view, 6> kOthers = {"bind", "rbind", "tmpcopyup", "defaults", "idmap", "ridmap"};

bool has_recursive_form(const Word& word) {
  return word.attribute != 0 || word.name == "relatime" || word.name == "norelatime";
}

void change(std::uint64_t& set, std::uint64_t& clear, const Word& word) {
  // The ways of keeping access times are one number of which relatime is 0.
  const bool times = word.name.ends_with("atime") && !word.name.ends_with("diratime");
  const std::uint64_t whole = times ? std::uint64_t{MOUNT_ATTR__ATIME} : word.attribute;
  set &= ~whole;
  clear &= ~whole;
  if (word.set && word.attribute != 0) {
    set |= word.attribute;
  }
  if (!word.set || times) {
    clear |= whole;
  }
}

bool apply_word(MountOptions& out, std::string_view name) {
  if (const auto it = std::ranges::find(kWords, name, &Word::name); it != kWords.end()) {
    out.flags = it->set ? out.flags | it->flag : out.flags & ~it->flag;
    change(out.bound.set, out.bound.clear, *it);
    return true;
  }
  const std::string_view plain = name.starts_with('r') ? name.substr(1) : std::string_view();
  const auto it = std::ranges::find(kWords, plain, &Word::name);
  if (it == kWords.end() || !has_recursive_form(*it)) {
    return false;
  }
  change(out.bound.set_below, out.bound.clear_below, *it);
  return true;
}

bool apply_propagation(MountOptions& out, std::string_view name) {
  const auto it = std::ranges::find(kPropagations, name, &Propagation::name);
  if (it == kPropagations.end()) {
    return false;
  }
  out.bound.propagation.push_back(it->flags);
  return true;
}

bool apply_other(MountOptions& out, std::string_view name) {
  out.bind = out.bind || name == "bind" || name == "rbind";
  out.recursive = out.recursive || name == "rbind";
  out.copy_up = out.copy_up || name == "tmpcopyup";
  out.mapped = out.mapped || name == "idmap" || name == "ridmap";
  out.mapped_below = out.mapped_below || name == "ridmap";
  return std::ranges::find(kOthers, name) != kOthers.end();
}

}  // namespace

Result<MountOptions> parse_mount_options(const std::vector<std::string>& options) {
  MountOptions out;
  for (const std::string& option : options) {
    if (option.starts_with("idmap=") || option.starts_with("ridmap=")) {
      return make_error(Code::kUnsupported,
                        fmt::format("option '{}': uidMappings and gidMappings say how ids are mapped", option));
    }
    if (apply_propagation(out, option) || apply_word(out, option) || apply_other(out, option)) {
      continue;
    }
    out.data += (out.data.empty() ? "" : ",") + option;
  }
  return out;
}

std::vector<std::string> known_mount_options() {
  std::vector<std::string> names(kOthers.begin(), kOthers.end());
  for (const Word& word : kWords) {
    names.emplace_back(word.name);
    if (has_recursive_form(word)) {
      names.push_back("r" + std::string(word.name));
    }
  }
  for (const Propagation& one : kPropagations) {
    names.emplace_back(one.name);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace cmp::oci
