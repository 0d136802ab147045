#include "seccomp/profile.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace cmp::seccomp {

namespace {

using Json = nlohmann::json;

constexpr std::uint16_t kEperm = 1;

template <typename T, std::size_t N>
using Words = std::array<std::pair<std::string_view, T>, N>;

constexpr Words<Action, 8> kActions = {{{"SCMP_ACT_ALLOW", Action::kAllow},
                                        {"SCMP_ACT_ERRNO", Action::kErrno},
                                        {"SCMP_ACT_KILL", Action::kKillThread},
                                        {"SCMP_ACT_KILL_THREAD", Action::kKillThread},
                                        {"SCMP_ACT_KILL_PROCESS", Action::kKillProcess},
                                        {"SCMP_ACT_TRAP", Action::kTrap},
                                        {"SCMP_ACT_TRACE", Action::kTrace},
                                        {"SCMP_ACT_LOG", Action::kLog}}};

constexpr Words<Compare, 7> kCompares = {{{"SCMP_CMP_NE", Compare::kNe},
                                          {"SCMP_CMP_LT", Compare::kLt},
                                          {"SCMP_CMP_LE", Compare::kLe},
                                          {"SCMP_CMP_EQ", Compare::kEq},
                                          {"SCMP_CMP_GE", Compare::kGe},
                                          {"SCMP_CMP_GT", Compare::kGt},
                                          {"SCMP_CMP_MASKED_EQ", Compare::kMaskedEq}}};

Error wrong(const std::string& where, const std::string& why) {
  return make_error(Code::kInvalid, fmt::format("{}: {}", where, why));
}

template <typename T, std::size_t N>
std::optional<T> find_word(const Words<T, N>& words, std::string_view word) {
  const auto it = std::ranges::find(words, word, &std::pair<std::string_view, T>::first);
  return it == words.end() || word.empty() ? std::nullopt : std::optional(it->second);
}

/// The value under a key; nullptr if it is missing or null, as Go's encoder writes an empty list.
const Json* find(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

Result<std::string> text_in(const Json& object, const char* key, const std::string& where) {
  const Json* value = find(object, key);
  if (value == nullptr) {
    return std::string();
  }
  const auto* text = value->get_ptr<const std::string*>();
  return text != nullptr ? Result<std::string>(*text) : wrong(where + key, "must be text");
}

Result<std::vector<std::string>> texts_in(const Json& object, const char* key, const std::string& where) {
  std::vector<std::string> texts;
  const Json* list = find(object, key);
  if (list == nullptr) {
    return texts;
  }
  if (!list->is_array()) {
    return wrong(where + key, "must be a list");
  }
  for (const Json& item : *list) {
    const auto* text = item.get_ptr<const std::string*>();
    if (text == nullptr || text->empty()) {
      return wrong(where + key, "must hold words");
    }
    texts.push_back(*text);
  }
  return texts;
}

Result<std::uint64_t> number_in(const Json& object, const char* key, const std::string& where,
                                std::uint64_t otherwise) {
  const Json* value = find(object, key);
  if (value == nullptr) {
    return otherwise;
  }
  return value->is_number_unsigned() ? Result<std::uint64_t>(value->get<std::uint64_t>())
                                     : wrong(where + key, "must be a number, 0 or more");
}

Result<Verdict> read_verdict(const Json& object, const char* action_key, const char* errno_key,
                             const std::string& where) {
  CMP_TRY(const std::string word, text_in(object, action_key, where));
  if (word == "SCMP_ACT_NOTIFY") {
    return wrong(where + action_key, "SCMP_ACT_NOTIFY needs an agent that answers, which cmp has not got");
  }
  const auto action = find_word(kActions, word);
  if (!action) {
    return wrong(where + action_key, word.empty() ? "is missing" : fmt::format("'{}' is no action", word));
  }
  const bool has_value = *action == Action::kErrno || *action == Action::kTrace;
  CMP_TRY(const std::uint64_t value, number_in(object, errno_key, where, kEperm));
  if (value > std::numeric_limits<std::uint16_t>::max()) {
    return wrong(where + errno_key, fmt::format("{} is no errno", value));
  }
  return Verdict{*action, has_value ? static_cast<std::uint16_t>(value) : std::uint16_t{0}};
}

Result<Condition> read_condition(const Json& object, const std::string& where) {
  constexpr std::uint64_t kLastArgument = 5;
  Condition condition;
  CMP_TRY(const std::uint64_t index, number_in(object, "index", where, 0));
  CMP_TRY(const std::string word, text_in(object, "op", where));
  CMP_TRY(condition.value, number_in(object, "value", where, 0));
  CMP_TRY(condition.value_two, number_in(object, "valueTwo", where, 0));
  const auto op = find_word(kCompares, word);
  if (!op || index > kLastArgument) {
    return wrong(where + (op ? "index" : "op"),
                 op ? fmt::format("{} is no argument: 0 to 5", index) : fmt::format("'{}' is no comparison", word));
  }
  condition.argument = static_cast<unsigned>(index);
  condition.op = *op;
  return condition;
}

std::optional<KernelVersion> parse_kernel(std::string_view text) {
  KernelVersion version;
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.first);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') {
    return std::nullopt;
  }
  const auto minor = std::from_chars(major.ptr + 1, end, version.second);
  return minor.ec == std::errc() && minor.ptr == end ? std::optional(version) : std::nullopt;
}

Result<Scope> read_scope(const Json& group, const char* key, const std::string& where) {
  Scope scope;
  const Json* object = find(group, key);
  if (object == nullptr) {
    return scope;
  }
  const std::string inside = fmt::format("{}{}.", where, key);
  if (!object->is_object()) {
    return wrong(where + key, "must be a mapping");
  }
  CMP_TRY(scope.architectures, texts_in(*object, "arches", inside));
  CMP_TRY(scope.capabilities, texts_in(*object, "caps", inside));
  CMP_TRY(const std::string kernel, text_in(*object, "minKernel", inside));
  if (!kernel.empty()) {
    const auto version = parse_kernel(kernel);
    if (!version) {
      return wrong(inside + "minKernel", fmt::format("'{}' is no kernel version", kernel));
    }
    scope.min_kernel = *version;
  }
  return scope;
}

Result<std::vector<Condition>> read_conditions(const Json& group, const std::string& where) {
  std::vector<Condition> conditions;
  const Json* list = find(group, "args");
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const std::string place = fmt::format("{}args[{}]", where, i);
    if (!list->is_array() || !(*list)[i].is_object()) {
      return wrong(place, "must be a mapping");
    }
    CMP_TRY(const Condition condition, read_condition((*list)[i], place + "."));
    conditions.push_back(condition);
  }
  return conditions;
}

/// `name` is the older form of `names`; both at once are a mistake.
Result<Group> read_group(const Json& object, const std::string& place) {
  const std::string where = place + ".";
  Group group;
  if (!object.is_object()) {
    return wrong(place, "must be a mapping");
  }
  CMP_TRY(group.names, texts_in(object, "names", where));
  CMP_TRY(const std::string name, text_in(object, "name", where));
  if (group.names.empty() == name.empty()) {
    return wrong(place, name.empty() ? "has neither 'names' nor 'name'" : "has both 'names' and 'name'");
  }
  if (!name.empty()) {
    group.names = {name};
  }
  CMP_TRY(group.verdict, read_verdict(object, "action", "errnoRet", where));
  CMP_TRY(group.conditions, read_conditions(object, where));
  CMP_TRY(group.includes, read_scope(object, "includes", where));
  CMP_TRY(group.excludes, read_scope(object, "excludes", where));
  return group;
}

Status read_architectures(const Json& object, Profile& profile) {
  CMP_TRY(profile.architectures, texts_in(object, "architectures", ""));
  const Json* map = find(object, "archMap");
  if (map != nullptr && !profile.architectures.empty()) {
    return wrong("archMap", "a profile has it or 'architectures', not both");
  }
  for (std::size_t i = 0; map != nullptr && i < map->size(); ++i) {
    const std::string where = fmt::format("archMap[{}].", i);
    if (!map->is_array() || !(*map)[i].is_object()) {
      return wrong("archMap", "must be a list of mappings");
    }
    CMP_TRY(const std::string name, text_in((*map)[i], "architecture", where));
    CMP_TRY(profile.arch_map[name], texts_in((*map)[i], "subArchitectures", where));
  }
  return {};
}

/// Knows nothing but where the text stops being JSON.
class ErrorFinder : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }

  bool boolean(bool /*value*/) override { return true; }

  bool number_integer(number_integer_t /*value*/) override { return true; }

  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }

  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }

  bool string(string_t& /*value*/) override { return true; }

  bool binary(binary_t& /*value*/) override { return true; }

  bool start_object(std::size_t /*count*/) override { return true; }

  bool key(string_t& /*name*/) override { return true; }

  bool end_object() override { return true; }

  bool start_array(std::size_t /*count*/) override { return true; }

  bool end_array() override { return true; }

  bool parse_error(std::size_t position, const std::string& /*token*/, const Json::exception& /*why*/) override {
    offset = position;
    return false;
  }

  std::size_t offset = 0;
};

Error not_json(std::string_view text) {
  ErrorFinder finder;
  static_cast<void>(Json::sax_parse(text, &finder));
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(finder.offset, text.size()));
  return wrong(fmt::format("line {}", 1 + std::count(text.begin(), end, '\n')), "not JSON");
}

}  // namespace

Result<Profile> parse_profile(std::string_view text) {
  const Json object = Json::parse(text, nullptr, false);
  if (object.is_discarded()) {
    return not_json(text);
  }
  if (!object.is_object()) {
    return make_error(Code::kInvalid, "a profile is a JSON mapping");
  }
  Profile profile;
  CMP_TRY(profile.otherwise, read_verdict(object, "defaultAction", "defaultErrnoRet", ""));
  CMP_CHECK(read_architectures(object, profile));
  CMP_TRY(profile.flags, texts_in(object, "flags", ""));
  const Json* groups = find(object, "syscalls");
  if (groups != nullptr && !groups->is_array()) {
    return wrong("syscalls", "must be a list");
  }
  for (std::size_t i = 0; groups != nullptr && i < groups->size(); ++i) {
    CMP_TRY(Group group, read_group((*groups)[i], fmt::format("syscalls[{}]", i)));
    profile.groups.push_back(std::move(group));
  }
  return profile;
}

}  // namespace cmp::seccomp
