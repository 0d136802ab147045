// include (compose-spec.md 2.10): other compose files, each loaded as a model of its own, imported into this one.

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <utility>

#include <fmt/core.h>

#include "compose/key_index.hpp"
#include "compose/merge.hpp"
#include "compose/model.hpp"
#include "compose/setup.hpp"
#include "compose/tree_values.hpp"
#include "sys/file.hpp"

namespace cmp::compose {

namespace {

constexpr std::size_t kMaxIncludeDepth = 50;
constexpr std::size_t kMaxIncludes = 1000;
constexpr std::array<std::string_view, 6> kImported = {"services", "volumes", "networks",
                                                       "secrets",  "configs", "models"};

struct Include {
  std::vector<std::string> files;  ///< absolute
  std::string directory;           ///< absolute
  std::vector<std::string> env_files;
  Origin origin;
};

/// A string or a list of strings; what is wrong with it, check_schema() has said.
std::vector<std::string> strings(const Node* node) {
  std::vector<std::string> found;
  if (node != nullptr && node->is_scalar()) {
    found.push_back(node->scalar);
  } else if (node != nullptr) {
    for (const Node& item : node->items) {
      found.push_back(item.scalar);
    }
  }
  return found;
}

class Includer {
 public:
  Includer(Model& model, const std::string& file, Node& document, const std::vector<KeyPath>& places)
      : model_(model), session_(model.session), file_(file), document_(document), places_(places) {}

  void run() {
    const Node* include = document_.find("include");
    if (include == nullptr) {
      return;
    }
    const std::vector<Include> wanted = parse(*include);
    document_.erase("include");
    for (const Include& one : wanted) {
      load(one);
    }
  }

 private:
  std::vector<Include> parse(const Node& include) {
    Node section;
    section.kind = Node::Kind::kMapping;
    section.entries.push_back({"include", include.origin, include});
    check_schema(section, session_.problems);
    std::vector<Include> wanted;
    for (const Node& item : items_at(section, "include")) {
      if (strings(path_of(item)).empty()) {
        fail(item.origin, "include needs a path");
      } else {
        wanted.push_back(parse_item(item));
      }
    }
    session_.problems.files_missing = session_.problems.files_missing || wanted.size() < include.items.size();
    return wanted;
  }

  static const Node* path_of(const Node& item) { return item.is_mapping() ? item.find("path") : &item; }

  Include parse_item(const Node& item) {
    Include include;
    include.origin = item.origin;
    include.files = strings(path_of(item));
    for (std::string& file : include.files) {
      file = absolute_path(model_.directory, file, session_.home);
    }
    const Node* directory = item.find("project_directory");
    const bool given = directory != nullptr && directory->is_scalar() && !directory->scalar.empty();
    include.directory = given ? absolute_path(model_.directory, directory->scalar, session_.home)
                              : parent_directory(include.files.front());
    include.env_files = env_files(item, include.directory);
    return include;
  }

  std::vector<std::string> env_files(const Node& item, const std::string& directory) {
    const Node* given = item.find("env_file");
    if (strings(given).empty()) {
      std::string standard = absolute_path(directory, ".env");
      return is_file(standard) ? std::vector<std::string>{std::move(standard)} : std::vector<std::string>();
    }
    std::vector<std::string> files;
    for (const Node& file : given->is_scalar() ? std::vector<Node>{*given} : given->items) {
      add_env_file(file, files);
    }
    return files;
  }

  void add_env_file(const Node& node, std::vector<std::string>& files) {
    std::string file = absolute_path(model_.directory, node.scalar, session_.home);
    if (!sys::exists(file)) {
      fail(node.origin, fmt::format("include: couldn't find env file: {}", file));
      session_.problems.variables_missing = true;
    } else if (file != "/dev/null") {
      files.push_back(std::move(file));
    }
  }

  /// What is wrong in an env file has its place there, and has been told if another model reads it, too.
  void env_files_failed(Error error, const Origin& origin) {
    std::vector<Error> all = std::move(error.others);
    error.others.clear();
    all.push_back(std::move(error));
    for (Error& each : all) {
      session_.problems.add(each.where.known() ? std::move(each) : std::move(each).context("include").at(origin.pos()));
    }
    session_.problems.variables_missing = true;
  }

  void load(const Include& include) {
    if (!check_cycle(include)) {
      session_.problems.files_missing = true;
      return;
    }
    Model inner{session_, include.directory, model_.variables, model_.variable_places, model_.including, {}};
    inner.including.push_back(file_);
    if (Status read = read_env_files(include.env_files, inner.variables, session_.problems.warnings,
                                     session_.problems.explain ? &inner.variable_places : nullptr);
        !read) {
      env_files_failed(std::move(read).error(), include.origin);
    }
    const std::string key = cache_key(include, inner.variables);
    auto known = session_.included_models.find(key);
    if (known == session_.included_models.end() && session_.included_models.size() >= kMaxIncludes) {
      if (!session_.problems.files_missing) {
        fail(include.origin, fmt::format("more than {} includes, counting those of included files", kMaxIncludes));
      }
      session_.problems.files_missing = true;
      return;
    }
    if (known == session_.included_models.end()) {
      known = session_.included_models.emplace(key, load_files(include, inner)).first;
    }
    import(known->second);
  }

  Node load_files(const Include& include, Model& inner) {
    std::vector<InputFile> sources;
    for (const std::string& file : include.files) {
      Result<InputFile> source = read_source(session_, file);
      if (!source) {
        session_.problems.add(std::move(source).error().context("include").at(include.origin.pos()));
        session_.problems.files_missing = true;
        continue;
      }
      sources.push_back(std::move(*source));
    }
    return load_model(inner, std::move(sources));
  }

  bool check_cycle(const Include& include) {
    std::vector<std::string> chain = model_.including;
    chain.push_back(file_);
    const auto closing = std::ranges::find_first_of(include.files, chain);
    const bool cycle = closing != include.files.end();
    if (!cycle && chain.size() <= kMaxIncludeDepth) {
      return true;
    }
    std::string text;
    for (const std::string& file : chain) {
      text += file + " includes ";
    }
    fail(include.origin, fmt::format("{}: {}{}", cycle ? "include cycle detected" : "includes are nested too deeply",
                                     text, cycle ? *closing : include.files.front()));
    return false;
  }

  /// Files that several others include are loaded once, unless their directory or environment differs.
  static std::string cache_key(const Include& include, const Variables& variables) {
    std::string key = include.directory;
    for (const std::string& file : include.files) {
      key += '\0' + file;
    }
    for (const auto& [name, value] : variables) {
      key += '\0' + name + '=' + value;
    }
    return key;
  }

  void import(const Node& tree) {
    for (const std::string_view kind : kImported) {
      const Node* elements = tree.find(kind);
      if (elements != nullptr && elements->is_mapping()) {
        import_kind(std::string(kind), *elements);
      }
    }
  }

  void import_kind(const std::string& kind, const Node& elements) {
    Node& target = document_[kind];
    if (!target.is_null() && !target.is_mapping()) {
      return;  // check_schema() will refuse it
    }
    if (target.is_null()) {
      target.kind = Node::Kind::kMapping;
      target.origin = elements.origin;
    }
    const KeyIndex index(target.entries);
    std::vector<Entry> added;
    for (const Entry& element : elements.entries) {
      const KeyPath at = {kind, element.key};
      const std::size_t known = index.find(element.key);
      if (known != KeyIndex::kNone) {
        merge_conflict(at, element.value, target.entries[known].value);
      } else if (std::ranges::find(places_, at) == places_.end()) {
        added.push_back(element);
        apply_merge_tags_below(added.back().value, at, places_);
      }
    }
    target.entries.insert(target.entries.end(), std::make_move_iterator(added.begin()),
                          std::make_move_iterator(added.end()));
  }

  /// Both files define it: the including one lies on top.
  void merge_conflict(const KeyPath& at, const Node& included, Node& own) {
    const bool replaced = std::ranges::find(places_, at) != places_.end();
    if (replaced || same_value(included, own)) {
      return;
    }
    Node base = included;
    apply_merge_tags_below(base, at, places_);
    own = merge_at(at, std::move(base), std::move(own), session_.problems);
  }

  void fail(const Origin& origin, std::string message) { session_.problems.error(origin, std::move(message)); }

  Model& model_;
  Session& session_;
  const std::string& file_;
  Node& document_;
  const std::vector<KeyPath>& places_;
};

}  // namespace

void apply_include(Model& model, const std::string& file, Node& document, const std::vector<KeyPath>& places) {
  Includer(model, file, document, places).run();
}

}  // namespace cmp::compose
