#include "cli/orphans.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace cmp::cli {

Result<bool> is_switched_on(const std::map<std::string, std::string>& environment, const char* name) {
  constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> kFalse = {"0", "f", "F", "false", "FALSE", "False"};
  const auto found = environment.find(name);
  const std::string text = found == environment.end() ? "" : found->second;
  if (std::ranges::find(kTrue, text) != kTrue.end()) {
    return true;
  }
  if (text.empty() || std::ranges::find(kFalse, text) != kFalse.end()) {
    return false;
  }
  return make_error(Code::kInvalid, fmt::format("{}: '{}' is neither true nor false", name, text));
}

Status decide_orphans(const std::map<std::string, std::string>& environment, supervisor::Request& request) {
  CMP_TRY(const bool remove, is_switched_on(environment, "COMPOSE_REMOVE_ORPHANS"));
  CMP_TRY(request.ignore_orphans, is_switched_on(environment, "COMPOSE_IGNORE_ORPHANS"));
  request.remove_orphans = request.remove_orphans || (remove && !request.ignore_orphans);
  if (request.ignore_orphans && request.remove_orphans) {
    return make_error(Code::kInvalid, "cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans");
  }
  return {};
}

}  // namespace cmp::cli
