#include "runtime/spawn.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <unistd.h>

#include <cstring>

#include <fmt/core.h>

#include "sys/file.hpp"
#include "sys/packet.hpp"
#include "sys/wait.hpp"

namespace cmp::runtime {

namespace {

struct OpenJoin {
  std::uint64_t flag = 0;
  std::string path;
  UniqueFd file;
};

Result<std::vector<OpenJoin>> open_joins(const std::vector<oci::Join>& joins) {
  std::vector<OpenJoin> out;
  for (const oci::Join& join : joins) {
    CMP_TRY(UniqueFd file, sys::open_file(join.path, O_RDONLY).context("namespace"));
    out.push_back({join.flag, join.path, std::move(file)});
  }
  return out;
}

Status enter(const std::vector<OpenJoin>& joins) {
  for (const OpenJoin& join : joins) {
    if (::setns(join.file.get(), static_cast<int>(join.flag)) != 0) {
      return sys_error(fmt::format("enter namespace '{}'", join.path));
    }
  }
  return {};
}

/// time_namespaces(7): offsets can be written as long as nobody is in the namespace; children are born into it.
Status make_time_namespace(const std::map<std::string, oci::TimeOffset>& offsets) {
  if (::unshare(CLONE_NEWTIME) != 0) {
    return sys_error("make a time namespace");
  }
  std::string text;
  for (const auto& [clock, offset] : offsets) {
    text += fmt::format("{} {} {}\n", clock, offset.seconds, offset.nanoseconds);
  }
  return text.empty() ? Status() : sys::write_kernel_file("/proc/self/timens_offsets", text).context("timeOffsets");
}

/// What the process between tells: the pid, or why there is none.
std::string report(const Result<sys::Child>& made) {
  return made ? fmt::format("{}", made->pid) : fmt::format("-{} {}", made.error().os_errno, made.error().message);
}

Result<sys::Child> prepare_and_clone(const oci::Launch& launch, const std::vector<OpenJoin>& joins,
                                     const std::map<std::string, oci::TimeOffset>& offsets) {
  if (launch.new_time) {
    CMP_CHECK(make_time_namespace(offsets));
  }
  CMP_CHECK(enter(joins));
  return sys::clone_process({.flags = launch.clone_flags | CLONE_PARENT});
}

Result<sys::Child> understand(const std::string& text) {
  if (text.empty()) {
    return make_error(Code::kInternal, "the process between has died");
  }
  char* rest = nullptr;
  const long number = std::strtol(text.c_str(), &rest, 10);
  if (number <= 0) {
    Error error = make_error(Code::kSystem, std::string(*rest == ' ' ? rest + 1 : rest));
    error.os_errno = static_cast<int>(-number);
    return error;
  }
  sys::Child child;
  child.pid = static_cast<pid_t>(number);
  CMP_TRY(child.pidfd, sys::open_pidfd(child.pid));
  return child;
}

}  // namespace

Result<sys::Child> spawn(const oci::Launch& launch, const std::map<std::string, oci::TimeOffset>& offsets) {
  if (launch.joins.empty() && !launch.new_time) {
    return sys::clone_process({.flags = launch.clone_flags});
  }
  CMP_TRY(const auto joins, open_joins(launch.joins));
  CMP_TRY(auto ends, sys::packet_pair());
  CMP_TRY(const sys::Child between, sys::clone_process({}));
  if (between.pid == 0) {
    auto made = prepare_and_clone(launch, joins, offsets);
    if (made && made->pid == 0) {
      return made;
    }
    [[maybe_unused]] const auto sent = sys::send_packet(ends.second.get(), report(made));
    ::_exit(0);
  }
  ends.second.reset();
  auto told = sys::receive_packet(ends.first.get());
  CMP_TRY(const sys::ExitStatus exit, sys::wait_for_child(between.pid));
  static_cast<void>(exit);
  CMP_TRY(const std::string text, std::move(told));
  return understand(text);
}

Status write_id_mappings(pid_t pid, const std::vector<oci::IdMapping>& uids, const std::vector<oci::IdMapping>& gids) {
  const auto text = [](const std::vector<oci::IdMapping>& mappings) {
    std::string lines;
    for (const oci::IdMapping& one : mappings) {
      lines += fmt::format("{} {} {}\n", one.container_id, one.host_id, one.size);
    }
    return lines;
  };
  if (uids.empty()) {
    return {};
  }
  const std::string process = fmt::format("/proc/{}/", pid);
  CMP_CHECK(sys::write_kernel_file(process + "uid_map", text(uids)).context("uidMappings"));
  return sys::write_kernel_file(process + "gid_map", text(gids)).context("gidMappings");
}

}  // namespace cmp::runtime
