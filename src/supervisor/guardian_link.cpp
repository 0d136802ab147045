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

Result<Kept> GuardianLink::ask() {
  constexpr std::string_view kHeld = "held ";
  Kept kept;
  CMP_CHECK(sys::send_packet(fd_.get(), "ask"));
  for (;;) {
    CMP_TRY(sys::Packet message, sys::receive_packet_and_fd(fd_.get()));
    if (message.text == "all") {
      return kept;
    }
    if (message.text.empty()) {
      return make_error(Code::kInternal, "the guardian is gone");
    }
    if (const auto exit = parse_exit(message.text)) {
      kept.exits.insert(*exit);
    } else if (message.text.starts_with(kHeld)) {
      kept.held[message.text.substr(kHeld.size())] = std::move(message.attached);
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

void GuardianLink::hold(const std::string& name, int fd) {
  static_cast<void>(sys::send_packet(fd_.get(), fmt::format("hold {}", name), fd));
}

void GuardianLink::drop(const std::string& name) {
  static_cast<void>(sys::send_packet(fd_.get(), fmt::format("drop {}", name)));
}

void GuardianLink::replace(int program) {
  static_cast<void>(sys::send_packet(fd_.get(), "replace", program));
}

void GuardianLink::quit() {
  static_cast<void>(sys::send_packet(fd_.get(), "quit"));
}

}  // namespace cmp::supervisor
