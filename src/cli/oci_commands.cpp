// The commands of the OCI runtime that do one thing to one container.

#include <unistd.h>

#include <csignal>

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

}  // namespace

Result<runtime::CreateRequest> oci_create_request(const OciArguments& arguments) {
  runtime::CreateRequest request;
  request.id = id_of(arguments);
  request.bundle = arguments.text("bundle").empty() ? "." : arguments.text("bundle");
  CMP_TRY(request.streams, oci_streams(arguments));
  request.no_pivot = arguments.flag("no-pivot");
  request.systemd_cgroup = arguments.flag("systemd-cgroup") || arguments.text("cgroup-manager") == "systemd";
  return request;
}

Result<runtime::Streams> oci_streams(const OciArguments& arguments) {
  runtime::Streams streams;
  streams.console_socket = arguments.text("console-socket");
  streams.pid_file = arguments.text("pid-file");
  streams.own_keyring = !arguments.flag("no-new-keyring");
  CMP_TRY(const auto preserve, arguments.number("preserve-fds"));
  if (preserve && (*preserve < 0 || *preserve > 1000)) {
    return make_error(Code::kInvalid, fmt::format("--preserve-fds: {} is not between 0 and 1000", *preserve));
  }
  streams.preserve_fds = static_cast<int>(preserve.value_or(0));
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
    CMP_TRY(signal, sys::parse_signal(arguments.operands[1]));
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
