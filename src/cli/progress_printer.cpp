#include "cli/progress_printer.hpp"

#include <unistd.h>

#include <fmt/core.h>

#include "cli/output.hpp"
#include "sys/terminal.hpp"

namespace cmp::cli {

void ProgressPrinter::show(const supervisor::Event& event, MonotonicTime now) {
  switch (options_.mode) {
    case ProgressMode::kQuiet:
      return;
    case ProgressMode::kPlain:
      return print_error(plain_progress(event, options_.dry_run));
    case ProgressMode::kJson:
      return print_error(json_progress(event, options_.dry_run));
    case ProgressMode::kLive:
      break;
  }
  const bool is_start = event.text == "Starting" || event.text == "Started";
  if (options_.hide_starts && is_start && event.status != supervisor::ProgressStatus::kError) {
    return;
  }
  block_.apply(event, now);
}

std::string ProgressPrinter::erasing() const {
  return drawn_ > 0 ? fmt::format("\x1b[{}A\r\x1b[J", drawn_) : std::string();
}

void ProgressPrinter::draw(MonotonicTime now) {
  const auto size = sys::terminal_size(STDERR_FILENO).value_or(sys::TerminalSize());
  const auto lines = block_.render({size.rows, size.columns}, options_.colour, now);
  // Overwritten in place, not erased first: that would flicker.
  std::string out = drawn_ > 0 ? fmt::format("\x1b[{}A\r", drawn_) : std::string();
  for (const std::string& line : lines) {
    out += line + "\x1b[K\n";
  }
  drawn_ = lines.size();
  print_error(out + "\x1b[J");
}

void ProgressPrinter::tick(MonotonicTime now) {
  if (live() && !block_.empty()) {
    draw(now);
  }
}

void ProgressPrinter::finish(MonotonicTime now, std::string next_title) {
  tick(now);
  drawn_ = 0;
  block_ = ProgressBlock(std::move(next_title));
}

void ProgressPrinter::print_above(const std::function<void()>& write) {
  print_error(erasing());
  const bool was_drawn = drawn_ > 0;
  drawn_ = 0;
  write();
  if (was_drawn) {
    draw(monotonic_now());
  }
}

void ProgressPrinter::warn(const std::string& message) {
  print_above([&] { print_error(fmt::format("warning: {}\n", message)); });
}

}  // namespace cmp::cli
