#include "compose/load.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "compose/file_values.hpp"
#include "compose/hash.hpp"
#include "compose/lexical_path.hpp"
#include "compose/model.hpp"
#include "compose/phases.hpp"
#include "compose/scalar.hpp"
#include "compose/selection.hpp"
#include "compose/setup.hpp"
#include "compose/substitute.hpp"

namespace cmp::compose {

namespace {

/// An env file that can't be read may have named the files.
Error without_files(Setup setup) {
  Problems problems;
  for (Error& error : setup.errors) {
    problems.add(std::move(error));
  }
  return problems.ok() ? make_error(Code::kNotFound, "no configuration file provided: not found")
                       : std::move(problems).combined();
}

/// The `name:` of the last document that has one, interpolated by itself: the project's name must be known before
/// anything else is interpolated. What is wrong with it is reported there.
std::string name_in_files(const std::vector<InputFile>& sources, const Variables& variables, bool interpolated) {
  std::string name;
  for (const InputFile& source : sources) {
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

/// Directories are called by it, and names of containers begin with it.
Result<std::string> of_bearable_length(std::string name) {
  constexpr std::size_t kLongest = 100;
  if (name.size() > kLongest) {
    return make_error(Code::kInvalid, fmt::format("invalid project name '{}…': it has {} characters, of at most {}",
                                                  name.substr(0, 40), name.size(), kLongest));
  }
  return name;
}

Result<std::string> choose_name(const Setup& setup, const std::vector<InputFile>& sources, bool interpolated) {
  if (!setup.given_name.empty()) {
    return of_bearable_length(setup.given_name);
  }
  std::string name = normalised_project_name(name_in_files(sources, setup.environment, interpolated));
  if (name.empty()) {
    name = normalised_project_name(std::string_view(setup.directory).substr(setup.directory.rfind('/') + 1));
  }
  if (name.empty()) {
    return make_error(Code::kInvalid, fmt::format("no project name can be made from directory '{}', give one with -p",
                                                  setup.directory));
  }
  return of_bearable_length(std::move(name));
}

/// The files that can be read.
std::vector<InputFile> read_sources(Session& session, const std::vector<std::string>& files) {
  std::vector<InputFile> sources;
  bool empty = true;
  for (const std::string& file : files) {
    Result<InputFile> source = read_source(session, file);
    if (!source) {
      session.problems.add(std::move(source).error());
      session.problems.files_missing = true;
      continue;
    }
    empty = empty && source->documents.empty();
    sources.push_back(std::move(*source));
  }
  if (empty && !session.problems.files_missing) {
    session.problems.add(make_error(Code::kInvalid, "empty compose file").at({files.front(), 1, 1}));
  }
  return sources;
}

class Loading {
 public:
  Loading(const LoadOptions& options, Setup setup)
      : options_(options), setup_(std::move(setup)), session_{options, problems_, home(), {}, {}, {}} {
    problems_.warnings = setup_.warnings;
    problems_.explain = options.explain;
    for (const Error& error : setup_.errors) {
      problems_.add(error);
    }
    problems_.variables_missing = !setup_.errors.empty();
  }

  Result<Loaded> run();

  std::vector<Warning> take_warnings() { return problems_.take_warnings(); }

 private:
  std::string home() const {
    const auto it = options_.environment.find("HOME");
    return it == options_.environment.end() ? std::string() : it->second;
  }

  void set_name();
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
  std::vector<InputFile> sources = read_sources(session_, setup_.files);
  CMP_TRY(name_, choose_name(setup_, sources, options_.interpolate));
  setup_.environment["COMPOSE_PROJECT_NAME"] = name_;
  Model model{session_, setup_.directory, setup_.environment, setup_.variable_places, {}, {}};
  tree_ = load_model(model, std::move(sources));
  set_name();
  if (options_.normalize) {
    normalise(tree_, name_, setup_.environment, problems_);
  }
  select();
  return finish();
}

/// The name stands in the tree whoever has given it; one with references stays as it is if nothing replaces them.
void Loading::set_name() {
  const Origin origin = tree_.origin;
  Node& name = tree_["name"];
  if (!options_.interpolate && setup_.given_name.empty() && has_reference(name.scalar)) {
    return;
  }
  const bool from_directory = setup_.given_name.empty() && !name.origin.source;
  name.origin = name.origin.source ? name.origin : origin;
  set_string(name, name_);
  name.made = from_directory ? Made::kDefault : Made::kWritten;
  if (options_.explain && !setup_.given_name.empty()) {
    name.origin = {};
  }
  if (options_.explain && !setup_.given_name.empty() && options_.project_name.empty()) {
    name.origin.add_note(
        {Note::Kind::kVariable, "COMPOSE_PROJECT_NAME", setup_.variable_places["COMPOSE_PROJECT_NAME"]});
  }
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
  if (options_.resolve_env_files) {
    resolve_env_files(tree_, setup_.environment, problems_);
    resolve_label_files(tree_, problems_);
  }
}

Result<Loaded> Loading::finish() {
  Loaded loaded;
  if (problems_.ok()) {
    CMP_TRY(loaded.project, compose::bind(tree_, name_, problems_));
    complete(loaded.project);
    if (options_.hashes) {
      set_hashes(tree_, loaded.project);
    }
  }
  if (!problems_.ok()) {
    return std::move(problems_).combined();
  }
  loaded.tree = std::move(tree_);
  loaded.disabled_services = std::move(disabled_);
  loaded.files = std::move(session_.files);
  loaded.environment = std::move(setup_.environment);
  loaded.variable_places = std::move(setup_.variable_places);
  loaded.warnings = problems_.take_warnings();
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
  project.separator = setup_.compatibility ? "_" : "-";
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

Result<Loaded> load(const LoadOptions& options, std::vector<Warning>* of_failure) {
  CMP_TRY(Setup setup, find_setup(options));
  if (setup.files.empty()) {
    return without_files(std::move(setup));
  }
  Loading loading(options, std::move(setup));
  Result<Loaded> loaded = loading.run();
  if (!loaded && of_failure != nullptr) {
    *of_failure = loading.take_warnings();
  }
  return loaded;
}

Result<std::string> project_name(const LoadOptions& options) {
  CMP_TRY(Setup setup, find_setup(options));
  if (!setup.given_name.empty()) {
    return setup.given_name;
  }
  if (setup.files.empty() || !setup.errors.empty()) {
    return without_files(std::move(setup));
  }
  Problems problems;
  Session session{options, problems, {}, {}, {}, {}};
  std::vector<InputFile> sources;
  for (const std::string& file : setup.files) {
    // A file that can't be parsed has no name to offer; that must not keep `down` from working.
    if (Result<InputFile> source = read_source(session, file)) {
      sources.push_back(std::move(*source));
    }
  }
  return choose_name(setup, sources, options.interpolate);
}

}  // namespace cmp::compose
