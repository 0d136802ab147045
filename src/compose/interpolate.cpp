// ${…} in every scalar value of a tree (compose-spec.md 2.3). Keys are left alone, and so are values that YAML reads
// as numbers or booleans: they can hold no dollar sign.

#include <algorithm>
#include <utility>

#include "compose/phases.hpp"
#include "compose/substitute.hpp"

namespace cmp::compose {

namespace {

/// What the values of one tree may grow by, so that a small file can't become gigabytes.
constexpr std::size_t kMaxGrowthBytes = 64U << 20U;

class Interpolation {
 public:
  Interpolation(const Variables& variables, Problems& problems) : problems_(problems) {
    lookup_.value = [&variables](std::string_view name) { return find(variables, name); };
    lookup_.unset = [this](std::string_view name) { warn_unset(name); };
  }

  void walk(Node& node) {
    if (node.is_scalar()) {
      scalar(node);
    }
    for (Node& item : node.items) {
      path_.push_back("[]");
      walk(item);
      path_.pop_back();
    }
    for (Entry& entry : node.entries) {
      path_.push_back(entry.key);
      walk(entry.value);
      path_.pop_back();
    }
  }

 private:
  static std::optional<std::string> find(const Variables& variables, std::string_view name) {
    const auto it = variables.find(std::string(name));
    return it == variables.end() ? std::nullopt : std::optional<std::string>(it->second);
  }

  void scalar(Node& node) {
    if (!has_reference(node.scalar)) {
      return;
    }
    origin_ = &node.origin;
    Result<std::string> value = substitute(node.scalar, lookup_);
    if (value) {
      grown_ += value->size();
    }
    if (!value || grown_ > kMaxGrowthBytes) {
      problems_.error(node.origin, path() + ": " + (value ? "the values become too long" : value.error().message));
      return;
    }
    node.scalar = std::move(*value);
    node.style = ScalarStyle::kQuoted;  // what a variable holds is text, also "true" and "1"
  }

  void warn_unset(std::string_view name) {
    std::string message = unset_message(name);
    if (std::ranges::find(problems_.warnings, message, &Warning::message) == problems_.warnings.end()) {
      problems_.warn(*origin_, std::move(message));
    }
  }

  std::string path() const {
    std::string text;
    for (const std::string_view step : path_) {
      text += text.empty() ? "" : ".";
      text += step;
    }
    return text;
  }

  Problems& problems_;
  Lookup lookup_;
  std::vector<std::string_view> path_;
  const Origin* origin_ = nullptr;
  std::size_t grown_ = 0;
};

}  // namespace

void interpolate(Node& tree, const Variables& variables, Problems& problems) {
  Interpolation(variables, problems).walk(tree);
}

}  // namespace cmp::compose
