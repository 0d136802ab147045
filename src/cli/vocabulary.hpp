#pragma once
// The words of the command line: which commands there are, which ones Docker Compose has besides, and which word the
// user may have meant. Pure.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cmp::cli {

struct CommandName {
  std::string_view name;
  std::string_view usage;    ///< after the name, in a help text
  std::string_view summary;  ///< one line
};

/// Our commands, in the order of the help text.
[[nodiscard]] std::span<const CommandName> commands();
/// True for a command of ours, `help` included, and for one of Docker Compose that is not in this release.
[[nodiscard]] bool is_command(std::string_view word);
/// True for a command of Docker Compose that is not in this release.
[[nodiscard]] bool is_absent_command(std::string_view word);
/// True for a flag ("--build", "-V") that Docker Compose has for this command and this release has not. The global
/// options are those of command "".
[[nodiscard]] bool is_absent_flag(std::string_view command, std::string_view flag);

/// The candidate that differs least from `word`; nothing if none is near (one edit for a word of up to four letters,
/// two for longer ones; swapping two neighbours is one edit).
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);
/// The nearest of our own commands.
[[nodiscard]] std::optional<std::string> nearest_command(std::string_view word);

}  // namespace cmp::cli
