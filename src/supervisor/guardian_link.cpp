#include "supervisor/guardian_link.hpp"

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "sys/packet.hpp"

namespace cmp::supervisor {

namespace {

/// "exit PID STATUS".
std::optional<std::pair<pid_t, int>> parse_exit(std::string_view text) {
  constexpr std::string_view kVerb = "exit ";
  if (!text.starts_with(kVerb)) {
    return std::nullopt;
  }
  const char* end = text.data() + text.size();
  pid_t pid = 0;
  int status = 0;
  const auto first = std::from_chars(text.data() + kVerb.size(), end, pid);
  const auto second = std::from_chars(first.ptr + 1, end, status);
  return second.ec == std::errc() ? std::optional(std::pair(pid, status)) : std::nullopt;
}

}  // namespace

Result<std::map<pid_t, int>> GuardianLink::unseen_exits() {
  std::map<pid_t, int> exits;
  CMP_CHECK(sys::send_packet(fd_.get(), "ask"));
  for (;;) {
    CMP_TRY(const std::string message, sys::receive_packet(fd_.get()));
    if (message == "all") {
      return exits;
    }
    if (message.empty()) {
      return make_error(Code::kInternal, "the guardian is gone");
    }
    if (const auto exit = parse_exit(message)) {
      exits.insert(*exit);
    }
  }
}

bool GuardianLink::read(const std::function<void(pid_t, int)>& on_exit) {
  const auto message = sys::try_receive_packet(fd_.get());
  if (!message) {
    return message.error().os_errno == EAGAIN;
  }
  if (const auto exit = parse_exit(*message)) {
    on_exit(exit->first, exit->second);
  }
  return !message->empty();
}

void GuardianLink::seen(pid_t pid) {
  static_cast<void>(sys::send_packet(fd_.get(), fmt::format("seen {}", pid)));
}

void GuardianLink::quit() {
  static_cast<void>(sys::send_packet(fd_.get(), "quit"));
}

}  // namespace cmp::supervisor
