#pragma once
// Entries of one YAML mapping become a Node: keys must be strings and unique, `<<` is merged in.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "compose/node.hpp"

namespace cmp::compose {

class MappingBuilder {
 public:
  /// What is wrong is added to `errors` and left out; `path` is where the mapping lies, for messages. With `explain` a
  /// value notes which merged one it stands instead of.
  MappingBuilder(std::vector<Error>& errors, const std::vector<std::string>& path, bool explain)
      : errors_(errors), path_(path), explain_(explain) {}

  void add(Node key, Node value);
  /// The mapping, complete with what was merged.
  [[nodiscard]] Node finish();

 private:
  bool check_key(const Node& key);
  void add_merge(const Origin& origin, Node value);
  void drop_duplicates();
  void apply_merges();
  bool fail(const Origin& origin, std::string message);

  std::vector<Error>& errors_;
  const std::vector<std::string>& path_;
  bool explain_;
  Node node_;
  std::vector<Node> merges_;  ///< values of <<, in the order in which they win
  Origin merge_origin_;
};

}  // namespace cmp::compose
