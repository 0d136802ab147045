#pragma once
// What the cli and the supervisor say to each other over PROJECT/control: frames of a 4-byte length (host order) and
// JSON. One request a connection, answered by events until kDone. Closing the connection early takes back nothing that
// has begun; kCancel does.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "engine/storage.hpp"
#include "model/project.hpp"

namespace cmp::supervisor {

/// kWatch: events of containers until the connection is closed; one that is named is not removed by itself meanwhile.
/// kRun: standard input, output and error may come along, for the one-off container to have them as its own. kPing:
/// answers kDone at once. kCancel: the first word on a connection is the request; this one may follow it. kTerminal:
/// kDone comes with the controller of the container's terminal attached.
/// kReplace: a sealed copy of another build of cmp comes along; guardian and supervisor become it, unless a job is
/// under way.
enum class Operation {
  kUp,
  kDown,
  kStop,
  kKill,
  kWatch,
  kPing,
  kCancel,
  kTerminal,
  kStart,
  kRestart,
  kRemove,
  kPause,
  kUnpause,
  kRun,
  kReplace
};

/// It asks for services to run: whatever asks for less may interrupt it.
[[nodiscard]] constexpr bool brings_up(Operation operation) {
  return operation == Operation::kUp || operation == Operation::kStart || operation == Operation::kRestart ||
         operation == Operation::kRun;
}

struct Request {
  Operation operation = Operation::kPing;
  std::optional<model::Project> project;  ///< kUp
  std::vector<std::string> services;      ///< the ones named; empty is all
  std::vector<std::string> containers;    ///< kTerminal, kWatch, kRemove: the ones meant
  /// kDown: services of the file; absent: it was not asked. kUp, kRun: those of them that `project` has not.
  std::optional<std::vector<std::string>> declared;
  bool volumes = false;  ///< down -v
  bool remove_orphans = false, ignore_orphans = false;
  bool wait = false;  ///< up --wait: also until healthy
  bool force_recreate = false;
  bool no_deps = false;        ///< up, restart
  bool recreate_deps = false;  ///< up --always-recreate-deps
  bool no_recreate = false;
  bool renew_volumes = false;                 ///< up --renew-anon-volumes
  bool no_start = false;                      ///< create
  std::vector<std::string> recreate_volumes;  ///< kUp: keys of changed volumes whose data may go
  /// kRun: the service of `project` that runs once, named like its container; and which one it is made from.
  std::string one_off, one_off_of;
  bool auto_remove = false;                ///< run --rm
  bool running_too = false;                ///< kRemove: stops first what runs
  std::optional<int> timeout_s;            ///< -t
  std::string signal;                      ///< kKill
  std::string who;                         ///< "cmp up (pid 123)", for messages to others
  std::optional<model::HostOwner> caller;  ///< kUp: whom new directories on the host belong to
  bool granted = false;  ///< kUp, kRun: the last descriptor attached has secrets and configs (engine/grants.hpp)
};

enum class EventType {
  kProgress,   ///< a resource changed state: id, text, status
  kContainer,  ///< a container started or ended: container, state, exit_code, restarting
  kHappened,   ///< state: an action in the engine's words ("start", "die"), with id, container, service and attributes
  kHello,      ///< the first event of every connection: a supervisor listens; message: its build (build_text)
  kWarning,    ///< message
  kDone        ///< the request is finished: errors is empty if it succeeded
};

enum class ProgressStatus { kWorking, kDone, kWarning, kError };

struct Event {
  EventType type = EventType::kProgress;
  std::string id;    ///< "Container shop-web-1", "Network shop_front", "Volume shop_data"
  std::string text;  ///< "Creating", "Created", … (compose-cli.md 2.5)
  ProgressStatus status = ProgressStatus::kWorking;
  std::string details;             ///< kContainer: why it has ended, where its exit code does not say it
  std::string container, service;  ///< kContainer
  std::string state;  ///< kContainer: "running", "exited"; "restarting" if it starts again by itself or in this job
  int exit_code = 0;
  bool exit_unknown = false;                      ///< it ended while nobody was there who could have seen how
  std::map<std::string, std::string> attributes;  ///< kHappened: labels of its own, image, name, exitCode
  std::string message;
  bool changed = false;  ///< kDone: something was done
  bool gone = false;     ///< kDone: the project has left no trace, and its supervisor ends
  std::vector<Error> errors;
};

/// "0.4.0 1f3a…": version and id of this build.
[[nodiscard]] std::string build_text();

/// Whether this build takes over from a supervisor of that one: another one, and of no newer version.
[[nodiscard]] bool replaces(const std::string& mine, const std::string& theirs);

[[nodiscard]] std::string encode(const Request& request);
[[nodiscard]] std::string encode(const Event& event);
[[nodiscard]] Result<Request> decode_request(std::string_view text);
[[nodiscard]] Result<Event> decode_event(std::string_view text);

/// The bytes of one frame.
[[nodiscard]] std::string frame(std::string_view text);

/// Sends one frame, descriptors with its first byte. Errors: EPIPE when the other side is gone.
[[nodiscard]] Status send_frame(int fd, std::string_view text, std::span<const int> attached = {});

/// Gathers bytes into frames.
class FrameReader {
 public:
  /// One recv(2). False at end of file; true with nothing read on a non-blocking socket that is empty.
  [[nodiscard]] Result<bool> fill_once(int fd);
  /// The next whole frame, if any. Frames over 64 MiB are an error.
  [[nodiscard]] Result<std::optional<std::string>> next();

  /// The descriptors that have come so far.
  [[nodiscard]] std::vector<UniqueFd> take_attached() { return std::exchange(attached_, {}); }

 private:
  std::vector<UniqueFd> attached_;
  std::string buffer_;
};

}  // namespace cmp::supervisor
