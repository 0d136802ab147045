#include "supervisor/client.hpp"

#include <fcntl.h>
#include <poll.h>

#include <array>

#include <fmt/core.h>

#include "engine/preflight.hpp"
#include "state/lock.hpp"
#include "state/record.hpp"
#include "supervisor/role.hpp"
#include "sys/file.hpp"
#include "sys/signal_block.hpp"
#include "sys/socket.hpp"

namespace cmp::supervisor {

namespace {

/// A listener that nobody answers belongs to a supervisor that is being started again, at worst for this long.
constexpr int kHelloTimeoutMs = 20'000;

/// Not to be mentioned.
constexpr int kMomentMs = 1500;

std::string describe_wait(const state::Paths& paths) {
  const auto role = state::read_role(paths.supervisor_record());
  if (!role) {
    return fmt::format("waiting for the supervisor of '{}' to start", paths.project());
  }
  const pid_t pid = role->process.pid;
  const std::string stat = sys::read_file(fmt::format("/proc/{}/stat", pid)).value_or("");
  const auto state = stat.rfind(") ");
  const bool stopped = state != std::string::npos && stat.compare(state + 2, 1, "T") == 0;
  return fmt::format("waiting for the supervisor of '{}' (pid {}){}", paths.project(), pid,
                     stopped ? fmt::format(", which has been stopped: 'kill -CONT {}' lets it go on", pid) : "");
}

bool nobody_there(const Error& error) {
  return error.os_errno == ENOENT || error.os_errno == ECONNREFUSED;
}

Status make_directories(const state::Paths& paths) {
  CMP_CHECK(sys::make_directories(paths.logs_dir(), 0755));
  CMP_CHECK(sys::make_directories(paths.containers_dir(), 0755));
  return sys::make_directories(paths.networks_dir(), 0755);
}

/// Directories, control socket and guardian. The lock is held; what was made goes again if it fails.
Status start(const state::Paths& paths) {
  // Broken off in here, directories would be left that belong to nobody.
  const sys::SignalBlock whole({SIGINT, SIGTERM, SIGHUP});
  std::vector<std::string> fresh;
  for (const std::string& directory : {paths.state_dir(), paths.run_dir()}) {
    if (!sys::exists(directory)) {
      fresh.push_back(directory);
    }
  }
  const auto begin = [&]() -> Status {
    CMP_CHECK(make_directories(paths));
    CMP_TRY(const UniqueFd listener, sys::listen_at(paths.control_socket(), 0600));
    return start_guardian(paths, listener.get());
  };
  Status started = begin();
  if (!started && !fresh.empty() && fresh.back() == paths.run_dir()) {
    fresh.push_back(paths.lock());
    for (const std::string& made : fresh) {
      static_cast<void>(sys::remove_tree(made));  // the error to tell is the first one
    }
  }
  return started;
}

}  // namespace

Result<std::optional<Client>> Client::connect(const state::Paths& paths, const OnWait& on_wait) {
  auto fd = sys::connect_to(paths.control_socket());
  if (!fd) {
    return nobody_there(fd.error()) ? Result<std::optional<Client>>(std::nullopt) : fd.error();
  }
  Client client(*std::move(fd));
  pollfd item{.fd = client.fd(), .events = POLLIN, .revents = 0};
  bool ready = ::poll(&item, 1, kMomentMs) > 0;
  if (!ready && on_wait) {
    on_wait(describe_wait(paths));
  }
  ready = ready || ::poll(&item, 1, kHelloTimeoutMs) > 0;
  if (!ready) {
    return make_error(Code::kSystem, fmt::format("the supervisor of '{}' does not answer", paths.project()));
  }
  CMP_TRY(const auto hello, client.next());
  client.build_ = hello ? hello->message : "";
  // Only now: a guardian writes its record before it starts the supervisor that has just spoken.
  if (const auto guardian = state::read_role(paths.guardian_record())) {
    client.guardian_ = sys::open_same_process(guardian->process).value_or(UniqueFd());
  }
  // Closed without a word: it was just ending. Whoever comes next starts a new one.
  return hello && hello->type == EventType::kHello ? Result<std::optional<Client>>(std::move(client))
                                                   : std::optional<Client>();
}

Result<Client> Client::connect_or_start(const state::Paths& paths, const OnWait& on_wait) {
  constexpr int kAttempts = 5;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    CMP_TRY(auto connected, connect(paths, on_wait));
    if (connected) {
      return *std::move(connected);
    }
    CMP_CHECK(engine::check_host());
    CMP_TRY(const UniqueFd lock, state::lock(paths.lock()));
    // Somebody else may have started it while we waited for the lock.
    auto probe = sys::connect_to(paths.control_socket());
    if (!probe && nobody_there(probe.error())) {
      CMP_CHECK(start(paths));
    }
  }
  return make_error(Code::kSystem, fmt::format("the supervisor of '{}' does not start; see {}/supervisor.log",
                                               paths.project(), paths.run_dir()));
}

Result<Client> Client::connect_to_this_build(const state::Paths& paths, const OnWait& on_wait) {
  CMP_TRY(Client client, connect_or_start(paths, on_wait));
  if (!replaces(build_text(), client.build_)) {
    return client;
  }
  CMP_TRY(const UniqueFd copy, sys::sealed_copy("/proc/self/exe", "cmp"));
  Request request;
  request.operation = Operation::kReplace;
  const std::array attached = {copy.get()};
  CMP_CHECK(client.send(request, attached));
  // Busy or not: whoever listens next is right.
  CMP_TRY(const auto answered, client.next());
  static_cast<void>(answered);
  return connect_or_start(paths, on_wait);
}

bool Client::project_exists(const state::Paths& paths) {
  return sys::exists(paths.containers_dir());
}

Status Client::send(const Request& request, std::span<const int> attached) {
  const Status sent = send_frame(fd_.get(), encode(request), attached);
  // It has ended since it was connected to: the next read tells, as if it had ended a moment later.
  return !sent && sent.error().os_errno == EPIPE ? Status() : sent;
}

Status Client::cancel() {
  Request request;
  request.operation = Operation::kCancel;
  return send(request);
}

Result<std::optional<Event>> Client::take() {
  CMP_TRY(const auto text, frames_.next());
  if (!text) {
    return std::optional<Event>();
  }
  CMP_TRY(Event event, decode_event(*text));
  return std::optional(std::move(event));
}

Result<std::optional<Event>> Client::next() {
  for (;;) {
    CMP_TRY(auto event, take());
    if (event && event->gone) {
      wait_for_end();
    }
    if (event || closed_) {
      return event;
    }
    CMP_TRY(const bool open, frames_.fill_once(fd_.get()));
    closed_ = !open;
  }
}

void Client::wait_for_end() const {
  constexpr int kPatienceMs = 5000;
  pollfd item{.fd = guardian_.get(), .events = POLLIN, .revents = 0};
  if (guardian_) {
    ::poll(&item, 1, kPatienceMs);
  }
}

Result<std::optional<Event>> Client::try_next() {
  pollfd item{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  CMP_TRY(auto event, take());
  while (!event && !closed_ && ::poll(&item, 1, 0) > 0) {
    CMP_TRY(const bool open, frames_.fill_once(fd_.get()));
    closed_ = !open;
    CMP_TRY(event, take());
  }
  if (event && event->gone) {
    wait_for_end();
  }
  return event;
}

}  // namespace cmp::supervisor
