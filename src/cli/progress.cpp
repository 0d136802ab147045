#include "cli/progress.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/human.hpp"

namespace cmp::cli {

namespace {

using supervisor::Event;
using supervisor::ProgressStatus;

constexpr std::array kSpinner = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};

struct Look {
  const char* glyph;
  const char* colour;
};

Look look_of(ProgressStatus status, Nanoseconds age) {
  switch (status) {
    case ProgressStatus::kDone:
      return {"✔", "32"};
    case ProgressStatus::kWarning:
      return {"!", "33"};
    case ProgressStatus::kError:
      return {"✘", "31"};
    case ProgressStatus::kWorking:
      break;
  }
  const auto turn = static_cast<std::size_t>(std::max<std::int64_t>(0, age / std::chrono::milliseconds(100)));
  return {kSpinner[turn % kSpinner.size()], "36"};
}

std::string paint(std::string_view text, std::string_view colour_code, bool colour) {
  return colour ? fmt::format("\x1b[{}m{}\x1b[0m", colour_code, text) : std::string(text);
}

std::string_view status_word(ProgressStatus status) {
  switch (status) {
    case ProgressStatus::kDone:
      return "Done";
    case ProgressStatus::kWarning:
      return "Warning";
    case ProgressStatus::kError:
      return "Error";
    case ProgressStatus::kWorking:
      break;
  }
  return "Working";
}

/// What has to be seen first when there is little room.
int urgency(ProgressStatus status) {
  return status == ProgressStatus::kError     ? 0
         : status == ProgressStatus::kWorking ? 1
         : status == ProgressStatus::kWarning ? 2
                                              : 3;
}

std::string json_line(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace

void ProgressBlock::apply(const Event& event, MonotonicTime now) {
  auto item = std::find_if(items_.begin(), items_.end(), [&](const Item& each) { return each.id == event.id; });
  if (item == items_.end()) {
    item = items_.insert(items_.end(), Item{.id = event.id, .started = now});
  }
  item->text = event.text;
  item->details = event.details;
  item->status = event.status;
  item->ended = now;
}

std::string ProgressBlock::header(bool colour) const {
  const auto working = [](const Item& item) { return item.status == ProgressStatus::kWorking; };
  const auto done = items_.size() - static_cast<std::size_t>(std::count_if(items_.begin(), items_.end(), working));
  const std::string counts = fmt::format("{}/{}", done, items_.size());
  return fmt::format("[+] {} {}", title_, paint(counts, done == items_.size() ? "32" : "36", colour));
}

std::string ProgressBlock::line(const Item& item, std::size_t id_width, std::size_t columns, bool colour,
                                MonotonicTime now) const {
  const bool working = item.status == ProgressStatus::kWorking;
  const Nanoseconds age = (working ? now : item.ended) - item.started;
  const Look look = look_of(item.status, age);
  const std::string timer = short_duration(age);
  const std::size_t around = timer.size() + 5;  // " ✔ " in front, a blank on both sides of the time
  if (columns <= around) {
    return clip(fmt::format(" {} {}", look.glyph, item.id), columns);
  }
  const std::size_t room = columns - around;
  // Where there is little room the name tells more than its kind.
  const bool narrow = display_width(item.id) > room;
  std::string id = clip(narrow ? item.id.substr(item.id.find(' ') + 1) : item.id, room);
  id.append(std::min(room, id_width) - std::min(room, display_width(id)), ' ');
  std::string text = item.text + (item.details.empty() ? "" : " " + item.details);
  const std::size_t used = display_width(id) + 1;
  text = used < room ? clip(text, room - used) : std::string();
  const std::size_t gap = used + display_width(text) < room ? room - used - display_width(text) : 0;
  return fmt::format(" {} {} {}{} {}", paint(look.glyph, look.colour, colour), id, paint(text, look.colour, colour),
                     std::string(gap, ' '), paint(timer, "34", colour));
}

std::vector<std::size_t> ProgressBlock::choose(std::size_t room) const {
  std::vector<std::size_t> order(items_.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
  }
  if (items_.size() <= room) {
    return order;
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const int left = urgency(items_[a].status), right = urgency(items_[b].status);
    return left != right ? left < right : left == 3 && items_[a].ended > items_[b].ended;
  });
  order.resize(room > 0 ? room - 1 : 0);
  std::sort(order.begin(), order.end());
  return order;
}

std::vector<std::string> ProgressBlock::render(const ScreenSize& screen, bool colour, MonotonicTime now) const {
  if (items_.empty() || screen.rows < 2) {
    return {};
  }
  // One cell and one row stay free: a full last cell would make the terminal scroll or wrap.
  const std::size_t columns = screen.columns > 1 ? screen.columns - 1 : 1;
  std::vector<std::string> lines{columns > 12 + title_.size() ? header(colour) : clip(header(false), columns)};
  const std::vector<std::size_t> shown = choose(screen.rows - 2);
  std::size_t id_width = 0;
  for (const std::size_t index : shown) {
    id_width = std::max(id_width, display_width(items_[index].id));
  }
  for (const std::size_t index : shown) {
    lines.push_back(line(items_[index], id_width, columns, colour, now));
  }
  if (shown.size() < items_.size() && lines.size() + 1 < screen.rows) {
    lines.push_back(clip(fmt::format(" ... {} more", items_.size() - shown.size()), columns));
  }
  return lines;
}

std::string plain_progress(const Event& event, bool dry_run) {
  return fmt::format(" {}{} {} {}\n", dry_run ? "DRY-RUN MODE -  " : "", event.id, event.text, event.details);
}

std::string json_progress(const Event& event, bool dry_run) {
  nlohmann::json value = {{"id", event.id}, {"status", status_word(event.status)}};
  if (dry_run) {
    value["dry-run"] = true;
  }
  if (!event.text.empty()) {
    value["text"] = event.text;
  }
  if (!event.details.empty()) {
    value["details"] = event.details;
  }
  return json_line(value);
}

std::string json_progress_error(const std::string& message) {
  return json_line({{"error", true}, {"message", message}});
}

}  // namespace cmp::cli
