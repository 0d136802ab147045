#include "cli/json_template.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace cmp::cli {

namespace {

using Json = nlohmann::json;

/// "\\n" and "\\t" as on a command line of Docker's.
std::string unescaped(std::string text) {
  for (const auto& [written, meant] : {std::pair("\\n", "\n"), std::pair("\\t", "\t")}) {
    for (std::size_t at = text.find(written); at != std::string::npos; at = text.find(written, at + 1)) {
      text.replace(at, 2, meant);
    }
  }
  return text;
}

/// The value at ".A.B", nothing if it is not there.
const Json* value_at(const std::string& path, const Json& data) {
  const Json* value = &data;
  for (std::size_t at = 1; at < path.size();) {
    const auto dot = std::min(path.find('.', at), path.size());
    const std::string key = path.substr(at, dot - at);
    if (!value->is_object() || !value->contains(key)) {
      return nullptr;
    }
    value = &value->at(key);
    at = dot + 1;
  }
  return value;
}

Result<std::string> evaluate(const std::string& action, const Json& data) {
  const auto first = action.find_first_not_of(' ');
  const auto last = action.find_last_not_of(' ');
  std::string path = first == std::string::npos ? "" : action.substr(first, last - first + 1);
  constexpr std::string_view kJson = "json ";
  const bool as_json = path.starts_with(kJson);
  if (as_json) {
    path = path.substr(path.find_first_not_of(' ', kJson.size()));
  }
  if (!path.starts_with('.') || path.find_first_of(" |()$\"") != std::string::npos) {
    return make_error(Code::kInvalid,
                      fmt::format("--format: {{{{{}}}}} is neither {{{{.FIELD}}}} nor {{{{json .FIELD}}}}", action));
  }
  const Json* const value = value_at(path, data);
  if (value == nullptr) {
    return std::string(as_json ? "null" : "<no value>");
  }
  return value->is_string() && !as_json ? value->get<std::string>()
                                        : value->dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Result<std::string> fill_template(const std::string& text, const std::string& json) {
  const Json data = Json::parse(json, nullptr, false);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto open = text.find("{{", at);
    out += unescaped(text.substr(at, open - at));
    if (open == std::string::npos) {
      break;
    }
    const auto close = text.find("}}", open);
    if (close == std::string::npos) {
      return make_error(Code::kInvalid, "--format: '{{' without '}}'");
    }
    CMP_TRY(const std::string value, evaluate(text.substr(open + 2, close - open - 2), data));
    out += value;
    at = close + 2;
  }
  return out;
}

}  // namespace cmp::cli
