#pragma once
// Trees for tests of single phases: read from YAML text, and through the phases before the one under test.

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "compose/hash.hpp"
#include "compose/phases.hpp"

namespace cmp::compose {

/// The documents of the file "f", or all that is wrong with it.
inline Result<std::vector<Node>> read_text(std::string_view text) {
  Problems problems;
  Result<std::vector<Node>> documents = read_yaml(text, "f", problems);
  return documents && !problems.ok() ? std::move(problems).combined() : std::move(documents);
}

inline Node parse_tree(const std::string& text) {
  Result<std::vector<Node>> documents = read_text(text);
  REQUIRE_MESSAGE(documents.has_value(), text);
  return std::move(documents->front());
}

/// One message a line, each with its place.
inline std::string messages(const std::vector<Error>& errors) {
  std::string text;
  for (const Error& error : errors) {
    text += (text.empty() ? "" : "\n") + error.where.str() + ": " + error.message;
  }
  return text;
}

inline std::string messages(const std::vector<Warning>& warnings) {
  std::string text;
  for (const Warning& warning : warnings) {
    text += (text.empty() ? "" : "\n") + warning.where.str() + ": " + warning.message;
  }
  return text;
}

/// The tree in canonical form with defaults; REQUIREs that nothing is wrong with it.
inline Node canonical_tree(const std::string& text) {
  Node tree = parse_tree(text);
  Problems problems;
  check_schema(tree, problems);
  canonicalise(tree, problems);
  set_defaults(tree);
  REQUIRE_MESSAGE(problems.ok(), messages(problems.errors));
  return tree;
}

/// The same, with paths resolved in /p and normalised as project "p".
inline Node project_tree(const std::string& text, const Variables& variables = {}) {
  Node tree = canonical_tree(text);
  Problems problems;
  resolve_paths(tree, "/p", "/home/me", problems);
  normalise(tree, "p", variables, problems);
  REQUIRE_MESSAGE(problems.ok(), messages(problems.errors));
  return tree;
}

inline model::Project bound_project(const std::string& text, const Variables& variables = {}) {
  Problems problems;
  const Node tree = project_tree(text, variables);
  Result<model::Project> project = compose::bind(tree, "p", problems);
  REQUIRE_MESSAGE(project.has_value(), text);
  set_hashes(tree, *project);
  return std::move(*project);
}

}  // namespace cmp::compose
