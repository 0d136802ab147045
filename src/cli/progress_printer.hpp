#pragma once
// Puts progress on standard error in the wanted mode, and keeps everything else that is printed out of the live block.

#include <functional>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "cli/progress.hpp"
#include "cli/style.hpp"

namespace cmp::cli {

struct PrinterOptions {
  ProgressMode mode = ProgressMode::kPlain;
  bool colour = false;
  bool dry_run = false;
  bool hide_starts = false;  ///< an attached `up` shows its containers up to "Created"
};

class ProgressPrinter {
 public:
  /// How often the live block is redrawn.
  static constexpr Milliseconds kInterval{100};

  ProgressPrinter(std::string title, PrinterOptions options) : options_(options), block_(std::move(title)) {}

  void show(const supervisor::Event& event, MonotonicTime now);
  /// Redraws the live block; does nothing in other modes.
  void tick(MonotonicTime now);
  /// Draws the block a last time; later events begin a new one under `title`.
  void finish(MonotonicTime now, std::string next_title = {});
  /// Has `write` print whole lines, above the live block if there is one.
  void print_above(const std::function<void()>& write);
  /// "warning: …" on standard error.
  void warn(const std::string& message);

  [[nodiscard]] bool live() const { return options_.mode == ProgressMode::kLive; }

 private:
  void draw(MonotonicTime now);
  [[nodiscard]] std::string erasing() const;

  PrinterOptions options_;
  ProgressBlock block_;
  std::size_t drawn_ = 0;  ///< lines of the block on the screen, above the cursor
};

}  // namespace cmp::cli
