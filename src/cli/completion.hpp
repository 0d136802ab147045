#pragma once
// What a shell may offer at the cursor: the words before it say which kind of word is wanted, the tables of commands
// and options say the rest, so that completion cannot drift from --help. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "cli/parse.hpp"

namespace cmp::cli {

/// Kinds of words that only the project or the machine can list.
enum class WordKind {
  kNothing,
  kCommand,
  kFlag,
  kChoice,
  kService,
  kImage,
  kNetwork,
  kVolume,
  kProfile,
  kFile,
  kDirectory
};

struct Wanted {
  WordKind kind = WordKind::kNothing;
  std::string command;               ///< "" before there is one
  std::vector<std::string> choices;  ///< kChoice
  std::vector<std::string> globals;  ///< the words before the command, as written: which project is meant
};

/// `words` are those before the cursor, without the program's name; `current` is the beginning of the one at it.
[[nodiscard]] Wanted wanted_word(const std::vector<std::string>& words, std::string_view current);

/// A line of the answer: the word, and what it means where that is known.
struct Candidate {
  std::string word, meaning;
};

/// Commands, options and choices, those that begin with `current`.
[[nodiscard]] std::vector<Candidate> known_candidates(const Wanted& wanted, std::string_view current);

}  // namespace cmp::cli
