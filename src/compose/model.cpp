#include "compose/model.hpp"

#include <optional>
#include <utility>

#include <fmt/core.h>

#include "compose/input.hpp"
#include "compose/merge.hpp"
#include "compose/scalar.hpp"
#include "sys/file.hpp"

namespace cmp::compose {

namespace {

std::optional<std::string> lookup(const Variables& variables, const std::string& name) {
  const auto it = variables.find(name);
  return it == variables.end() ? std::nullopt : std::optional<std::string>(it->second);
}

/// An empty variable in a list of name servers is none, not a server without an address.
void drop_empty_servers(Node& tree) {
  Node* services = tree.find("services");
  if (services == nullptr) {
    return;
  }
  for (Entry& service : services->entries) {
    if (Node* dns = service.value.find("dns")) {
      std::erase_if(dns->items,
                    [](const Node& item) { return item.is_null() || (item.is_scalar() && item.scalar.empty()); });
    }
  }
}

void drop_version(Session& session, Node& tree) {
  if (const Node* version = tree.find("version")) {
    session.problems.warn(
        version->origin,
        "the attribute 'version' is obsolete, it will be ignored, please remove it to avoid potential confusion");
    tree.erase("version");
  }
}

/// A name without a value takes it from the environment of the model that it stands in.
void fill_environment(Node& environment, const Variables& variables) {
  for (Node& item : environment.items) {
    if (item.is_scalar() && item.scalar.find('=') == std::string::npos) {
      if (const std::optional<std::string> value = lookup(variables, item.scalar)) {
        set_string(item, item.scalar + "=" + *value);
        item.made = Made::kEnvironment;
      }
    }
  }
  for (Entry& entry : environment.entries) {
    if (entry.value.is_null()) {
      if (std::optional<std::string> value = lookup(variables, entry.key)) {
        set_string(entry.value, std::move(*value));
        entry.value.made = Made::kEnvironment;
      }
    }
  }
}

void resolve_services(Node& tree, const Variables& variables) {
  Node* services = tree.find("services");
  if (services == nullptr) {
    return;
  }
  for (Entry& service : services->entries) {
    if (Node* environment = service.value.find("environment")) {
      fill_environment(*environment, variables);
    }
  }
}

void resolve_file_contents(Session& session, const Node& tree, const std::string& kind, const Variables& variables) {
  const Node* elements = tree.find(kind);
  if (elements == nullptr) {
    return;
  }
  for (const Entry& element : elements->entries) {
    const Node* name = element.value.find("environment");
    if (name != nullptr && name->is_scalar()) {
      if (std::optional<std::string> value = lookup(variables, name->scalar)) {
        session.file_contents.try_emplace(kind + "." + element.key, std::move(*value));
      }
    }
  }
}

Result<std::string> read_text(Session& session, const std::string& file) {
  if (file != "-") {
    return read_input(file);
  }
  if (!session.options.read_stdin) {
    return make_error(Code::kInvalid, "standard input can't be read here");
  }
  return session.options.read_stdin();
}

}  // namespace

Result<InputFile> read_source(Session& session, const std::string& file) {
  CMP_TRY(const std::string text, read_text(session, file));
  CMP_TRY(std::vector<Node> documents, read_yaml(text, file, session.problems));
  std::erase_if(documents, [](const Node& document) { return document.is_null(); });
  session.files.push_back(file);
  return InputFile{file, std::move(documents)};
}

void add_document(Model& model, const std::string& file, Node document, Node& tree, DocumentUse use,
                  std::vector<KeyPath>& places) {
  Problems& problems = model.session.problems;
  const bool interpolated = model.session.options.interpolate;
  const Scalars scalars = interpolated ? Scalars::kFinal : Scalars::kTemplates;
  if (!document.is_mapping()) {
    problems.error(document.origin, "top-level object must be a mapping");
    problems.files_missing = true;
    return;
  }
  places = take_merge_tags(document);
  if (interpolated) {
    interpolate(document, model.variables, problems, model.variable_places);
  }
  if (use == DocumentUse::kModel) {
    apply_include(model, file, document, places);
  }
  apply_merge_tags(tree, places);
  if (use == DocumentUse::kModel) {
    apply_extends(model, file, document, tree, places);
  }
  tree = merge_at({}, std::move(tree), std::move(document), problems);
  drop_redefined(tree, problems.explain);
  if (use == DocumentUse::kModel) {
    check_schema(tree, problems, scalars);
    drop_version(model.session, tree);
  }
  canonicalise(tree, problems, scalars);
  drop_empty_servers(tree);
  drop_redefined(tree, problems.explain);  // long forms show what short ones hid, such as a port inside a range
}

Node load_model(Model& model, std::vector<InputFile> sources) {
  Session& session = model.session;
  Node tree;
  for (InputFile& source : sources) {
    for (Node& document : source.documents) {
      std::vector<KeyPath> places;
      add_document(model, source.file, std::move(document), tree, DocumentUse::kModel, places);
    }
  }
  set_defaults(tree);
  if (session.options.interpolate) {
    check_values(tree, session.problems);
  }
  if (session.options.resolve_paths || !model.including.empty()) {
    resolve_paths(tree, model.directory, session.home, session.problems);
  }
  resolve_services(tree, model.variables);
  resolve_file_contents(session, tree, "secrets", model.variables);
  resolve_file_contents(session, tree, "configs", model.variables);
  return tree;
}

}  // namespace cmp::compose
