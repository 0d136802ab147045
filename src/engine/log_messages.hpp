#pragma once
// A line of a service as the journal and syslog want it: one datagram. Pure.

#include <string>
#include <utility>
#include <vector>

#include "engine/logging.hpp"
#include "state/log_store.hpp"
#include "state/record.hpp"

namespace cmp::engine {

/// What goes along with every line of one container.
struct LogSender {
  LogTarget target;
  std::string tag;                                              ///< filled in
  std::string id, name, image;                                  ///< of the container
  std::vector<std::pair<std::string, std::string>> attributes;  ///< labels and variables that were asked for
  std::string host;                                             ///< this host's name
  int pid = 0;                                                  ///< who sends
};

[[nodiscard]] LogSender log_sender(const LogTarget& target, const state::ContainerRecord& record, std::string host,
                                   int pid);

/// The datagrams of a line, in order: more than one for a line of more than 16 KiB, as Docker cuts them.
[[nodiscard]] std::vector<std::string> log_messages(const LogSender& sender, const state::LogLine& line);

}  // namespace cmp::engine
