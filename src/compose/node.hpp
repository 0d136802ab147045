#pragma once
// The tree that the loading phases hand on: a YAML document without yaml-cpp, every value with the place where it was
// written. A place survives interpolation, merging, extends and include, so an error can always name its line.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace cmp::compose {

/// How a scalar was written: a plain one still takes its type from its text (YAML 1.2 core schema as Compose reads
/// it), a quoted one is always a string.
enum class ScalarStyle { kPlain, kQuoted };

/// `!reset` removes the key below it in an override file, `!override` replaces instead of merging.
enum class MergeTag { kNone, kReset, kOverride };

/// Which file, variable or default a value came from, for `config --explain`. Cheap to copy: files are interned.
struct Origin {
  std::shared_ptr<const std::string> file;
  int line = 0;
  int column = 0;

  [[nodiscard]] SourcePos pos() const { return {file ? *file : std::string(), line, column}; }
};

struct Node;

struct Entry;

struct Node {
  enum class Kind { kNull, kScalar, kSequence, kMapping };

  Kind kind = Kind::kNull;
  std::string scalar;  ///< kScalar
  ScalarStyle style = ScalarStyle::kPlain;
  std::vector<Node> items;     ///< kSequence
  std::vector<Entry> entries;  ///< kMapping, in the order written
  MergeTag tag = MergeTag::kNone;
  Origin origin;

  [[nodiscard]] bool is_null() const { return kind == Kind::kNull; }

  [[nodiscard]] bool is_scalar() const { return kind == Kind::kScalar; }

  [[nodiscard]] bool is_sequence() const { return kind == Kind::kSequence; }

  [[nodiscard]] bool is_mapping() const { return kind == Kind::kMapping; }

  /// The value under `key` of a mapping; nullptr if there is none.
  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] Node* find(std::string_view key);
  /// The value under `key`, made null at the end of the mapping if absent.
  Node& operator[](std::string_view key);
  /// Removes `key`; false if it was not there.
  bool erase(std::string_view key);
};

struct Entry {
  std::string key;
  Origin key_origin;
  Node value;
};

}  // namespace cmp::compose
