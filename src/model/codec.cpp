#include "model/codec.hpp"

#include "model/fields.hpp"

namespace cmp::model {

std::string encode(const Project& project) {
  return json::to_json(project).dump(-1, ' ', false, json::Json::error_handler_t::replace);
}

Result<Project> decode_project(std::string_view text) {
  const auto parsed = json::Json::parse(text, nullptr, false);
  Project project;
  if (parsed.is_discarded() || !json::from_json(parsed, project)) {
    return make_error(Code::kInternal, "not a project's JSON");
  }
  return project;
}

}  // namespace cmp::model
