#pragma once
// Secrets and configs (compose-spec.md 1.15, 1.16) on this host. Their bytes are in memory only: in an anonymous file
// that the guardian holds for the project, and in a tmpfs of each container's own that only its mount namespace has.

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "container/compile.hpp"
#include "model/project.hpp"
#include "state/paths.hpp"

namespace cmp::engine {

/// Bytes by "secret KEY" and "config KEY".
using GivenFiles = std::map<std::string, std::string>;

/// The name in GivenFiles. `kind` is "secret" or "config".
[[nodiscard]] std::string given_name(std::string_view kind, const std::string& key);

/// As one anonymous file, to be handed on, and back. kInternal: it is none of these.
[[nodiscard]] Result<UniqueFd> pack_given_files(const GivenFiles& files);
[[nodiscard]] Result<GivenFiles> unpack_given_files(int packed);

/// The grants of a service whose owner is no number, each with its place in the file.
[[nodiscard]] std::vector<Error> check_grants(const model::Service& service);

/// The files of a container, in the order of granted_mounts(). One that is not among `given` is read again from its
/// file, or from its content in the project. kNotFound: it is nowhere any more.
[[nodiscard]] Result<std::vector<container::step::GrantedFile>> granted_files(const state::Paths& paths,
                                                                              const GivenFiles& given,
                                                                              const model::Project& project,
                                                                              const model::Service& service);

/// How they are mounted: read-only, each from its name in the container's tmpfs. Pure.
[[nodiscard]] std::vector<container::ResolvedMount> granted_mounts(const state::Paths& paths,
                                                                   const model::Service& service,
                                                                   const std::string& container);

}  // namespace cmp::engine
