#include "container/namespaces.hpp"

#include <linux/sched.h>

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "container/blame.hpp"
#include "container/storage.hpp"
#include "model/namespaces.hpp"

namespace cmp::container {

namespace {

using model::NamespaceMode;
using model::Sharing;

struct Kind {
  const char* name;  ///< as under /proc/PID/ns
  const char* key;   ///< in the file
  NamespaceMode model::Namespaces::*mode;
  std::uint64_t flag;
  bool at_birth;  ///< made by the clone, not by an unshare after it
};

constexpr std::array kKinds = {
    Kind{"cgroup", "cgroup", &model::Namespaces::cgroup, CLONE_NEWCGROUP, false},
    Kind{"ipc", "ipc", &model::Namespaces::ipc, CLONE_NEWIPC, true},
    Kind{"net", "network_mode", &model::Namespaces::net, CLONE_NEWNET, false},
    Kind{"pid", "pid", &model::Namespaces::pid, CLONE_NEWPID, true},
    Kind{"uts", "uts", &model::Namespaces::uts, CLONE_NEWUTS, true},
};

class Checks {
 public:
  explicit Checks(const model::Service& service) : service_(service), modes_(model::namespaces_of(service)) {}

  std::vector<Error> run() {
    check_words();
    if (!modes_.uts.own()) {
      conflict("hostname", !service_.hostname.empty(), "uts");
      conflict("domainname", !service_.domainname.empty(), "uts");
    }
    if (modes_.net.joined()) {
      conflict("hostname", !service_.hostname.empty(), "network_mode");
      conflict("ports", !service_.ports.empty(), "network_mode");
      conflict("dns", !service_.dns.empty(), "network_mode");
      conflict("extra_hosts", !service_.extra_hosts.empty(), "network_mode");
    }
    conflict("mac_address", !service_.mac_address.empty() && !service_.network_mode.empty(), "network_mode");
    return std::move(errors_);
  }

 private:
  void check_words() {
    const auto is = [](const NamespaceMode& mode, std::initializer_list<Sharing> known) {
      return std::ranges::find(known, mode.sharing) != known.end();
    };
    using enum Sharing;
    allow("pid", service_.pid, service_.pid != "private" && is(modes_.pid, {kOwn, kHost, kService, kContainer}),
          "host, service:NAME or container:NAME");
    allow("ipc", service_.ipc, is(modes_.ipc, {kOwn, kShareable, kNone, kHost, kService, kContainer}),
          "private, shareable, none, host, service:NAME or container:NAME");
    allow("uts", service_.uts, is(modes_.uts, {kOwn, kHost, kService, kContainer}),
          "host, service:NAME or container:NAME");
    allow("cgroup", service_.cgroup, is(modes_.cgroup, {kOwn, kHost}), "host or private");
    allow("userns_mode", service_.userns_mode, service_.userns_mode.empty() || service_.userns_mode == "host",
          "host: containers run in the host's user namespace");
  }

  void allow(const char* key, const std::string& value, bool fine, const char* words) {
    if (!fine) {
      errors_.push_back(
          blame(service_, key, Code::kInvalid, fmt::format("'{}' is not possible, only {}", value, words)));
    }
  }

  void conflict(const char* key, bool given, const char* mode_key) {
    if (given) {
      errors_.push_back(blame(service_, key, Code::kInvalid,
                              fmt::format("it cannot be given together with {}: {}", mode_key,
                                          std::string_view(mode_key) == "uts" ? service_.uts : service_.network_mode)));
    }
  }

  const model::Service& service_;
  model::Namespaces modes_;
  std::vector<Error> errors_;
};

Result<Owner> owner(const model::Service& service, const Facts& facts, const Kind& kind) {
  const auto it = facts.owners.find(kind.name);
  if (it == facts.owners.end()) {
    return blame(service, kind.key, Code::kInternal, "nobody has looked for its owner");
  }
  return it->second;
}

}  // namespace

std::vector<Error> check_namespaces(const model::Service& service) {
  return Checks(service).run();
}

std::vector<Error> check_platform(const model::Service& service) {
  constexpr std::array<std::string_view, 5> kRuntimes = {"", "cmp", "runc", "crun", "io.containerd.runc.v2"};
  std::vector<Error> errors;
  if (std::ranges::find(kRuntimes, service.runtime) == kRuntimes.end()) {
    errors.push_back(blame(service, "runtime", Code::kUnsupported,
                           fmt::format("'{}': cmp runs containers itself, with no other runtime", service.runtime)));
  }
  if (!service.isolation.empty() && service.isolation != "default") {
    errors.push_back(blame(service, "isolation", Code::kUnsupported,
                           fmt::format("'{}': Linux has 'default' only", service.isolation)));
  }
  for (const auto& [option, value] : service.storage_opt) {
    if (option != "size") {
      errors.push_back(blame(service, "storage_opt", Code::kUnsupported,
                             fmt::format("'{}={}': there is no such option, only size", option, value)));
    } else if (!storage_size(service)) {
      errors.push_back(
          blame(service, "storage_opt", Code::kInvalid, fmt::format("'{}={}' is no size such as 10G", option, value)));
    }
  }
  if (("/" + service.cgroup_parent + "/").find("/../") != std::string::npos) {
    errors.push_back(blame(service, "cgroup_parent", Code::kInvalid,
                           fmt::format("'{}' leaves the tree of control groups", service.cgroup_parent)));
  }
  if (!service.working_dir.empty() && !service.working_dir.starts_with('/')) {
    errors.push_back(blame(service, "working_dir", Code::kInvalid,
                           fmt::format("'{}' is not an absolute path", service.working_dir)));
  }
  return errors;
}

Status add_birth(const model::Service& service, const Facts& facts, LaunchSpec& spec) {
  const model::Namespaces modes = model::namespaces_of(service);
  spec.born_in_new = CLONE_NEWNS;
  for (const Kind& kind : kKinds) {
    if (kind.at_birth && (modes.*kind.mode).own()) {
      spec.born_in_new |= kind.flag;
    }
  }
  if (facts.has_time_namespaces) {
    spec.born_in_new |= CLONE_NEWTIME;
  }
  if (modes.pid.joined()) {
    CMP_TRY(spec.pid_owner, owner(service, facts, *std::ranges::find(kKinds, std::string_view("pid"), &Kind::name)));
  }
  return {};
}

Result<std::vector<Step>> namespace_steps(const model::Service& service, const Facts& facts) {
  const model::Namespaces modes = model::namespaces_of(service);
  std::vector<Step> steps;
  std::uint64_t made = 0;
  for (const Kind& kind : kKinds) {
    const NamespaceMode& mode = modes.*kind.mode;
    if (mode.own()) {
      made |= kind.at_birth ? 0 : kind.flag;
    } else if (mode.joined() && std::string_view(kind.name) != "pid") {
      CMP_TRY(Owner from, owner(service, facts, kind));
      steps.emplace_back(step::ShareNamespaces{std::move(from), {kind.name}});
    }
  }
  steps.emplace_back(step::Unshare{made});
  return steps;
}

}  // namespace cmp::container
