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
/// True for a command of ours, `help` included, and for one of Docker Compose that cmp refuses.
[[nodiscard]] bool is_command(std::string_view word);
/// Why cmp has not got a command ("", its flag) or a flag ("--menu") of Docker Compose; nothing if that is not so. The
/// global options are those of command "".
[[nodiscard]] std::optional<std::string> refusal(std::string_view command, std::string_view flag);

/// A flag that is taken but not to be used any more, and not shown in help texts.
struct DeprecatedFlag {
  std::string_view command, flag;
  std::string_view instead;  ///< "" has no effect
};

[[nodiscard]] std::span<const DeprecatedFlag> deprecated_flags();

/// The candidate that differs least from `word`; nothing if none is near (one edit for a word of up to four letters,
/// two for longer ones; swapping two neighbours is one edit).
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);
/// The nearest of our own commands.
[[nodiscard]] std::optional<std::string> nearest_command(std::string_view word);

}  // namespace cmp::cli
