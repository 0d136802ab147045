#pragma once
// `logging:` of a service, as Docker's drivers understand it: what is kept, and what is sent on. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/project.hpp"
#include "net/socket_address.hpp"
#include "state/log_store.hpp"

namespace cmp::engine {

/// How a line of syslog begins: kLocal as syslog(3) writes it, for a socket of this host.
enum class SyslogFormat { kLocal, kRfc3164, kRfc5424, kRfc5424Micro };

/// Where lines go besides the files that `logs` reads.
struct LogTarget {
  enum class Kind { kJournal, kSyslog };
  Kind kind = Kind::kJournal;
  std::string address;  ///< path of a datagram socket, or "udp://ADDRESS:PORT"
  std::string tag;      ///< a template (log_tag.hpp)
  int facility = 3;     ///< of syslog: daemon
  SyslogFormat format = SyslogFormat::kLocal;
  std::vector<std::string> labels, env;  ///< names of labels and variables that go along
  std::string labels_regex, env_regex;   ///< "" is none
  friend bool operator==(const LogTarget&, const LogTarget&) = default;
};

struct LogPlan {
  std::optional<state::LogBounds> kept;  ///< of each stream; nothing for the driver none
  std::optional<LogTarget> sent;         ///< of the drivers journald and syslog
};

/// Drivers json-file and local keep by `max-size` (decimal units, "10m") and `max-file`, by default five files of 20
/// MB; none keeps nothing; journald and syslog keep by `cache-max-size` and `cache-max-file` and send on what is kept,
/// so that `logs` works and a journal that is away for a while gets it later. Errors: kUnsupported for another driver,
/// kInvalid for an option that is wrong or that the driver does not have (Docker's reference of logging drivers).
[[nodiscard]] Result<LogPlan> log_plan(const model::Logging& logging);

/// "udp://192.0.2.1:514" without the scheme's port being a must: 514. kInvalid for anything else.
[[nodiscard]] Result<net::SocketAddress> udp_address(const std::string& text);

/// Options that are right and change nothing here, each with why: "compress: …".
[[nodiscard]] std::vector<std::string> log_options_without_effect(const model::Logging& logging);

}  // namespace cmp::engine
