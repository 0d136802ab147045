#pragma once
// Templates of --format, in the part of Go's text/template that scripts use: fields, pipes, the functions of Docker's
// formatter, if, range, with. Pure.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.hpp"

namespace cmp::cli {

/// What a template is filled in from.
struct TemplateRow {
  nlohmann::json fields;                                 ///< an object
  std::function<std::string(const std::string&)> label;  ///< {{.Label "key"}}
};

namespace go_template {

struct Pipeline;

/// One word of a command.
struct Operand {
  enum class Kind { kField, kLiteral, kPipeline, kFunction };
  Kind kind = Kind::kField;
  std::vector<std::string> path;       ///< kField: ".A.B" is A, B; "." is empty
  nlohmann::json literal;              ///< kLiteral
  std::shared_ptr<Pipeline> pipeline;  ///< kPipeline: in brackets
  std::string function;                ///< kFunction
};

/// Commands, each a word and its arguments; the result of one is the last argument of the next.
struct Pipeline {
  std::vector<std::vector<Operand>> commands;
};

struct Node {
  enum class Kind { kText, kAction, kIf, kRange, kWith };
  Kind kind = Kind::kText;
  std::string text;  ///< kText
  Pipeline pipeline;
  std::vector<Node> body, otherwise;
};

/// Errors: kInvalid, what is wrong and where it begins.
[[nodiscard]] Result<std::vector<Node>> parse(std::string_view text);

/// The value of `name` with these arguments. kInvalid: there is no such function, or it takes other arguments.
[[nodiscard]] Result<nlohmann::json> call(const std::string& name, const std::vector<nlohmann::json>& arguments);

/// As Go prints a value: texts as they are, lists in square brackets.
[[nodiscard]] std::string printed(const nlohmann::json& value);

/// False for nothing, 0, false and what is empty.
[[nodiscard]] bool truth(const nlohmann::json& value);

}  // namespace go_template

class Template {
 public:
  [[nodiscard]] static Result<Template> parse(std::string_view text);

  /// Errors: kInvalid, a field that the row has not (with the nearest one), or a function's.
  [[nodiscard]] Result<std::string> render(const TemplateRow& row) const;

 private:
  explicit Template(std::vector<go_template::Node> nodes) : nodes_(std::move(nodes)) {}

  std::vector<go_template::Node> nodes_;
};

}  // namespace cmp::cli
