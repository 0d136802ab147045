#include "engine/sharing.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "container/blame.hpp"
#include "engine/etc_files.hpp"
#include "model/namespaces.hpp"

namespace cmp::engine {

namespace {

using model::NamespaceMode;
using model::Sharing;

struct Kind {
  const char* name;
  const char* key;
  NamespaceMode model::Namespaces::*mode;
};

constexpr std::array kKinds = {
    Kind{"ipc", "ipc", &model::Namespaces::ipc}, Kind{"net", "network_mode", &model::Namespaces::net},
    Kind{"pid", "pid", &model::Namespaces::pid}, Kind{"uts", "uts", &model::Namespaces::uts}};

std::string host_name() {
  utsname names{};
  return ::uname(&names) == 0 ? names.nodename : "";
}

bool runs(const state::ContainerRecord& record) {
  const auto process = sys::open_same_process(record.process);
  return process && !sys::has_exited(process->get());
}

Result<state::ContainerRecord> find_owner(const Context& context, const model::Project& project,
                                          const state::ContainerRecord& record, const Kind& kind,
                                          const NamespaceMode& mode) {
  const model::Service& service = record.service_definition;
  const std::string name = model::owner_of(project, mode);
  auto owner = state::find_container(context.paths, name);
  if (!owner) {
    return container::blame(service, kind.key, Code::kNotFound, fmt::format("there is no container '{}'", name));
  }
  if (owner->name == record.name) {
    return container::blame(service, kind.key, Code::kInvalid, fmt::format("'{}' is the container itself", name));
  }
  if (!runs(*owner)) {
    return container::blame(service, kind.key, Code::kNotFound, fmt::format("container '{}' is not running", name));
  }
  if (std::string_view(kind.name) == "ipc") {
    CMP_CHECK(check_shareable(service, name, owner->service_definition));
  }
  return *std::move(owner);
}

/// The hostname and the etc files go with the network, as Docker has it; the hostname also with the UTS namespace.
void take_names(const Context& context, const std::map<std::string, state::ContainerRecord>& owners,
                state::ContainerRecord& record) {
  const model::Namespaces modes = model::namespaces_of(record.service_definition);
  record.etc_dir = context.paths.container_run_dir(record.name);
  record.hostname.clear();
  record.hostname = hostname_of(record);
  if (modes.uts.sharing == Sharing::kHost ||
      (modes.net.sharing == Sharing::kHost && record.service_definition.hostname.empty())) {
    record.hostname = host_name();
  }
  for (const char* kind : {"net", "uts"}) {
    if (const auto owner = owners.find(kind); owner != owners.end()) {
      record.hostname = owner->second.hostname;
    }
  }
  if (const auto owner = owners.find("net"); owner != owners.end()) {
    record.etc_dir = owner->second.etc_dir;
  }
}

}  // namespace

Status find_owners(const Context& context, const model::Project& project, state::ContainerRecord& record) {
  const model::Namespaces modes = model::namespaces_of(record.service_definition);
  std::map<std::string, state::ContainerRecord> owners;
  record.shares.clear();
  for (const Kind& kind : kKinds) {
    const NamespaceMode& mode = modes.*kind.mode;
    if (mode.joined()) {
      CMP_TRY(state::ContainerRecord owner, find_owner(context, project, record, kind, mode));
      record.shares[kind.name] = {owner.name, owner.process};
      owners.emplace(kind.name, std::move(owner));
    }
  }
  take_names(context, owners, record);
  return {};
}

Status check_shareable(const model::Service& service, const std::string& container, const model::Service& owner) {
  const Sharing ipc = model::namespace_mode(owner.ipc).sharing;
  if (ipc == Sharing::kShareable || ipc == Sharing::kHost) {
    return {};
  }
  return container::blame(
      service, "ipc", Code::kInvalid,
      fmt::format("container '{}' keeps its IPC namespace to itself; give its service 'ipc: shareable'", container));
}

std::map<std::string, container::Owner> owners_of(const state::ContainerRecord& record) {
  std::map<std::string, container::Owner> owners;
  for (const auto& [kind, shared] : record.shares) {
    owners.emplace(kind, container::Owner{shared.container, shared.process.pid, shared.process.start_ticks});
  }
  return owners;
}

bool is_orphaned(const state::ContainerRecord& record) {
  return std::ranges::any_of(record.shares, [](const auto& entry) {
    const auto process = sys::open_same_process(entry.second.process);
    return !process || sys::has_exited(process->get());
  });
}

}  // namespace cmp::engine
