#include "cli/scale.hpp"

#include <charconv>

#include <fmt/core.h>

namespace cmp::cli {

Status apply_scale(model::Project& project, const std::vector<std::string>& scale) {
  for (const std::string& entry : scale) {
    const std::size_t equals = entry.find('=');
    int number = -1;
    const char* const end = entry.data() + entry.size();
    const bool whole =
        equals != std::string::npos && std::from_chars(entry.data() + equals + 1, end, number).ptr == end;
    if (!whole || number < 0) {
      return make_error(Code::kInvalid, fmt::format("invalid --scale option \"{}\". Should be SERVICE=NUM", entry));
    }
    const auto service = project.services.find(entry.substr(0, equals));
    if (service == project.services.end()) {
      return make_error(Code::kNotFound, fmt::format("no such service: {}", entry.substr(0, equals)));
    }
    const std::string& name = service->second.container_name;
    if (number > 1 && !name.empty()) {
      return make_error(
          Code::kInvalid,
          fmt::format("service '{}' has the custom container name '{}', which only one container can have: "
                      "remove container_name to scale it",
                      service->first, name));
    }
    service->second.scale = number;
  }
  return {};
}

std::vector<std::string> scaled_services(const std::vector<std::string>& scale) {
  std::vector<std::string> out;
  for (const std::string& entry : scale) {
    out.push_back(entry.substr(0, entry.find('=')));
  }
  return out;
}

}  // namespace cmp::cli
