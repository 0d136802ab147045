#include "compose/explain.hpp"

#include <utility>
#include <vector>

#include <fmt/core.h>

#include "compose/attributes.hpp"
#include "compose/printable.hpp"
#include "compose/scalar.hpp"
#include "compose/yaml_text.hpp"

namespace cmp::compose {
namespace {

class Explanation {
 public:
  Explanation(const VariablePlaces& variables, const std::string& directory)
      : variables_(variables), directory_(directory + "/") {}

  /// `above` is the value that `view` was made of, where it has none of its own.
  void walk(const View& view, const std::string& path, const Node& above) {
    const Node& node = view.node == nullptr ? above : *view.node;
    for (const ViewEntry& entry : view.entries) {
      key_ = entry.key;
      walk(entry.value, path.empty() ? step(entry.key) : path + "." + step(entry.key), node);
    }
    for (std::size_t i = 0; i < view.items.size(); ++i) {
      walk(view.items[i], fmt::format("{}[{}]", path, i), node);
    }
    if (view.entries.empty() && view.items.empty()) {
      add_line(fmt::format("{}: {}", path, value_text(view)), cause(node));
    }
  }

  std::string take() { return std::move(text_); }

 private:
  /// A key that is no plain word is quoted, so that the dots of a path are those between keys.
  static std::string step(std::string_view key) {
    const std::string text = yaml_string(key, 0);
    return key.find('.') == std::string_view::npos || text.front() == '"' ? text : fmt::format("\"{}\"", key);
  }

  static std::string value_text(const View& view) {
    std::string text = yaml_text(view);
    const bool block = view.kind == Node::Kind::kScalar && view.text.find('\n') != std::string_view::npos;
    if (block) {
      return yaml_string(view.text, 0);
    }
    text.pop_back();
    return text;
  }

  void add_line(const std::string& value, const std::string& why) {
    constexpr std::size_t kColumn = 48;
    text_ += fmt::format("{:<{}}  # {}\n", value, kColumn, why);
  }

  std::string cause(const Node& node) const {
    switch (node.made) {
      case Made::kDefault:
        return "default";
      case Made::kImplied:
        return fmt::format("implied by {}", place(node.origin.pos()));
      case Made::kEnvironment:
        return fmt::format("{}, {}", written(node.origin), variable(found(key_)));
      case Made::kWritten:
        break;
    }
    return written(node.origin);
  }

  /// compose.yaml:4 (overrides base.yaml:3 "nginx:1.23"), ${TAG} from .env:2
  std::string written(const Origin& origin) const {
    std::string overrides;
    std::string variables;
    for (const Note& note : origin.source ? origin.source->notes : std::vector<Note>()) {
      if (note.kind == Note::Kind::kVariable) {
        variables += ", " + variable(note);
      } else {
        overrides += fmt::format("{}{} {}", overrides.empty() ? "overrides " : ", ", place(note.where), note.text);
      }
    }
    if (origin.line == 0 && !variables.empty()) {
      return variables.substr(2);
    }
    return place(origin.pos()) + (overrides.empty() ? "" : fmt::format(" ({})", overrides)) + variables;
  }

  Note found(const std::string& name) const {
    const auto place = variables_.find(name);
    return {Note::Kind::kVariable, name, place == variables_.end() ? SourcePos() : place->second};
  }

  std::string variable(const Note& note) const {
    return !note.set ? fmt::format("${{{}}} is not set", note.text)
                     : fmt::format("${{{}}} from {}", note.text,
                                   note.where.known() ? place(note.where) : std::string("the environment"));
  }

  std::string place(const SourcePos& where) const {
    if (where.file.empty()) {
      return "the command line";
    }
    const bool below = where.file.starts_with(directory_);
    return fmt::format("{}:{}", below ? where.file.substr(directory_.size()) : where.file, where.line);
  }

  const VariablePlaces& variables_;
  std::string directory_;
  std::string key_;
  std::string text_;
};

}  // namespace

std::string explain_text(const Loaded& loaded, const std::string& directory) {
  Printer printer(Output::kYaml);
  Explanation explanation(loaded.variable_places, directory);
  explanation.walk(printer.view(loaded.tree, schema_root()), "", loaded.tree);
  return explanation.take();
}

}  // namespace cmp::compose
