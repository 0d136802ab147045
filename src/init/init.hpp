#pragma once
// The child's half of a launch: replays a LaunchSpec, then becomes the service. Runs as an ordinary copy of the
// single-threaded parent, so it may allocate and use Result. It never returns.
//
//   parent (engine)                         child (init)
//   clone3 ───────────────────────────────▶ replay steps up to Unshare
//   attach networks          ◀── kNamespaces (its namespaces exist now)
//                                           mounts, pivot_root, masks … in parallel with that
//                            ◀── kTerminal + controller (tty: true)
//                            ◀── kPrepared  (program found, everything but exec done)
//   "go", in start order ─── kGo ─────────▶ drop privileges, exec
//   end of file: exec has happened ◀──
//                            ◀── kFailed step, errno, message: at any point; the child exits 125 (126/127 for exec)

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "container/launch_spec.hpp"

namespace cmp::init {

/// kTerminal: the controller of the service's own terminal comes attached to it. kReached: a step::Rendezvous.
enum class Message : unsigned char {
  kNamespaces = 1,
  kPrepared = 2,
  kFailed = 3,
  kGo = 4,
  kTerminal = 5,
  kReached = 6
};

/// What the child tells when it fails: becomes an Error again in the parent.
struct Report {
  Message type = Message::kFailed;
  int exit_code = 125;  ///< 125 set-up, 126 cannot be executed, 127 not found
  Error error;          ///< kFailed only
  std::string key;      ///< kFailed: of the service, which asked for what failed ("user"); "" is not known
};

/// The wire: one SOCK_SEQPACKET message a report.
[[nodiscard]] std::string encode(const Report& report);
[[nodiscard]] Result<Report> decode(std::string_view packet);

/// Descriptors of the caller. All others are closed at once: what waits for its go holds nothing of the host or of
/// other containers.
struct Files {
  int sync = -1;           ///< SOCK_SEQPACKET end shared with the parent; required
  int in = -1;             ///< becomes 0; -1 is the container's own /dev/null
  int out = -1, err = -1;  ///< become 1 and 2
  /// A listening SOCK_SEQPACKET socket: kGo comes from whoever connects to it, who then takes the parent's place. The
  /// parent need not live so long. -1: from the parent.
  int listener = -1;
  std::vector<int> inherited;  ///< become 3 and up when the program is executed; -1 leaves a number out
  bool own_keyring = true;     ///< a new session keyring
  std::vector<int> mounts;     ///< what BindMount::prepared counts: mounts that are nowhere yet
};

/// Replays, waits for kGo, drops privileges, execs. With `wait_for_go` false (exec into a running container) it sends
/// no kPrepared and goes on at once. End of file instead of kGo: it exits 0 without a word. A spec without an Unshare
/// step sends no kNamespaces. With a terminal and `wait_for_go` init makes the terminal in the container; without, all
/// three descriptors are one already.
[[noreturn]] void run(const container::LaunchSpec& spec, const Files& files, bool wait_for_go);

}  // namespace cmp::init
