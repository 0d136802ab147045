#include "runtime/conversation.hpp"

#include <array>
#include <csignal>

#include <fmt/core.h>

#include "init/init.hpp"
#include "sys/ancillary.hpp"
#include "sys/packet.hpp"
#include "sys/socket.hpp"
#include "sys/wait.hpp"

namespace cmp::runtime {

namespace {

Status let_on(int sync) {
  return sys::send_packet(sync, init::encode({.type = init::Message::kGo, .exit_code = 0, .error = {}}));
}

/// Engines tell "not found" from "not allowed" by these words, and exit with 127 or 126 for them.
Error in_engines_words(init::Report report) {
  const std::string& message = report.error.message;
  const auto add = [&](std::string_view words) {
    return message.find(words) == std::string::npos ? fmt::format("{} ({})", message, words) : message;
  };
  if (report.exit_code == 127) {
    report.error.message = add("executable file not found in $PATH");
  } else if (report.error.os_errno == EACCES) {
    report.error.message = add("permission denied");
  }
  return std::move(report.error);
}

Status send_to(const std::string& socket, std::string_view name, const UniqueFd& fd) {
  CMP_TRY(const UniqueFd peer, sys::connect_to(socket));
  const std::array<int, 1> attached = {fd.get()};
  CMP_TRY(const std::size_t sent, sys::send_with(peer.get(), name, attached));
  static_cast<void>(sent);
  return {};
}

}  // namespace

Result<Ended> converse(int sync, const Answers& answers) {
  int met = 0;
  for (;;) {
    CMP_TRY(sys::Packet packet, sys::receive_packet_and_fd(sync));
    if (packet.text.empty()) {
      return Ended::kExecuted;
    }
    CMP_TRY(init::Report report, init::decode(packet.text));
    switch (report.type) {
      case init::Message::kReached:
        CMP_CHECK(++met == 1 ? answers.at_birth() : answers.before_pivot());
        CMP_CHECK(let_on(sync));
        break;
      case init::Message::kTerminal:
        CMP_CHECK(answers.with_controller(std::move(packet.attached)));
        break;
      case init::Message::kPrepared:
        return Ended::kPrepared;
      case init::Message::kFailed:
        return in_engines_words(std::move(report));
      default:
        break;
    }
  }
}

void put_down(const sys::Child& child) {
  [[maybe_unused]] const auto sent = sys::send_signal(child.pidfd.get(), SIGKILL);
  [[maybe_unused]] const auto reaped = sys::wait_for_child(child.pid);
}

Status send_to_console(const std::string& socket, const UniqueFd& controller) {
  return send_to(socket, "/dev/ptmx", controller).context(fmt::format("console socket '{}'", socket));
}

Status send_pidfd(const std::string& socket, const UniqueFd& pidfd) {
  return socket.empty() ? Status() : send_to(socket, "pidfd", pidfd).context(fmt::format("pidfd socket '{}'", socket));
}

}  // namespace cmp::runtime
