#pragma once
// Whose namespaces a service has: its own, the host's, or another container's (spec: network_mode, pid, ipc, uts,
// cgroup). Pure.

#include <string>
#include <vector>

#include "model/project.hpp"

namespace cmp::model {

enum class Sharing {
  kOwn,        ///< "", private
  kShareable,  ///< its own, others may join it (ipc)
  kNone,       ///< its own with nothing in it (network_mode: no interface; ipc: no /dev/shm)
  kHost,
  kService,    ///< service:NAME
  kContainer,  ///< container:NAME
  kOther       ///< another word
};

struct NamespaceMode {
  Sharing sharing = Sharing::kOwn;
  std::string name;  ///< of the service or the container

  /// It is another container's.
  [[nodiscard]] bool joined() const { return sharing == Sharing::kService || sharing == Sharing::kContainer; }

  /// It is neither the host's nor another container's.
  [[nodiscard]] bool own() const { return !joined() && sharing != Sharing::kHost; }
};

[[nodiscard]] NamespaceMode namespace_mode(const std::string& text);

struct Namespaces {
  NamespaceMode net, pid, ipc, uts, cgroup;
};

[[nodiscard]] Namespaces namespaces_of(const Service& service);

/// The container that a joined namespace belongs to; the first one of a service. "" if it is not joined.
[[nodiscard]] std::string owner_of(const Project& project, const NamespaceMode& mode);

/// Names of all containers whose namespaces the service joins, sorted, without doubles.
[[nodiscard]] std::vector<std::string> namespace_owners(const Project& project, const Service& service);

}  // namespace cmp::model
