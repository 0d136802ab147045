#pragma once
// Where a service's mounts come from on this host.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/compile.hpp"
#include "model/project.hpp"
#include "state/paths.hpp"

namespace cmp::engine {

/// The host side of each mount, without touching anything. An anonymous volume lies in the container's own state
/// directory and goes with it. kNotFound: a container that the service has volumes from is not there.
[[nodiscard]] Result<std::vector<container::ResolvedMount>> resolve_mounts(const state::Paths& paths,
                                                                           const model::Service& service,
                                                                           const std::string& container);

/// The owner of a file or directory; root if there is none.
[[nodiscard]] model::HostOwner owner_of(const std::string& path);

/// " (did you mean '/srv/site/nginx.conf'?)" for a path that is not there, or "" if nothing beside it looks like it.
[[nodiscard]] std::string suggest_existing(const std::string& path);

/// Bind sources that are not there and will be made, each with its place in the file and the nearest name that exists:
/// often a slip.
[[nodiscard]] std::vector<Error> missing_sources(const model::Service& service);

/// Makes them, each missing parent too. `made` gets every directory that was made, outer ones first, also when it
/// fails.
[[nodiscard]] Status make_sources(const model::Service& service, const model::HostOwner& owner,
                                  std::vector<std::string>& made);

/// Takes back what make_sources has made, as far as it is still empty.
void unmake_sources(const std::vector<std::string>& made);

/// Overlay lower directories of the service's image, topmost first. Errors name service and image: kNotFound if a part
/// of it is not in the store.
[[nodiscard]] Result<std::vector<std::string>> image_layers(const state::Paths& paths, const model::Service& service);

/// The same of each image among what it mounts, in that order.
[[nodiscard]] Result<std::vector<std::vector<std::string>>> mounted_layers(
    const state::Paths& paths, const model::Service& service, const std::vector<container::ResolvedMount>& mounts);

/// Makes what may be made: directories of anonymous volumes, and bind sources with create_host_path that have gone
/// since the container was made; they belong to whom the directory around them belongs.
[[nodiscard]] Status create_mount_sources(const std::vector<container::ResolvedMount>& mounts);

}  // namespace cmp::engine
