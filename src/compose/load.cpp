#include "compose/load.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "compose/file_values.hpp"
#include "compose/lexical_path.hpp"
#include "compose/model.hpp"
#include "compose/phases.hpp"
#include "compose/scalar.hpp"
#include "compose/selection.hpp"
#include "compose/setup.hpp"
#include "compose/substitute.hpp"

namespace cmp::compose {

namespace {

Error no_file() {
  return make_error(Code::kNotFound, "no configuration file provided: not found");
}

/// The `name:` of the last document that has one, interpolated by itself: the project's name must be known before
/// anything else is interpolated. What is wrong with it is reported there.
std::string name_in_files(const std::vector<Source>& sources, const Variables& variables, bool interpolated) {
  std::string name;
  for (const Source& source : sources) {
    for (const Node& document : source.documents) {
      const Node* node = document.find("name");
      if (node != nullptr && node->is_scalar() && !node->scalar.empty()) {
        name = scalar_text(*node);
      }
    }
  }
  if (!interpolated) {
    return name;
  }
  Lookup lookup;
  lookup.value = [&variables](std::string_view key) -> std::optional<std::string> {
    const auto it = variables.find(std::string(key));
    return it == variables.end() ? std::nullopt : std::optional<std::string>(it->second);
  };
  return substitute(name, lookup).value_or("");
}

Result<std::string> choose_name(const Setup& setup, const std::vector<Source>& sources, bool interpolated) {
  if (!setup.given_name.empty()) {
    return setup.given_name;
  }
  std::string name = normalised_project_name(name_in_files(sources, setup.environment, interpolated));
  if (name.empty()) {
    name = normalised_project_name(std::string_view(setup.directory).substr(setup.directory.rfind('/') + 1));
  }
  if (name.empty()) {
    return make_error(Code::kInvalid, fmt::format("no project name can be made from directory '{}', give one with -p",
                                                  setup.directory));
  }
  return name;
}

Result<std::vector<Source>> read_sources(Session& session, const std::vector<std::string>& files) {
  std::vector<Source> sources;
  Problems unreadable;
  bool empty = true;
  for (const std::string& file : files) {
    Result<Source> source = read_source(session, file);
    if (!source) {
      unreadable.errors.push_back(std::move(source).error());
      continue;
    }
    empty = empty && source->documents.empty();
    sources.push_back(std::move(*source));
  }
  if (!unreadable.ok()) {
    return std::move(unreadable).combined();
  }
  if (empty) {
    return make_error(Code::kInvalid, "empty compose file").at({files.front(), 0, 0});
  }
  return sources;
}

class Loading {
 public:
  Loading(const LoadOptions& options, Setup setup)
      : options_(options), setup_(std::move(setup)), session_{options, problems_, home(), {}, {}, {}} {
    problems_.warnings = setup_.warnings;
  }

  Result<Loaded> run();

 private:
  std::string home() const {
    const auto it = options_.environment.find("HOME");
    return it == options_.environment.end() ? std::string() : it->second;
  }

  void select();
  Result<Loaded> finish();
  void complete(model::Project& project) const;

  const LoadOptions& options_;
  Setup setup_;
  Problems problems_;
  Session session_;
  std::string name_;
  Node tree_;
  std::vector<std::string> disabled_;
};

Result<Loaded> Loading::run() {
  CMP_TRY(std::vector<Source> sources, read_sources(session_, setup_.files));
  CMP_TRY(name_, choose_name(setup_, sources, options_.interpolate));
  setup_.environment["COMPOSE_PROJECT_NAME"] = name_;
  Model model{session_, setup_.directory, setup_.environment, {}, {}};
  tree_ = load_model(model, std::move(sources));
  if (problems_.ok()) {
    const Origin origin = tree_.origin;
    Node& name = tree_["name"];
    name.origin = name.origin.file ? name.origin : origin;
    set_string(name, name_);
  }
  if (problems_.ok() && options_.normalize) {
    normalise(tree_, name_, setup_.environment, problems_);
  }
  if (problems_.ok()) {
    select();
  }
  return finish();
}

/// Profiles, then what must hold among the enabled services, then what is left out of the result.
void Loading::select() {
  const std::vector<Entry> disabled = take_disabled(tree_, setup_.profiles, options_.services);
  for (const Entry& service : disabled) {
    disabled_.push_back(service.key);
  }
  std::ranges::sort(disabled_);
  if (options_.check_consistency) {
    SetAside aside(tree_, disabled, problems_);
    check_consistency(tree_, problems_);
    aside.restore();
  }
  if (options_.only_services && !options_.services.empty()) {
    keep_services(tree_, options_.services, problems_);
  }
  if (!options_.all_resources) {
    drop_unused(tree_);
  }
  if (problems_.ok() && options_.resolve_env_files) {
    resolve_env_files(tree_, setup_.environment, problems_);
    resolve_label_files(tree_, problems_);
  }
}

Result<Loaded> Loading::finish() {
  Loaded loaded;
  if (problems_.ok()) {
    CMP_TRY(loaded.project, compose::bind(tree_, name_, problems_));
    complete(loaded.project);
  }
  if (!problems_.ok()) {
    return std::move(problems_).combined();
  }
  loaded.tree = std::move(tree_);
  loaded.disabled_services = std::move(disabled_);
  loaded.files = std::move(session_.files);
  loaded.environment = std::move(setup_.environment);
  loaded.warnings = std::move(problems_.warnings);
  return loaded;
}

/// The file of a seccomp profile from the project's folder, as Docker Compose has it.
void resolve_profile(std::string& option, const std::string& directory, const std::string& home) {
  constexpr std::string_view kName = "seccomp";
  const bool has_value = option.starts_with(kName) && option.size() > kName.size() + 1 &&
                         (option[kName.size()] == '=' || option[kName.size()] == ':');
  const std::string value = has_value ? option.substr(kName.size() + 1) : "";
  if (value.empty() || value == "unconfined" || value == "builtin") {
    return;
  }
  option.replace(kName.size() + 1, value.size(),
                 value.starts_with("~/") ? clean_path(home + value.substr(1)) : join_path(directory, value));
}

/// What the tree does not hold.
void Loading::complete(model::Project& project) const {
  project.working_dir = setup_.directory;
  project.files = setup_.files;
  for (auto& [name, service] : project.services) {
    for (std::string& option : service.security_opt) {
      resolve_profile(option, setup_.directory, home());
    }
    std::erase_if(service.depends_on, [&project](const auto& dependency) {
      return !dependency.second.required && !project.services.contains(dependency.first);
    });
  }
  const auto fill = [this](std::map<std::string, model::FileSource>& sources, const std::string& kind) {
    for (auto& [key, source] : sources) {
      const auto it = session_.file_contents.find(kind + "." + key);
      if (it != session_.file_contents.end() && !source.environment.empty()) {
        source.content = it->second;
      }
    }
  };
  fill(project.secrets, "secrets");
  fill(project.configs, "configs");
}

}  // namespace

Result<Loaded> load(const LoadOptions& options) {
  CMP_TRY(Setup setup, find_setup(options));
  if (setup.files.empty()) {
    return no_file();
  }
  return Loading(options, std::move(setup)).run();
}

Result<std::string> project_name(const LoadOptions& options) {
  CMP_TRY(const Setup setup, find_setup(options));
  if (!setup.given_name.empty()) {
    return setup.given_name;
  }
  if (setup.files.empty()) {
    return no_file();
  }
  Problems problems;
  Session session{options, problems, {}, {}, {}, {}};
  std::vector<Source> sources;
  for (const std::string& file : setup.files) {
    // A file that can't be parsed has no name to offer; that must not keep `down` from working.
    if (Result<Source> source = read_source(session, file)) {
      sources.push_back(std::move(*source));
    }
  }
  return choose_name(setup, sources, options.interpolate);
}

}  // namespace cmp::compose
