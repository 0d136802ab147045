// config.md, Mounts.

#include <sys/mount.h>

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

#include "container/default_mounts.hpp"
#include "container/mounts.hpp"
#include "oci/compile.hpp"
#include "oci/mount_options.hpp"

namespace cmp::oci {

namespace step = container::step;

namespace {

using Steps = std::vector<container::Step>;

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

bool has_flags(const container::MountFlags& flags) {
  return flags != container::MountFlags{};
}

/// A file system takes its own flags when it is mounted; what is left is for below and for the propagation.
void add_rest(Steps& steps, const std::string& target, container::MountFlags flags) {
  flags.set = flags.clear = 0;
  if (has_flags(flags)) {
    steps.emplace_back(step::SetMountFlags{target, flags});
  }
}

std::string bind_source(const std::string& source, const Facts& facts) {
  return source.starts_with('/') ? source : facts.bundle + "/" + source;
}

void add_cgroup_v1(Steps& steps, const std::string& target, const MountOptions& options, const Facts& facts) {
  steps.emplace_back(step::MountFs{.type = "tmpfs",
                                   .source = "cgroup",
                                   .target = target,
                                   .flags = options.flags & ~std::uint64_t{MS_RDONLY},
                                   .data = "mode=755"});
  for (std::size_t i = 0; i < facts.cgroup_own.size(); ++i) {
    const std::string name = name_of(facts.cgroup_mounts[i]);
    container::MountFlags flags = options.bound;
    flags.propagation.clear();
    steps.emplace_back(step::BindMount{.source = facts.cgroup_own[i],
                                       .target = target + "/" + name,
                                       .recursive = false,
                                       .propagation = "",
                                       .label = "cgroup " + name,
                                       .subpath = "",
                                       .flags = std::move(flags)});
    std::ranges::move(container::controller_links(name, target), std::back_inserter(steps));
  }
  container::MountFlags rest = options.bound;
  rest.set &= std::uint64_t{MOUNT_ATTR_RDONLY};
  rest.clear = 0;
  if (has_flags(rest)) {
    steps.emplace_back(step::SetMountFlags{target, rest});
  }
}

void add_bind(Steps& steps, const std::string& source, const std::string& target, const MountOptions& options) {
  steps.emplace_back(step::BindMount{.source = source,
                                     .target = target,
                                     .recursive = options.recursive,
                                     .propagation = "",
                                     .label = "",
                                     .subpath = "",
                                     .flags = options.bound});
}

void add_cgroup(Steps& steps, const std::string& target, const MountOptions& options, const Config& config,
                const Facts& facts) {
  if (!facts.cgroup_v2) {
    add_cgroup_v1(steps, target, options, facts);
  } else if (config.find_namespace("cgroup") != nullptr) {
    steps.emplace_back(
        step::MountFs{.type = "cgroup2", .source = "cgroup", .target = target, .flags = options.flags, .data = ""});
    add_rest(steps, target, options.bound);
  } else if (!facts.cgroup_own.empty()) {
    add_bind(steps, facts.cgroup_own.front(), target, options);
  }
}

std::string with_label(std::string data, const std::string& type, const std::string& label) {
  const bool takes_label = type == "tmpfs" || type == "mqueue" || type == "devpts" || type == "ramfs";
  return label.empty() || !takes_label ? std::move(data)
                                       : fmt::format("{}{}context=\"{}\"", data, data.empty() ? "" : ",", label);
}

void add_file_system(Steps& steps, const Mount& mount, const std::string& target, MountOptions options,
                     const Config& config) {
  options.data = with_label(std::move(options.data), mount.type, config.linux_part.mount_label);
  if (options.copy_up) {
    steps.emplace_back(step::CopyUp{target, options.flags, options.data});
  } else {
    // What is made in /dev comes first, then it is made read-only.
    const std::uint64_t later = target == "/dev" ? std::uint64_t{MS_RDONLY} : 0;
    steps.emplace_back(step::MountFs{.type = mount.type,
                                     .source = mount.source,
                                     .target = target,
                                     .flags = options.flags & ~later,
                                     .data = options.data,
                                     .keeps_mode = mount.type == "tmpfs"});
  }
  add_rest(steps, target, options.bound);
}

/// Its own, or else those of the container's user namespace.
Result<container::MountMapping> mapping_of(const Mount& mount, const MountOptions& options, const Config& config) {
  container::MountMapping out{.uids = mount.uid_mappings, .gids = mount.gid_mappings, .below = options.mapped_below};
  if (!out.uids.empty()) {
    return out;
  }
  const Namespace* user = config.find_namespace("user");
  if (user == nullptr) {
    return make_error(Code::kInvalid, "idmap needs uidMappings and gidMappings, or a user namespace that has some");
  }
  out.uids = config.linux_part.uid_mappings;
  out.gids = config.linux_part.gid_mappings;
  out.user_namespace = user->path;
  return out;
}

Status add_mapping(Steps& steps, const Mount& mount, const MountOptions& options, const Config& config) {
  if (!options.mapped && mount.uid_mappings.empty()) {
    return {};
  }
  auto* const bind = std::get_if<step::BindMount>(&steps.back());
  if (bind == nullptr) {
    return make_error(Code::kUnsupported, "only what is bound can be id-mapped");
  }
  CMP_TRY(bind->mapping, mapping_of(mount, options, config));
  return {};
}

Status add_mount(Steps& steps, const Mount& mount, const Config& config, const Facts& facts) {
  CMP_TRY(MountOptions options, parse_mount_options(mount.options));
  const std::string target = clean_path(mount.destination);
  const bool bind = options.bind || mount.type == "bind";
  if (target == "/") {
    return make_error(Code::kUnsupported, "the root itself cannot be mounted on: that is root.path");
  }
  if (container::is_below(target, "/proc") && !container::is_stand_in(target)) {
    return make_error(Code::kInvalid, "it would hide what the kernel tells in /proc");
  }
  if (options.copy_up && (bind || mount.type != "tmpfs")) {
    return make_error(Code::kInvalid, "tmpcopyup is for a tmpfs");
  }
  if (!bind && mount.type.empty()) {
    return make_error(Code::kInvalid, "it has no type");
  }
  if (bind) {
    if (mount.source.empty()) {
      return make_error(Code::kInvalid, "it has no source");
    }
    add_bind(steps, bind_source(mount.source, facts), target, options);
  } else if (mount.type == "cgroup") {
    add_cgroup(steps, target, options, config, facts);
  } else {
    add_file_system(steps, mount, target, options, config);
  }
  return steps.empty() ? Status() : add_mapping(steps, mount, options, config);
}

}  // namespace

Result<Steps> mount_steps(const Config& config, const Facts& facts) {
  Steps steps;
  for (const Mount& mount : config.mounts) {
    CMP_CHECK(add_mount(steps, mount, config, facts).context(fmt::format("mount on '{}'", mount.destination)));
  }
  return steps;
}

}  // namespace cmp::oci
