#pragma once
// bind.selinux: on a host with SELinux, what is bound gets the label that containers may use (z), with the level of the
// service alone (Z).

#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/compile.hpp"
#include "engine/host.hpp"

namespace cmp::engine {

/// The label of security.selinux for a mount: "" if it asks for none. Pure.
[[nodiscard]] std::string mount_label(const model::Service& service, const model::Mount& mount);

/// Labels sources and all in them, links themselves and not what they lead to. Nothing happens without SELinux.
/// kInvalid: a directory of the system is never relabelled.
[[nodiscard]] Status relabel_sources(const Host& host, const model::Service& service,
                                     const std::vector<container::ResolvedMount>& mounts);

}  // namespace cmp::engine
