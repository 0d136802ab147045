#include "supervisor/generations.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "base/sha256.hpp"
#include "model/fields.hpp"
#include "sys/file.hpp"

namespace cmp::json {

template <>
struct Fields<supervisor::Generation> {
  using S = supervisor::Generation;
  static constexpr auto list =
      std::make_tuple(field("number", &S::number), field("created_at", &S::created_at), field("who", &S::who),
                      field("services", &S::services), field("project", &S::project), field("files", &S::files));
};

}  // namespace cmp::json

namespace cmp::supervisor {

namespace {

std::string generations_dir(const state::Paths& paths) {
  return paths.state_dir() + "/generations";
}

std::string generation_file(const state::Paths& paths, int number) {
  return fmt::format("{}/{}.json", generations_dir(paths), number);
}

/// What makes a difference: a line that has moved does not.
void strip_places(json::Json& value) {
  if (value.is_object()) {
    value.erase("where");
    value.erase("positions");
  }
  for (auto& [key, inner] : value.items()) {
    if (inner.is_structured()) {
      strip_places(inner);
    }
  }
}

bool is_same(const Generation& a, const Generation& b) {
  json::Json left = json::to_json(a.project);
  json::Json right = json::to_json(b.project);
  strip_places(left);
  strip_places(right);
  return left == right;
}

std::string numbers_text(const std::vector<int>& numbers) {
  std::string out;
  for (const int number : numbers) {
    out += fmt::format("{}{}", out.empty() ? "" : ", ", number);
  }
  return out.empty() ? "there is none" : "there are " + out;
}

}  // namespace

std::vector<int> generation_numbers(const state::Paths& paths) {
  std::vector<int> numbers;
  const auto names = sys::list_directory(generations_dir(paths));
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    int number = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
    if (number > 0 && std::string_view(parsed.ptr) == ".json") {
      numbers.push_back(number);
    }
  }
  std::ranges::sort(numbers);
  return numbers;
}

Result<Generation> read_generation(const state::Paths& paths, int number) {
  const std::string file = generation_file(paths, number);
  const auto text = sys::read_file(file);
  if (!text) {
    return make_error(Code::kNotFound, fmt::format("project '{}' has no generation {}: {}", paths.project(), number,
                                                   numbers_text(generation_numbers(paths))));
  }
  Generation generation;
  const auto parsed = json::Json::parse(*text, nullptr, false);
  if (parsed.is_discarded() || !json::from_json(parsed, generation)) {
    return make_error(Code::kInvalid, fmt::format("'{}' is damaged", file));
  }
  return generation;
}

std::optional<Generation> last_generation(const state::Paths& paths) {
  const auto numbers = generation_numbers(paths);
  if (numbers.empty()) {
    return std::nullopt;
  }
  auto last = read_generation(paths, numbers.back());
  return last ? std::optional(*std::move(last)) : std::nullopt;
}

Status add_generation(const state::Paths& paths, const std::string& who, const std::vector<std::string>& services,
                      const model::Project& project) {
  Generation generation{.number = 1, .created_at = wall_now(), .who = who, .services = services, .project = project};
  for (auto& [name, secret] : generation.project.secrets) {
    secret.content.reset();
  }
  for (const std::string& file : project.files) {
    if (const auto bytes = sys::read_file(file)) {
      generation.files.emplace(file, sha256_hex(*bytes));
    }
  }
  auto numbers = generation_numbers(paths);
  if (const auto last = last_generation(paths)) {
    if (is_same(*last, generation)) {
      return {};
    }
  }
  generation.number = numbers.empty() ? 1 : numbers.back() + 1;
  CMP_CHECK(sys::make_directories(generations_dir(paths), 0700));
  const std::string text = json::to_json(generation).dump(-1, ' ', false, json::Json::error_handler_t::replace);
  CMP_CHECK(sys::write_file_atomically(generation_file(paths, generation.number), text, 0600));
  numbers.push_back(generation.number);
  for (std::size_t i = 0; numbers.size() - i > kKeptGenerations; ++i) {
    CMP_CHECK(sys::remove_tree(generation_file(paths, numbers[i])));
  }
  return {};
}

}  // namespace cmp::supervisor
