#pragma once
// From files to one merged tree (compose-spec.md 2.1): each document interpolated, its includes and extends applied,
// merged over what came before, checked, brought to canonical form. The project's files are one model; each include is
// another with its own directory and environment.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compose/load.hpp"
#include "compose/merge_tags.hpp"
#include "compose/phases.hpp"

namespace cmp::compose {

/// A compose file, read but not yet looked into.
struct InputFile {
  std::string file;  ///< absolute, "-" for standard input
  std::vector<Node> documents;
};

/// A file that services are extended from.
struct ExtensionBase {
  Node tree;
  std::vector<KeyPath> places;  ///< of its !reset and !override
  std::string file;
};

/// What all models of one load share.
struct Session {
  const LoadOptions& options;
  Problems& problems;
  std::string home;
  std::vector<std::string> files;                    ///< that were read, in order
  std::map<std::string, Node> included_models;       ///< by files, directory and environment
  std::map<std::string, std::string> file_contents;  ///< "secrets.NAME" to the value of its `environment`
  std::size_t copied_nodes = 0;                      ///< by extends
};

struct Model {
  Session& session;
  std::string directory;  ///< relative paths start here
  Variables variables;
  VariablePlaces variable_places;
  std::vector<std::string> including;                           ///< files whose `include` led here, outermost first
  std::map<std::string, std::shared_ptr<ExtensionBase>> bases;  ///< by file
};

/// Reads and parses a file. Errors have the path; what could be left out is among the session's problems.
[[nodiscard]] Result<InputFile> read_source(Session& session, const std::string& file);

/// Loads all files of a model into one canonical tree with absolute paths, without what is wrong in them.
[[nodiscard]] Node load_model(Model& model, std::vector<InputFile> sources);

/// Whether a document stands in the model itself, or is only a base for `extends`, which is neither checked by itself
/// nor may include or extend before a service of it is asked for.
enum class DocumentUse { kModel, kBase };

/// Puts one document on top of `tree`.
void add_document(Model& model, const std::string& file, Node document, Node& tree, DocumentUse use,
                  std::vector<KeyPath>& places);

// include.cpp: imports what the document includes; `places` are its !reset and !override.
void apply_include(Model& model, const std::string& file, Node& document, const std::vector<KeyPath>& places);

// extends.cpp: `earlier` is what came before the document.
void apply_extends(Model& model, const std::string& file, Node& document, const Node& earlier,
                   const std::vector<KeyPath>& places);

}  // namespace cmp::compose
