#include "runtime/groups.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "cgroup/devices.hpp"
#include "cgroup/resources.hpp"
#include "oci/device_rules.hpp"

namespace cmp::runtime {

namespace {

/// "a-b.slice" is in "a.slice" (systemd.slice(5)).
std::string slice_path(const std::string& slice) {
  if (slice == "-.slice") {
    return "";
  }
  const std::string name = slice.substr(0, slice.rfind(".slice"));
  std::string path;
  for (auto dash = name.find('-'); dash != std::string::npos; dash = name.find('-', dash + 1)) {
    path += name.substr(0, dash) + ".slice/";
  }
  return path + slice + "/";
}

Result<std::string> systemd_path(const std::string& text) {
  const auto first = text.find(':');
  const auto second = first == std::string::npos ? first : text.find(':', first + 1);
  if (second == std::string::npos || second + 1 == text.size()) {
    return make_error(Code::kInvalid, fmt::format("linux.cgroupsPath: '{}' is not slice:prefix:name", text));
  }
  const std::string slice = text.substr(0, first), prefix = text.substr(first + 1, second - first - 1);
  const std::string name = text.substr(second + 1);
  const std::string unit =
      name.ends_with(".slice") ? name : fmt::format("{}{}{}.scope", prefix, prefix.empty() ? "" : "-", name);
  return slice_path(slice.empty() ? "system.slice" : slice) + unit;
}

}  // namespace

Result<std::string> group_path(const std::string& cgroups_path, const std::string& id, bool systemd) {
  if (cgroups_path.empty()) {
    return systemd ? "system.slice/cmp-" + id + ".scope" : id;
  }
  if (systemd) {
    return systemd_path(cgroups_path);
  }
  std::string clean;
  for (std::size_t at = 0; at < cgroups_path.size();) {
    const auto slash = std::min(cgroups_path.find('/', at), cgroups_path.size());
    const std::string part = cgroups_path.substr(at, slash - at);
    at = slash + 1;
    if (part == "..") {
      return make_error(Code::kInvalid, fmt::format("linux.cgroupsPath: '{}' has a '..'", cgroups_path));
    }
    clean += part.empty() || part == "." ? "" : (clean.empty() ? "" : "/") + part;
  }
  return clean.empty()
             ? Result<std::string>(make_error(Code::kInvalid, "linux.cgroupsPath: the root group is nobody's"))
             : Result<std::string>(clean);
}

Result<std::vector<std::string>> make_group(const cgroup::Layout& layout, const std::string& path,
                                            const oci::Config& config) {
  const cgroup::Group group{path};
  CMP_TRY(const auto inside, cgroup::processes(layout, group));
  if (!inside.empty()) {
    return make_error(Code::kConflict, fmt::format("cgroup '{}' holds processes already", path));
  }
  CMP_CHECK(cgroup::create_everywhere(layout, group));
  cgroup::Resources resources = config.linux_part.resources;
  const auto rules = oci::device_rules(config);
  if (layout.has("devices")) {
    resources.devices = rules;
  } else {
    resources.devices.clear();
    CMP_TRY(const auto allowed, oci::allowed_devices(rules));
    CMP_CHECK(cgroup::DeviceControl().apply(layout, group, allowed));
  }
  return cgroup::apply_resources(layout, group, resources);
}

Status remove_group(const std::string& path) {
  if (path.empty()) {
    return {};
  }
  CMP_TRY(const cgroup::Layout layout, cgroup::detect_everything());
  CMP_CHECK(cgroup::kill_all(layout, {path}));
  return cgroup::remove(layout, {path});
}

bool is_frozen(const oci::Record& record) {
  const auto layout = record.cgroup.empty() ? make_error(Code::kNotFound, "no cgroup") : cgroup::detect_everything();
  return layout && cgroup::is_frozen(*layout, {record.cgroup});
}

}  // namespace cmp::runtime
