#pragma once
// Log lines as they are shown: prefixes, colours, and which lines are wanted. Pure (compose-cli.md 2.4).

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "cli/options.hpp"
#include "state/log_store.hpp"

namespace cmp::cli {

/// Gives each container a name, a colour and a column, in the order in which they come.
class LogPrefixes {
 public:
  LogPrefixes(std::string project, bool colour, LogStyle style)
      : project_(std::move(project)), colour_(colour && !style.no_color), style_(style) {}

  /// A container that will be shown; a second time changes nothing. All that are known at first should be added before
  /// the first line is shown: the column is as wide as the longest name.
  void add(const std::string& container);
  /// A log of hooks that belongs to a container: its label in the container's colour, which no column is kept free for.
  void add_hook(const std::string& source, const std::string& label, const std::string& container);

  /// "web-1  | text" and the line end.
  [[nodiscard]] std::string format(const std::string& container, const state::LogLine& line) const;
  /// "web-1 exited with code 0", in the container's colour, and the line end.
  [[nodiscard]] std::string format_status(const std::string& container, std::string_view what) const;
  /// Container name without the project's: "web-1".
  [[nodiscard]] std::string short_name(const std::string& source) const;

 private:
  [[nodiscard]] std::string paint(const std::string& container, const std::string& text) const;

  std::string project_;
  bool colour_;
  LogStyle style_;
  std::map<std::string, std::string> colours_;  ///< by container: the parameters of the escape sequence
  std::map<std::string, std::string> labels_;   ///< of hooks, by source
  std::size_t width_ = 0;
};

/// Which lines of a container are wanted.
struct LogFilter {
  std::optional<WallTime> since, until;
  std::optional<std::size_t> tail;  ///< only the last ones

  [[nodiscard]] bool wants(const state::LogLine& line) const;
};

/// --tail: a number or "all".
[[nodiscard]] Result<std::optional<std::size_t>> parse_tail(const std::string& text);

struct SourcedLine {
  std::string container;
  state::LogLine line;
};

/// The wanted lines of one container at the end of `lines`.
void append_wanted(std::vector<SourcedLine>& lines, const std::string& container, std::vector<state::LogLine> from,
                   const LogFilter& filter);
/// By time; lines of the same instant keep their order.
void sort_by_time(std::vector<SourcedLine>& lines);

}  // namespace cmp::cli
