#include <linux/sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <array>

#include <fmt/core.h>

#include "base/sha256.hpp"
#include "container/capabilities.hpp"
#include "container/launch_spec.hpp"

namespace cmp::container {

namespace {

struct FlagName {
  std::uint64_t bit;
  std::string_view name;
};

constexpr std::array kMountFlags = {FlagName{MS_RDONLY, "ro"}, FlagName{MS_NOSUID, "nosuid"},
                                    FlagName{MS_NODEV, "nodev"}, FlagName{MS_NOEXEC, "noexec"},
                                    FlagName{MS_STRICTATIME, "strictatime"}};
constexpr std::array kNamespaceFlags = {FlagName{CLONE_NEWCGROUP, "cgroup"}, FlagName{CLONE_NEWIPC, "ipc"},
                                        FlagName{CLONE_NEWNET, "net"},       FlagName{CLONE_NEWNS, "mnt"},
                                        FlagName{CLONE_NEWPID, "pid"},       FlagName{CLONE_NEWTIME, "time"},
                                        FlagName{CLONE_NEWUTS, "uts"}};

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    text += text.empty() ? part : std::string(separator) + part;
  }
  return text;
}

template <typename Table>
std::string flag_names(std::uint64_t flags, const Table& table) {
  std::vector<std::string> names;
  for (const FlagName& flag : table) {
    if ((flags & flag.bit) != 0) {
      names.emplace_back(flag.name);
    }
  }
  return join(names, ",");
}

/// Shell-like quoting of what would not read as one word.
std::string word(const std::string& text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) {
    return text;
  }
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' ? std::string("'\\''") : c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return quoted + "'";
}

std::string words(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) {
    quoted.push_back(word(text));
  }
  return join(quoted, " ");
}

std::string limit_text(std::uint64_t value) {
  return value == std::uint64_t{RLIM_INFINITY} ? "unlimited" : fmt::format("{}", value);
}

std::string owner_text(const Owner& owner) {
  return fmt::format("{} (process {} of {})", word(owner.container), owner.pid, owner.start_ticks);
}

std::string host_owner_text(const std::optional<HostOwner>& owner) {
  return owner ? fmt::format(" host {}:{} as {}", owner->uid, owner->gid, word(owner->user)) : "";
}

std::string mount_flags_text(const MountFlags& flags) {
  std::string text;
  const auto add = [&](const char* verb, std::uint64_t bits) {
    text += bits == 0 ? "" : fmt::format(" {} {:#x}", verb, bits);
  };
  add("set", flags.set);
  add("clear", flags.clear);
  add("set below", flags.set_below);
  add("clear below", flags.clear_below);
  for (const std::uint64_t propagation : flags.propagation) {
    add("propagation", propagation);
  }
  return text;
}

struct StepRenderer {
  std::string operator()(const step::JoinCgroups& s) const { return "join cgroups " + words(s.join_files); }

  std::string operator()(const step::Unshare& s) const {
    return "unshare " + (s.flags == 0 ? "nothing" : flag_names(s.flags, kNamespaceFlags));
  }

  std::string operator()(const step::ShareNamespaces& s) const {
    return fmt::format("share {} of {}", join(s.kinds, ","), owner_text(s.owner));
  }

  std::string operator()(const step::JoinNamespaces& s) const { return "join namespaces " + words(s.files); }

  std::string operator()(const step::PinMount& s) const {
    return fmt::format("pin {}{}", word(s.source), s.recursive ? " recursively" : "");
  }

  std::string operator()(const step::IsolateMounts& s) const {
    return fmt::format("isolate mounts {}", s.slave ? "rslave" : "rprivate");
  }

  /// Everything but what they say.
  std::string operator()(const step::GrantFiles& s) const {
    std::string text = "grant files at " + word(s.at);
    for (const step::GrantedFile& file : s.files) {
      text += fmt::format(" {}:{:o}:{}:{}:{}", file.name, file.mode, file.uid, file.gid, file.content.size());
    }
    return text;
  }

  std::string operator()(const step::ShowImages& s) const {
    std::string text = "show images at " + word(s.at);
    for (const auto& lower : s.lower) {
      text += " lower " + words(lower);
    }
    return text;
  }

  std::string operator()(const step::HideHost& s) const {
    std::string text = "hide host at " + word(s.at);
    for (const model::HiddenDirectory& dir : s.directories) {
      text += fmt::format(" {}:{:o}:{}:{}{}", word(dir.path), dir.mode, dir.uid, dir.gid, dir.hidden ? "" : ":shown");
    }
    return text;
  }

  std::string operator()(const step::MountOverlay& s) const {
    return fmt::format("mount overlay on {} lower {} upper {} work {}{}{}", word(s.at), words(s.lower), word(s.upper),
                       word(s.work), s.label.empty() ? "" : " label ", s.label);
  }

  std::string operator()(const step::MountFs& s) const {
    const std::string flags = flag_names(s.flags, kMountFlags);
    return fmt::format("mount {} on {}{}{}{}{}", s.type, word(s.target), flags.empty() ? "" : " ", flags,
                       s.data.empty() ? "" : " ", s.data);
  }

  std::string operator()(const step::FillVolume& s) const {
    return fmt::format("fill {} from {}{}", word(s.source), word(s.target), host_owner_text(s.owner));
  }

  std::string operator()(const step::BindMount& s) const {
    return fmt::format("bind {}{}{} on {} {}{}{}", word(s.source), s.subpath.empty() ? "" : " below ",
                       s.subpath.empty() ? "" : word(s.subpath), word(s.target), s.recursive ? "r" : "",
                       s.read_only ? "ro" : "rw",
                       (s.read_only && !s.read_only_below ? " writable below" : "") +
                           (s.propagation.empty() ? "" : " " + s.propagation) + mount_flags_text(s.flags) +
                           (s.mapping ? " id-mapped" : "") + host_owner_text(s.owner));
  }

  std::string operator()(const step::ShareMount& s) const {
    return fmt::format("share mount {} of {}", word(s.path), owner_text(s.owner));
  }

  std::string operator()(const step::MakeDevice& s) const {
    const std::string owner = s.uid == 0 && s.gid == 0 ? "" : fmt::format(" {}:{}", s.uid, s.gid);
    return fmt::format("device {} {} {}:{} {:04o}{}", word(s.path), s.type, s.major, s.minor, s.mode, owner);
  }

  std::string operator()(const step::Symlink& s) const {
    return fmt::format("link {} to {}", word(s.path), word(s.target));
  }

  std::string operator()(const step::MakeDir& s) const {
    return fmt::format("directory {} {:04o}", word(s.path), s.mode);
  }

  std::string operator()(const step::PivotRoot& s) const {
    return (s.by_move ? "move root to " : "pivot root to ") + word(s.root);
  }

  std::string operator()(const step::MaskPath& s) const { return "mask " + word(s.path); }

  std::string operator()(const step::ReadOnlyPath& s) const { return "read-only " + word(s.path); }

  std::string operator()(const step::ReadOnlyRoot& /*unused*/) const { return "read-only root"; }

  std::string operator()(const step::ReadOnlyTree& s) const { return "read-only tree " + word(s.path); }

  std::string operator()(const step::SetHostname& s) const {
    return "hostname " + word(s.hostname) + (s.domainname.empty() ? "" : " domain " + word(s.domainname));
  }

  std::string operator()(const step::WriteSysctl& s) const {
    return fmt::format("sysctl {} = {}", s.key, word(s.value));
  }

  std::string operator()(const step::SetRlimit& s) const {
    return fmt::format("limit {} {}:{}", s.resource, limit_text(s.soft), limit_text(s.hard));
  }

  std::string operator()(const step::SetOomScore& s) const { return fmt::format("oom score {}", s.value); }

  std::string operator()(const step::Rendezvous& s) const { return "rendezvous " + word(s.place); }

  std::string operator()(const step::BecomeRoot& /*unused*/) const { return "become root"; }

  std::string operator()(const step::BindRoot& s) const {
    return fmt::format("bind root {}{}", word(s.path), s.parent_private ? " parent private" : "");
  }

  std::string operator()(const step::SetMountFlags& s) const {
    return fmt::format("flags of {}{}", word(s.path), mount_flags_text(s.flags));
  }

  std::string operator()(const step::CopyUp& s) const {
    const std::string flags = flag_names(s.flags, kMountFlags);
    return fmt::format("mount a copy on {}{}{}{}{}", word(s.target), flags.empty() ? "" : " ", flags,
                       s.data.empty() ? "" : " ", s.data);
  }

  std::string operator()(const step::RunHooks& s) const {
    std::string text = fmt::format("hooks {}", s.kind);
    for (const Hook& hook : s.hooks) {
      text += " " + word(hook.path);
    }
    return text;
  }
};

}  // namespace

std::string render(const LaunchSpec& spec) {
  std::string text = fmt::format("container {}\n", word(spec.container));
  if (spec.born_in_new != 0) {
    text += fmt::format("born in new {}\n", flag_names(spec.born_in_new, kNamespaceFlags));
  }
  if (spec.pid_owner) {
    text += fmt::format("born in pid of {}\n", owner_text(*spec.pid_owner));
  }
  for (const Step& step : spec.steps) {
    text += std::visit(StepRenderer{}, step) + '\n';
  }
  const Credentials& who = spec.credentials;
  text += fmt::format("user {}\n", who.user.empty() ? "0" : word(who.user));
  if (!who.group_add.empty()) {
    text += fmt::format("groups {}\n", words(who.group_add));
  }
  text += fmt::format("capabilities bounding {:016x} root {:016x}\n", who.bounding, who.permitted_for_root);
  text += who.no_new_privs ? "no new privileges\n" : "";
  text += who.apparmor.empty() ? "" : fmt::format("apparmor profile {}\n", who.apparmor);
  text += who.selinux.empty() ? "" : fmt::format("selinux label {}\n", who.selinux);
  if (!who.seccomp.program.empty()) {
    text += fmt::format("seccomp filter of {} instructions, sha256 {}\n", who.seccomp.program.size() / 8,
                        sha256_hex(who.seccomp.program));
  }
  for (const std::string& entry : spec.exec.env) {
    text += "env " + word(entry) + '\n';
  }
  text += fmt::format("directory {}\n", spec.exec.working_dir.empty() ? "/" : word(spec.exec.working_dir));
  text += spec.exec.terminal ? "terminal\n" : "";
  text += spec.reaper ? "reaper\n" : "";
  return text + "exec " + words(spec.exec.argv) + '\n';
}

}  // namespace cmp::container
