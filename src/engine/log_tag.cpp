#include "engine/log_tag.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <fmt/core.h>

#include "base/nearest.hpp"

namespace cmp::engine {

namespace {

constexpr std::size_t kShortId = 12;
constexpr std::string_view kOpen = "{{", kClose = "}}";

constexpr std::array<std::string_view, 8> kFields = {"ID",      "FullID",      "Name",    "ImageName",
                                                     "ImageID", "ImageFullID", "Command", "DaemonName"};

/// One {{…}}: where it is in the template, and what is in it without blanks around.
struct Action {
  std::size_t begin = 0, end = 0;
  std::string_view inside;
};

std::optional<Action> next_action(std::string_view text, std::size_t from) {
  const std::size_t begin = text.find(kOpen, from);
  const std::size_t close = begin == std::string_view::npos ? begin : text.find(kClose, begin);
  if (close == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view inside = text.substr(begin + kOpen.size(), close - begin - kOpen.size());
  while (inside.starts_with(' ')) {
    inside.remove_prefix(1);
  }
  while (inside.ends_with(' ')) {
    inside.remove_suffix(1);
  }
  return Action{begin, close + kClose.size(), inside};
}

/// "Name" of ".Name", "" if that is no field there is.
std::string_view field_in(std::string_view inside) {
  const std::string_view name = inside.starts_with('.') ? inside.substr(1) : "";
  return std::ranges::find(kFields, name) == kFields.end() ? "" : name;
}

std::string image_id(const state::ContainerRecord& record) {
  return record.service_definition.image_id;
}

std::string command_of(const state::ContainerRecord& record) {
  std::string out;
  for (const std::string& word : record.command) {
    out += (out.empty() ? "" : " ") + word;
  }
  return out;
}

std::string value_of(std::string_view field, const state::ContainerRecord& record) {
  if (field == "ID") {
    return record.id.substr(0, kShortId);
  }
  if (field == "FullID") {
    return record.id;
  }
  if (field == "Name") {
    return record.name;
  }
  if (field == "ImageName") {
    return record.image;
  }
  if (field == "ImageFullID") {
    return image_id(record);
  }
  if (field == "ImageID") {
    const std::string id = image_id(record);
    const std::size_t hex = id.find(':') == std::string::npos ? 0 : id.find(':') + 1;
    return id.substr(hex, kShortId);
  }
  return field == "Command" ? command_of(record) : "cmp";
}

}  // namespace

Status check_log_tag(const std::string& text) {
  std::size_t at = 0;
  while (const auto action = next_action(text, at)) {
    if (field_in(action->inside).empty()) {
      const std::string_view near =
          nearest(action->inside.starts_with('.') ? action->inside.substr(1) : action->inside, kFields);
      return make_error(Code::kInvalid,
                        fmt::format("'{{{{{}}}}}' is no field of a container{}", action->inside,
                                    near.empty() ? "" : fmt::format(" (did you mean '{{{{.{}}}}}'?)", near)));
    }
    at = action->end;
  }
  return text.find(kOpen, at) == std::string::npos
             ? Status()
             : Status(make_error(Code::kInvalid, fmt::format("'{}' has a '{{{{' without '}}}}'", text)));
}

std::string expand_log_tag(const std::string& text, const state::ContainerRecord& record) {
  std::string out;
  std::size_t at = 0;
  while (const auto action = next_action(text, at)) {
    out += text.substr(at, action->begin - at);
    const std::string_view field = field_in(action->inside);
    out += field.empty() ? text.substr(action->begin, action->end - action->begin) : value_of(field, record);
    at = action->end;
  }
  return out + text.substr(at);
}

}  // namespace cmp::engine
