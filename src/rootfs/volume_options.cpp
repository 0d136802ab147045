#include "rootfs/volume_options.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "base/nearest.hpp"

namespace cmp::rootfs {

namespace {

struct Word {
  std::string_view name;
  unsigned long set = 0, clear = 0;
};

// mount(8), FILESYSTEM-INDEPENDENT MOUNT OPTIONS.
constexpr std::array kWords = {Word{"defaults", 0, 0},
                               Word{"ro", MS_RDONLY, 0},
                               Word{"rw", 0, MS_RDONLY},
                               Word{"nosuid", MS_NOSUID, 0},
                               Word{"suid", 0, MS_NOSUID},
                               Word{"nodev", MS_NODEV, 0},
                               Word{"dev", 0, MS_NODEV},
                               Word{"noexec", MS_NOEXEC, 0},
                               Word{"exec", 0, MS_NOEXEC},
                               Word{"sync", MS_SYNCHRONOUS, 0},
                               Word{"async", 0, MS_SYNCHRONOUS},
                               Word{"dirsync", MS_DIRSYNC, 0},
                               Word{"noatime", MS_NOATIME, 0},
                               Word{"atime", 0, MS_NOATIME},
                               Word{"nodiratime", MS_NODIRATIME, 0},
                               Word{"diratime", 0, MS_NODIRATIME},
                               Word{"relatime", MS_RELATIME, 0},
                               Word{"strictatime", MS_STRICTATIME, 0},
                               Word{"lazytime", MS_LAZYTIME, 0},
                               Word{"mand", MS_MANDLOCK, 0},
                               Word{"nomand", 0, MS_MANDLOCK},
                               Word{"bind", MS_BIND, 0},
                               Word{"rbind", MS_BIND | MS_REC, 0}};

constexpr std::array<std::string_view, 4> kKnown = {"type", "o", "device", "size"};

Error missing(std::string_view option) {
  return make_error(Code::kInvalid, fmt::format("missing required option: \"{}\"", option));
}

void apply_option(std::string_view option, VolumeMount& mount) {
  const auto* const word = std::ranges::find(kWords, option, &Word::name);
  if (word != kWords.end()) {
    mount.flags = (mount.flags & ~word->clear) | word->set;
  } else if (option == "loop") {
    mount.loop = true;
  } else if (!option.empty()) {
    mount.data += (mount.data.empty() ? "" : ",") + std::string(option);
  }
}

Status check_names(const std::map<std::string, std::string>& options) {
  for (const auto& [name, value] : options) {
    if (std::ranges::find(kKnown, name) == kKnown.end()) {
      const std::string_view near = nearest(name, std::vector<std::string_view>(kKnown.begin(), kKnown.end()));
      return make_error(Code::kInvalid, fmt::format("invalid option: \"{}\"{}", name,
                                                    near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near)));
    }
  }
  return options.contains("size") ? make_error(Code::kUnsupported,
                                               "option \"size\" is a quota, which is not supported: a tmpfs or a loop "
                                               "image has a size of its own")
                                  : Status();
}

}  // namespace

Result<VolumeMount> parse_volume_options(const std::map<std::string, std::string>& options) {
  CMP_CHECK(check_names(options));
  const auto value = [&](const char* name) {
    const auto found = options.find(name);
    return found == options.end() ? std::string() : found->second;
  };
  VolumeMount mount{.type = value("type"), .device = value("device"), .data = ""};
  std::string_view rest;
  const std::string o = value("o");
  for (rest = o; !rest.empty();) {
    const std::string_view option = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(option.size() + 1, rest.size()));
    apply_option(option, mount);
  }
  mount.bind = (mount.flags & MS_BIND) != 0;
  if (mount.device.empty()) {
    return missing("device");
  }
  if (mount.bind && (mount.type.empty() || mount.type == "none" || mount.type == "bind")) {
    mount.type.clear();
  } else if (mount.type.empty()) {
    return missing("type");
  } else if (mount.type == "none") {
    return make_error(Code::kInvalid, "type \"none\" needs o: bind");
  }
  return mount;
}

}  // namespace cmp::rootfs
