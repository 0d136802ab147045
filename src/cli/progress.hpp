#pragma once
// Progress as text. Pure: events and the time go in, lines come out (formats of compose-cli.md 2.5).

#include <string>
#include <vector>

#include "base/units.hpp"
#include "supervisor/protocol.hpp"

namespace cmp::cli {

struct ScreenSize {
  std::size_t rows = 24, columns = 80;
};

/// The live block of a terminal: a header and one line a resource.
class ProgressBlock {
 public:
  explicit ProgressBlock(std::string title) : title_(std::move(title)) {}

  void apply(const supervisor::Event& event, MonotonicTime now);

  /// Lines without line ends, fewer than the screen has rows and each narrower than the screen, so that the cursor can
  /// stand below them. Where not all fit, failures and what is still being done come first and `... N more` ends it.
  [[nodiscard]] std::vector<std::string> render(const ScreenSize& screen, bool colour, MonotonicTime now) const;

  [[nodiscard]] bool empty() const { return items_.empty(); }

 private:
  struct Item {
    std::string id, text, details;
    supervisor::ProgressStatus status = supervisor::ProgressStatus::kWorking;
    MonotonicTime started, ended;
  };

  [[nodiscard]] std::string header(bool colour) const;
  [[nodiscard]] std::string line(const Item& item, std::size_t id_width, std::size_t columns, bool colour,
                                 MonotonicTime now) const;
  [[nodiscard]] std::vector<std::size_t> choose(std::size_t room) const;

  std::string title_;
  std::vector<Item> items_;  ///< in order of appearance
};

/// ` Container p-web-1 Started `: one line an event, with its line end.
[[nodiscard]] std::string plain_progress(const supervisor::Event& event, bool dry_run);
/// One JSON object a line.
[[nodiscard]] std::string json_progress(const supervisor::Event& event, bool dry_run);
/// The error of a failed command as a JSON line.
[[nodiscard]] std::string json_progress_error(const std::string& message);

}  // namespace cmp::cli
