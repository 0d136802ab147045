#include "compose/setup.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "compose/dotenv.hpp"
#include "compose/input.hpp"
#include "sys/file.hpp"

namespace cmp::compose {

namespace {

constexpr std::array<std::string_view, 4> kFileNames = {"compose.yaml", "compose.yml", "docker-compose.yml",
                                                        "docker-compose.yaml"};
constexpr std::array<std::string_view, 4> kOverrideNames = {
    "compose.override.yaml", "compose.override.yml", "docker-compose.override.yaml", "docker-compose.override.yml"};

std::string variable(const Variables& environment, const std::string& name) {
  const auto it = environment.find(name);
  return it == environment.end() ? std::string() : it->second;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t end = text.find_last_not_of(" \t");
  return end == std::string_view::npos ? std::string_view() : text.substr(begin, end - begin + 1);
}

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (const std::string_view part = trimmed(text.substr(0, end)); !part.empty()) {
      parts.emplace_back(part);
    }
    text.remove_prefix(std::min(end + separator.size(), text.size()));
  }
  return parts;
}

/// The words that Go's strconv.ParseBool takes, which reads this variable in Docker Compose.
Result<bool> parse_switch(const std::string& name, const std::string& text) {
  constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> kFalse = {"0", "f", "F", "false", "FALSE", "False"};
  if (std::ranges::find(kTrue, text) != kTrue.end()) {
    return true;
  }
  if (text.empty() || std::ranges::find(kFalse, text) != kFalse.end()) {
    return false;
  }
  return make_error(Code::kInvalid, fmt::format("{}: '{}' is neither true nor false", name, text));
}

class Finder {
 public:
  explicit Finder(const LoadOptions& options) : options_(options) {}

  Result<Setup> run() {
    setup_.environment = options_.environment;
    setup_.environment.try_emplace("PWD", options_.cwd);
    environment_files();
    CMP_CHECK(default_env_file(start_directory()));
    compose_files();
    setup_.directory = project_directory();
    CMP_CHECK(default_env_file(setup_.directory));
    setup_.profiles = options_.profiles;
    if (setup_.profiles.empty()) {
      setup_.profiles = split(variable(setup_.environment, "COMPOSE_PROFILES"), ",");
    }
    CMP_TRY(setup_.compatibility,
            parse_switch("COMPOSE_COMPATIBILITY", variable(setup_.environment, "COMPOSE_COMPATIBILITY")));
    CMP_CHECK(given_name());
    return std::move(setup_);
  }

 private:
  std::string absolute(std::string_view path) const { return absolute_path(options_.cwd, path); }

  /// Where files are looked for, before any is known.
  std::string start_directory() const {
    if (!options_.project_directory.empty()) {
      return absolute(options_.project_directory);
    }
    const auto first = std::ranges::find_if(options_.files, [](const std::string& file) { return file != "-"; });
    return first == options_.files.end() ? absolute(".") : parent_directory(absolute(*first));
  }

  std::string project_directory() const {
    if (!options_.project_directory.empty()) {
      return absolute(options_.project_directory);
    }
    const auto first = std::ranges::find_if(setup_.files, [](const std::string& file) { return file != "-"; });
    return first == setup_.files.end() ? absolute(".") : parent_directory(*first);
  }

  /// --env-file or COMPOSE_ENV_FILES: they replace the default `.env`.
  void environment_files() {
    std::vector<std::string> names = options_.env_files;
    if (names.empty()) {
      names = split(variable(setup_.environment, "COMPOSE_ENV_FILES"), ",");
    }
    explicit_env_files_ = !names.empty();
    for (std::string& name : names) {
      name = absolute(name);
    }
    read_environment(names);
  }

  void read_environment(const std::vector<std::string>& files) {
    if (Status read = read_env_files(files, setup_.environment, setup_.warnings,
                                     options_.explain ? &setup_.variable_places : nullptr);
        !read) {
      setup_.errors.push_back(std::move(read).error());
    }
  }

  Status default_env_file(const std::string& directory) {
    CMP_TRY(const bool disabled,
            parse_switch("COMPOSE_DISABLE_ENV_FILE", variable(options_.environment, "COMPOSE_DISABLE_ENV_FILE")));
    const std::string file = absolute_path(directory, ".env");
    if (explicit_env_files_ || disabled || file == default_env_file_ || !is_file(file)) {
      return {};
    }
    default_env_file_ = file;
    read_environment({file});
    return {};
  }

  void compose_files() {
    std::vector<std::string> names = options_.files;
    if (names.empty()) {
      const std::string separator = variable(setup_.environment, "COMPOSE_PATH_SEPARATOR");
      names = split(variable(setup_.environment, "COMPOSE_FILE"), separator.empty() ? ":" : separator);
    }
    for (const std::string& name : names) {
      setup_.files.push_back(name == "-" ? name : absolute(name));
    }
    if (names.empty()) {
      discover();
    }
  }

  /// The default names, in the starting directory and upwards.
  void discover() {
    for (std::string directory = start_directory();; directory = parent_directory(directory)) {
      if (pick(directory, kFileNames, "config")) {
        pick(directory, kOverrideNames, "override");
        return;
      }
      if (directory == "/") {
        return;
      }
    }
  }

  bool pick(const std::string& directory, const std::array<std::string_view, 4>& names, std::string_view what) {
    std::vector<std::string> found;
    for (const std::string_view name : names) {
      std::string path = absolute_path(directory, name);
      if (is_file(path)) {
        found.push_back(std::move(path));
      }
    }
    if (found.empty()) {
      return false;
    }
    if (found.size() > 1) {
      warn_several(found, what);
    }
    setup_.files.push_back(std::move(found.front()));
    return true;
  }

  void warn_several(const std::vector<std::string>& found, std::string_view what) {
    std::string list;
    for (const std::string& file : found) {
      list += list.empty() ? file : ", " + file;
    }
    setup_.warnings.push_back(
        {{found.front(), 0, 0},
         fmt::format("found multiple {} files with supported names: {}; using this one", what, list)});
  }

  Status given_name() {
    setup_.given_name = options_.project_name;
    if (setup_.given_name.empty()) {
      setup_.given_name = variable(setup_.environment, "COMPOSE_PROJECT_NAME");
    }
    if (normalised_project_name(setup_.given_name) != setup_.given_name) {
      return make_error(
          Code::kInvalid,
          fmt::format("invalid project name '{}': must consist only of lowercase alphanumeric characters, "
                      "hyphens, and underscores as well as start with a letter or number",
                      setup_.given_name));
    }
    return {};
  }

  const LoadOptions& options_;
  Setup setup_;
  bool explicit_env_files_ = false;
  std::string default_env_file_;
};

Status read_env_file(const std::string& file, const Lookup& lookup, Variables& into, VariablePlaces* places) {
  struct stat info = {};
  if (::stat(file.c_str(), &info) != 0) {
    return errno == ENOENT ? make_error(Code::kNotFound, fmt::format("couldn't find env file: {}", file))
                           : sys_error("stat '" + file + "'");
  }
  if (S_ISDIR(info.st_mode)) {
    return make_error(Code::kInvalid, fmt::format("env file {} is a directory", file));
  }
  CMP_TRY(const std::string text, read_input(file));
  return parse_env(text, file, EnvFormat::kDotenv, lookup, into, places);
}

}  // namespace

Result<Setup> find_setup(const LoadOptions& options) {
  return Finder(options).run();
}

Status read_env_files(const std::vector<std::string>& files, Variables& environment, std::vector<Warning>& warnings,
                      VariablePlaces* places) {
  Variables read;
  VariablePlaces read_places;
  Problems problems;
  for (const std::string& file : files) {
    Lookup lookup;
    lookup.value = [&environment](std::string_view name) -> std::optional<std::string> {
      const auto it = environment.find(std::string(name));
      return it == environment.end() ? std::nullopt : std::optional<std::string>(it->second);
    };
    lookup.unset = [&warnings, &file](std::string_view name) {
      warnings.push_back({{file, 0, 0}, unset_message(name)});
    };
    if (Status done = read_env_file(file, lookup, read, places == nullptr ? nullptr : &read_places); !done) {
      problems.add(std::move(done).error());
    }
  }
  if (places != nullptr) {
    for (auto& [name, place] : read_places) {
      if (!environment.contains(name)) {
        (*places)[name] = std::move(place);
      }
    }
  }
  environment.merge(read);
  return problems.ok() ? Status() : Status(std::move(problems).combined());
}

std::string absolute_path(const std::string& directory, std::string_view path, const std::string& home) {
  namespace fs = std::filesystem;
  const bool in_home = !home.empty() && (path == "~" || path.starts_with("~/"));
  const fs::path whole = in_home ? fs::path(home + std::string(path.substr(1))) : fs::path(directory) / fs::path(path);
  std::string text = whole.lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/')) {
    text.pop_back();
  }
  return text;
}

bool is_file(const std::string& path) {
  struct stat info = {};
  return ::stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
}

std::string parent_directory(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "/" : parent;
}

std::string normalised_project_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool alphanumeric = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if (alphanumeric || (!out.empty() && (lower == '_' || lower == '-'))) {
      out += lower;
    }
  }
  return out;
}

}  // namespace cmp::compose
