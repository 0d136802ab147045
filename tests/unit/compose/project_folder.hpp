#pragma once
// A project in a temporary folder that is gone after the test.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "compose/load.hpp"
#include "compose/phases.hpp"

namespace cmp::compose {

class ProjectFolder {
 public:
  ProjectFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "cmp-compose-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root_ = std::filesystem::canonical(name).string();
    options.cwd = root_ + "/shop";
    options.environment["HOME"] = "/home/tester";
    std::filesystem::create_directory(options.cwd);
  }

  ProjectFolder(const ProjectFolder&) = delete;
  ProjectFolder& operator=(const ProjectFolder&) = delete;

  ~ProjectFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  ProjectFolder& write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = options.cwd + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return *this;
  }

  /// The path of a file in it.
  std::string path(const std::string& name) const { return options.cwd + "/" + name; }

  Result<Loaded> load() const { return compose::load(options); }

  /// One value of the loaded tree, "" if there is none; REQUIREs that it loads.
  std::string value(std::initializer_list<std::string_view> keys) const {
    const Result<Loaded> loaded = load();
    REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().str()));
    const Node* node = &loaded->tree;
    for (const std::string_view key : keys) {
      node = node == nullptr ? nullptr : node->find(key);
    }
    return node == nullptr ? "" : render_json(*node, Printing::kVerbatim);
  }

  /// The messages of all errors, with the folder's path left out; REQUIREs that there are some.
  std::string errors() const {
    const Result<Loaded> loaded = load();
    REQUIRE_FALSE(loaded.has_value());
    return without_root(loaded.error().str());
  }

  std::string without_root(std::string text) const {
    const std::string prefix = options.cwd + "/";
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

  LoadOptions options;

 private:
  std::string root_;
};

}  // namespace cmp::compose
