#pragma once
// One container as the supervisor has it in hand: its record, where its life stands, and its descriptors.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "state/log_store.hpp"
#include "state/record.hpp"
#include "supervisor/event_loop.hpp"
#include "supervisor/health.hpp"
#include "supervisor/log_shipping.hpp"
#include "supervisor/machine.hpp"
#include "supervisor/readiness.hpp"

namespace cmp::supervisor {

/// One of its two output streams.
struct OutputStream {
  UniqueFd fifo;  ///< or the controller of the service's terminal
  bool terminal = false;
  std::optional<state::LogWriter> log;
};

struct Probe {
  UniqueFd pidfd;
  UniqueFd sync;
  UniqueFd output;               ///< reading end of what it writes to
  state::ProbeRecord record;     ///< of the one that runs
  EventLoop::TimerId timer = 0;  ///< of the next probe, or of this one's end
};

struct Container {
  state::ContainerRecord record;
  Machine machine;
  std::optional<HealthState> health;
  std::unique_ptr<Readiness> readiness;  ///< x-ready
  Probe probe;

  std::unique_ptr<LogShipping> shipping;  ///< drivers journald and syslog

  UniqueFd pidfd;
  UniqueFd sync;  ///< to init, until exec
  OutputStream out, err;
  std::vector<UniqueFd> streams;    ///< of its caller, until it is launched with them
  WallTime released;                ///< when it was told to exec
  EventLoop::TimerId timer = 0;     ///< grace or back-off
  EventLoop::TimerId patience = 0;  ///< when it is said that a stop takes long
  EventLoop::TimerId seeking = 0;   ///< when it is looked again for an owner of another project
  std::vector<UniqueFd> strangers;  ///< processes of other projects whose namespaces it shares
  bool child_of_guardian = true;    ///< its exit comes over the guardian's link; else only the kernel may know it
  bool network_ready = false;
  bool init_ready = false;
  std::optional<Error> failure;  ///< what init reported
  std::string ending;            ///< how its stop went, if not as it should: "no handler for SIGTERM: ended at once"
};

}  // namespace cmp::supervisor
