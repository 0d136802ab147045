// The commands of the OCI runtime that do one thing to one container.

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fmt/core.h>

#include "cli/oci.hpp"
#include "cli/oci_streams.hpp"
#include "cli/output.hpp"
#include "runtime/lifecycle.hpp"

namespace cmp::cli {

namespace {

const std::string& id_of(const OciArguments& arguments) {
  return arguments.operands.front();
}

Result<int> done(Status status) {
  return status ? Result<int>(0) : std::move(status).error();
}

/// How many sockets a service manager has handed over (sd_listen_fds(3)): the container's process gets them.
int activated_sockets() {
  const char* const text = std::getenv("LISTEN_FDS");  // NOLINT(concurrency-mt-unsafe): one thread
  int count = 0;
  const bool whole = text != nullptr && std::from_chars(text, text + std::strlen(text), count).ec == std::errc();
  return whole && count > 0 && count <= 1000 ? count : 0;
}

/// Those from 3 on that the caller has given us. What is open and closes on exec is our own, and stays here.
std::vector<int> callers_descriptors(int count) {
  std::vector<int> out;
  for (int fd = STDERR_FILENO + 1; fd <= STDERR_FILENO + count; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    out.push_back(flags >= 0 && (flags & FD_CLOEXEC) == 0 ? fd : -1);
  }
  return out;
}

}  // namespace

Result<runtime::CreateRequest> oci_create_request(const OciArguments& arguments) {
  runtime::CreateRequest request;
  request.id = id_of(arguments);
  request.bundle = arguments.text("bundle").empty() ? "." : arguments.text("bundle");
  request.config_file = arguments.text("config");
  CMP_TRY(request.streams, oci_streams(arguments));
  request.no_pivot = arguments.flag("no-pivot");
  request.systemd_cgroup = arguments.flag("systemd-cgroup") || arguments.text("cgroup-manager") == "systemd";
  return request;
}

Result<runtime::Streams> oci_streams(const OciArguments& arguments) {
  runtime::Streams streams;
  streams.console_socket = arguments.text("console-socket");
  streams.pid_file = arguments.text("pid-file");
  streams.pidfd_socket = arguments.text("pidfd-socket");
  streams.own_keyring = !arguments.flag("no-new-keyring");
  CMP_TRY(const auto preserve, arguments.number("preserve-fds"));
  if (preserve && (*preserve < 0 || *preserve > 1000)) {
    return make_error(Code::kInvalid, fmt::format("--preserve-fds: {} is not between 0 and 1000", *preserve));
  }
  const int activated = activated_sockets();
  if (activated > 0) {
    streams.more_env = {fmt::format("LISTEN_FDS={}", activated), "LISTEN_PID=1"};
  }
  streams.preserved = callers_descriptors(activated + static_cast<int>(preserve.value_or(0)));
  return streams;
}

Result<int> oci_create(const OciArguments& arguments, const runtime::Store& store) {
  CMP_TRY(const runtime::CreateRequest request, oci_create_request(arguments));
  CMP_TRY(const runtime::Created created, runtime::create(store, request));
  oci_warn(arguments, created.warnings);
  return 0;
}

Result<int> oci_start(const OciArguments& arguments, const runtime::Store& store) {
  std::vector<std::string> warnings;
  auto started = runtime::start(store, id_of(arguments), warnings);
  oci_warn(arguments, warnings);
  return done(std::move(started));
}

Result<int> oci_state(const OciArguments& arguments, const runtime::Store& store) {
  CMP_TRY(const runtime::Container container, store.load(id_of(arguments)));
  const auto status = runtime::status_of(store, container);
  const int pid = status == runtime::ContainerStatus::kStopped ? 0 : container.record.pid;
  return done(print(oci::state_text(container.record, to_string(status), pid) + "\n"));
}

Result<int> oci_kill(const OciArguments& arguments, const runtime::Store& store) {
  int signal = SIGTERM;
  if (arguments.operands.size() > 1) {
    const std::string& text = arguments.operands[1];
    if (text == "0") {
      signal = 0;  // asks whether it is there, as in kill(2)
    } else {
      CMP_TRY(signal, sys::parse_signal(text));
    }
  }
  return done(runtime::kill(store, id_of(arguments), signal, arguments.flag("all")));
}

Result<int> oci_delete(const OciArguments& arguments, const runtime::Store& store) {
  std::vector<std::string> warnings;
  const auto force = arguments.flag("force") ? runtime::Force::kYes : runtime::Force::kNo;
  auto removed = runtime::remove(store, id_of(arguments), force, warnings);
  oci_warn(arguments, warnings);
  return done(std::move(removed));
}

Result<int> oci_pause(const OciArguments& arguments, const runtime::Store& store) {
  return done(runtime::pause(store, id_of(arguments)));
}

Result<int> oci_resume(const OciArguments& arguments, const runtime::Store& store) {
  return done(runtime::resume(store, id_of(arguments)));
}

}  // namespace cmp::cli
