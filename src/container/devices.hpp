#pragma once
// The devices of a container: their nodes, and the rules about what may be done with them. Pure.

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "container/compile.hpp"
#include "container/launch_spec.hpp"
#include "model/device.hpp"
#include "model/project.hpp"

namespace cmp::container {

/// "c 1:3 mr", "a *:* rwm": a line of device_cgroup_rules. kInvalid: it is not one.
[[nodiscard]] Result<model::DeviceRule> parse_device_rule(std::string_view text);

/// True if text is one of the letters r, w, m, each at most once.
[[nodiscard]] bool is_device_access(std::string_view text);

/// True for "vendor.com/class=name", which the Container Device Interface would look up.
[[nodiscard]] bool is_cdi_name(std::string_view source);

/// Everything the service may do with devices: the defaults, its `devices` and its `device_cgroup_rules`. Nothing:
/// everything is allowed (privileged). Errors have the place in the file.
[[nodiscard]] Result<std::optional<std::vector<model::DeviceRule>>> device_rules(
    const model::Service& service, const std::vector<ResolvedDevice>& devices);

/// What every container has in /dev (config-linux.md, Default Devices): six nodes, and links into /proc and /dev/pts.
[[nodiscard]] std::vector<step::MakeDevice> default_nodes();
[[nodiscard]] std::vector<Step> device_links(bool has_kcore);

/// /dev's default nodes, those of the service, and for a privileged one the host's.
[[nodiscard]] std::vector<Step> device_nodes(const model::Service& service, const Facts& facts);

}  // namespace cmp::container
