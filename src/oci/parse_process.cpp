// config.md, Process; config-linux.md where it adds to it.

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <set>

#include "oci/config.hpp"
#include "oci/node.hpp"

namespace cmp::oci {

namespace {

struct NamedLimit {
  std::string_view name;
  int number;
};

constexpr std::array kLimits = {NamedLimit{"RLIMIT_AS", RLIMIT_AS},
                                NamedLimit{"RLIMIT_CORE", RLIMIT_CORE},
                                NamedLimit{"RLIMIT_CPU", RLIMIT_CPU},
                                NamedLimit{"RLIMIT_DATA", RLIMIT_DATA},
                                NamedLimit{"RLIMIT_FSIZE", RLIMIT_FSIZE},
                                NamedLimit{"RLIMIT_LOCKS", RLIMIT_LOCKS},
                                NamedLimit{"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
                                NamedLimit{"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
                                NamedLimit{"RLIMIT_NICE", RLIMIT_NICE},
                                NamedLimit{"RLIMIT_NOFILE", RLIMIT_NOFILE},
                                NamedLimit{"RLIMIT_NPROC", RLIMIT_NPROC},
                                NamedLimit{"RLIMIT_RSS", RLIMIT_RSS},
                                NamedLimit{"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
                                NamedLimit{"RLIMIT_RTTIME", RLIMIT_RTTIME},
                                NamedLimit{"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
                                NamedLimit{"RLIMIT_STACK", RLIMIT_STACK}};

void read_limit(const Node& node, Rlimit& limit, std::set<std::string>& seen) {
  node.at("type").require("is required");
  node.at("type").read(limit.type);
  node.at("soft").read(limit.soft);
  node.at("hard").read(limit.hard);
  const auto it = std::ranges::find(kLimits, limit.type, &NamedLimit::name);
  if (it == kLimits.end()) {
    node.at("type").complain(fmt::format("'{}' is no limit", limit.type));
    return;
  }
  limit.resource = it->number;
  if (!seen.insert(limit.type).second) {
    node.at("type").complain(fmt::format("'{}' is given twice", limit.type));
  }
}

void read_user(const Node& node, Process& process) {
  node.at("uid").read(process.uid);
  node.at("gid").read(process.gid);
  node.at("umask").read(process.umask);
  node.at("additionalGids").read(process.additional_gids);
}

void read_capabilities(const Node& node, std::optional<Capabilities>& into) {
  if (!node.present()) {
    return;
  }
  Capabilities& sets = into.emplace();
  node.at("bounding").read(sets.bounding);
  node.at("effective").read(sets.effective);
  node.at("inheritable").read(sets.inheritable);
  node.at("permitted").read(sets.permitted);
  node.at("ambient").read(sets.ambient);
}

}  // namespace

void read_process(const Node& node, Process& process) {
  node.at("terminal").read(process.terminal);
  node.at("consoleSize").at("height").read(process.rows);
  node.at("consoleSize").at("width").read(process.columns);
  read_user(node.at("user"), process);
  node.at("args").read(process.args);
  node.at("env").read(process.env);
  node.at("cwd").read(process.cwd);
  read_capabilities(node.at("capabilities"), process.capabilities);
  std::set<std::string> seen;
  node.at("rlimits").each([&](const Node& limit) { read_limit(limit, process.rlimits.emplace_back(), seen); });
  node.at("noNewPrivileges").read(process.no_new_privileges);
  node.at("oomScoreAdj").read(process.oom_score_adj);
  node.at("apparmorProfile").read(process.apparmor_profile);
  node.at("selinuxLabel").read(process.selinux_label);
  read_scheduler(node.at("scheduler"), process.scheduler);
  read_io_priority(node.at("ioPriority"), process.io_priority);
  read_affinity(node.at("execCPUAffinity"), process.exec_affinity);
  if (!process.cwd.starts_with('/')) {
    node.at("cwd").complain("is not an absolute path");
  }
  if (process.args.empty()) {
    node.at("args").complain("is empty");
  }
}

}  // namespace cmp::oci
