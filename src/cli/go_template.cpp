#include "cli/go_template.hpp"

#include <fmt/core.h>

#include "cli/vocabulary.hpp"

namespace cmp::cli {

namespace {

using go_template::Node;
using go_template::Operand;
using go_template::Pipeline;
using Json = nlohmann::json;

Error no_field(const Json& value, const std::string& name) {
  std::vector<std::string> known;
  if (value.is_object()) {
    for (const auto& [key, field] : value.items()) {
      known.push_back(key);
    }
  }
  const auto near = nearest(name, known);
  std::string others;
  for (const std::string& key : known) {
    others += (others.empty() ? "" : ", ") + key;
  }
  return make_error(Code::kInvalid, fmt::format("there is no field '{}'{}", name,
                                                near             ? fmt::format(", did you mean '{}'?", *near)
                                                : others.empty() ? ""
                                                                 : ": " + others));
}

class Renderer {
 public:
  explicit Renderer(const TemplateRow& row) : row_(row) {}

  Status render(const std::vector<Node>& nodes, const Json& dot) {
    for (const Node& node : nodes) {
      CMP_CHECK(render(node, dot));
    }
    return {};
  }

  [[nodiscard]] std::string& out() { return out_; }

 private:
  Status render(const Node& node, const Json& dot) {
    if (node.kind == Node::Kind::kText) {
      out_ += node.text;
      return {};
    }
    CMP_TRY(const Json value, evaluate(node.pipeline, dot));
    switch (node.kind) {
      case Node::Kind::kIf:
        return render(go_template::truth(value) ? node.body : node.otherwise, dot);
      case Node::Kind::kWith:
        return go_template::truth(value) ? render(node.body, value) : render(node.otherwise, dot);
      case Node::Kind::kRange:
        return render_range(node, value, dot);
      default:
        out_ += go_template::printed(value);
        return {};
    }
  }

  Status render_range(const Node& node, const Json& value, const Json& dot) {
    if (!value.is_structured() || value.empty()) {
      return render(node.otherwise, dot);
    }
    for (const Json& element : value) {
      CMP_CHECK(render(node.body, element));
    }
    return {};
  }

  Result<Json> evaluate(const Pipeline& pipeline, const Json& dot) {
    std::vector<Json> piped;
    for (const auto& command : pipeline.commands) {
      CMP_TRY(Json value, evaluate(command, dot, piped));
      piped.clear();
      piped.push_back(std::move(value));
    }
    return piped.empty() ? Json() : std::move(piped.front());
  }

  Result<Json> evaluate(const std::vector<Operand>& command, const Json& dot, const std::vector<Json>& piped) {
    std::vector<Json> arguments;
    for (std::size_t i = 1; i < command.size(); ++i) {
      CMP_TRY(Json value, value_of(command[i], dot));
      arguments.push_back(std::move(value));
    }
    arguments.insert(arguments.end(), piped.begin(), piped.end());
    const Operand& first = command.front();
    if (first.kind == Operand::Kind::kFunction) {
      return go_template::call(first.function, arguments);
    }
    if (first.kind == Operand::Kind::kField && first.path == std::vector<std::string>{"Label"}) {
      if (arguments.size() != 1 || !arguments.front().is_string()) {
        return make_error(Code::kInvalid, "'.Label' takes the name of one label");
      }
      return Json(row_.label ? row_.label(arguments.front().get<std::string>()) : "");
    }
    if (!arguments.empty()) {
      return make_error(Code::kInvalid, "only functions and '.Label' take arguments");
    }
    return value_of(first, dot);
  }

  Result<Json> value_of(const Operand& operand, const Json& dot) {
    switch (operand.kind) {
      case Operand::Kind::kLiteral:
        return operand.literal;
      case Operand::Kind::kPipeline:
        return evaluate(*operand.pipeline, dot);
      case Operand::Kind::kFunction:
        return go_template::call(operand.function, {});
      case Operand::Kind::kField:
        break;
    }
    const Json* value = &dot;
    for (const std::string& name : operand.path) {
      if (!value->is_object() || !value->contains(name)) {
        return no_field(*value, name);
      }
      value = &(*value)[name];
    }
    return *value;
  }

  const TemplateRow& row_;
  std::string out_;
};

}  // namespace

Result<Template> Template::parse(std::string_view text) {
  CMP_TRY(auto nodes, go_template::parse(text));
  return Template(std::move(nodes));
}

Result<std::string> Template::render(const TemplateRow& row) const {
  Renderer renderer(row);
  CMP_CHECK(renderer.render(nodes_, row.fields));
  return std::move(renderer.out());
}

}  // namespace cmp::cli
