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
enum class ScalarStyle : std::uint8_t { kPlain, kQuoted };

/// `!reset` removes the key below it in an override file, `!override` replaces instead of merging.
enum class MergeTag : std::uint8_t { kNone, kReset, kOverride };

/// Whether an error has been reported about a value, so that later phases neither use it nor report what only follows.
enum class Health : std::uint8_t {
  kSound,
  kIncomplete,  ///< something in it was wrong and has been taken out: nothing may be concluded from what is missing
  kWrong,       ///< to be taken out by remove_wrong()
};

/// Who has made a value that no file spells out, for `config --explain`.
enum class Made : std::uint8_t {
  kWritten,
  kDefault,      ///< of the specification
  kImplied,      ///< by another attribute, which is the origin
  kEnvironment,  ///< a key without a value takes it from the variable of its name
};

/// What has happened to a value on its way, for `config --explain`.
struct Note {
  enum class Kind : std::uint8_t { kOverrides, kVariable };

  Kind kind = Kind::kOverrides;
  std::string text;  ///< the value that was overridden, or the variable's name
  SourcePos where;   ///< of that value or variable; not known for one of the process's environment
  bool set = true;   ///< the variable has a value
};

/// A file, and what has happened to the values that share this. Without notes all values of a file share one.
struct Source {
  std::string file;
  std::vector<Note> notes;
};

/// Where a value was written. Cheap to copy, and what is made of a value keeps its origin.
struct Origin {
  std::shared_ptr<const Source> source;
  int line = 0;
  int column = 0;

  [[nodiscard]] SourcePos pos() const { return {source ? source->file : std::string(), line, column}; }

  /// Puts a note in front of those that are there. Costs a copy of them: call only when somebody asks.
  void add_note(Note note);
};

struct Node;

struct Entry;

struct Node {
  enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMapping };

  Kind kind = Kind::kNull;
  ScalarStyle style = ScalarStyle::kPlain;
  MergeTag tag = MergeTag::kNone;
  Health health = Health::kSound;
  Made made = Made::kWritten;
  std::string scalar;          ///< kScalar
  std::vector<Node> items;     ///< kSequence
  std::vector<Entry> entries;  ///< kMapping, in the order written
  Origin origin;

  [[nodiscard]] bool is_null() const { return kind == Kind::kNull; }

  [[nodiscard]] bool is_scalar() const { return kind == Kind::kScalar; }

  [[nodiscard]] bool is_sequence() const { return kind == Kind::kSequence; }

  [[nodiscard]] bool is_mapping() const { return kind == Kind::kMapping; }

  /// True if nothing has been taken out of it: only then it is an error that something is missing.
  [[nodiscard]] bool is_complete() const { return health == Health::kSound; }

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
