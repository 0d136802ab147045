#include <unistd.h>

#include <fmt/core.h>

#include "cli/oci.hpp"
#include "runtime/lifecycle.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

template <typename T>
Status take(const OciArguments& arguments, const std::string& name, std::optional<T>& into) {
  CMP_TRY(const auto number, arguments.number(name));
  if (number) {
    into = static_cast<T>(*number);
  }
  return {};
}

Status take_options(const OciArguments& arguments, cgroup::Resources& out) {
  CMP_CHECK(take(arguments, "memory", out.memory_limit));
  CMP_CHECK(take(arguments, "memory-reservation", out.memory_reservation));
  CMP_CHECK(take(arguments, "memory-swap", out.memory_swap));
  CMP_CHECK(take(arguments, "cpu-period", out.cpu_period));
  CMP_CHECK(take(arguments, "cpu-quota", out.cpu_quota));
  CMP_CHECK(take(arguments, "cpu-share", out.cpu_shares));
  CMP_CHECK(take(arguments, "cpu-burst", out.cpu_burst));
  CMP_CHECK(take(arguments, "cpu-idle", out.cpu_idle));
  CMP_CHECK(take(arguments, "cpu-rt-period", out.cpu_realtime_period));
  CMP_CHECK(take(arguments, "cpu-rt-runtime", out.cpu_realtime_runtime));
  CMP_CHECK(take(arguments, "pids-limit", out.pids_limit));
  CMP_CHECK(take(arguments, "blkio-weight", out.io_weight));
  out.cpus = arguments.text("cpuset-cpus");
  out.mems = arguments.text("cpuset-mems");
  return {};
}

Result<cgroup::Resources> read_resources(const std::string& file) {
  CMP_TRY(const std::string text, file == "-" ? sys::read_all(STDIN_FILENO) : sys::read_file(file));
  return oci::parse_resources(text).context(file == "-" ? "standard input" : fmt::format("'{}'", file));
}

}  // namespace

Result<int> oci_update(const OciArguments& arguments, const runtime::Store& store) {
  cgroup::Resources resources;
  if (const std::string file = arguments.text("resources"); !file.empty()) {
    CMP_TRY(resources, read_resources(file));
    if (!resources.devices.empty()) {
      oci_warn(arguments, {"devices: those of a container stay as they were when it was created"});
      resources.devices.clear();
    }
  } else {
    CMP_CHECK(take_options(arguments, resources));
  }
  CMP_TRY(const auto notes, runtime::update(store, arguments.operands.front(), resources));
  oci_warn(arguments, notes);
  return 0;
}

}  // namespace cmp::cli
