// `events`: what the kernel counts of a container, a line of JSON at each interval, as runc prints it.

#include <poll.h>

#include <charconv>
#include <chrono>
#include <limits>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/oci.hpp"
#include "cli/output.hpp"
#include "runtime/lifecycle.hpp"

namespace cmp::cli {

namespace {

using OrderedJson = nlohmann::ordered_json;
using std::chrono::milliseconds;

OrderedJson memory_json(const cgroup::MemoryStatistics& memory) {
  return {{"limit", memory.limit}, {"usage", memory.usage}, {"max", memory.max}, {"failcnt", memory.failures}};
}

OrderedJson io_json(const std::vector<cgroup::IoStatistics>& entries) {
  OrderedJson list = OrderedJson::array();
  for (const cgroup::IoStatistics& one : entries) {
    list.push_back({{"major", one.major}, {"minor", one.minor}, {"op", one.operation}, {"value", one.value}});
  }
  return list;
}

OrderedJson data_of(const cgroup::Statistics& now) {
  return {{"cpu",
           {{"usage", {{"total", now.cpu_ns}, {"kernel", now.cpu_kernel_ns}, {"user", now.cpu_user_ns}}},
            {"throttling",
             {{"periods", now.periods},
              {"throttledPeriods", now.throttled_periods},
              {"throttledTime", now.throttled_ns}}}}},
          {"memory",
           {{"cache", now.memory_cache},
            {"usage", memory_json(now.memory)},
            {"swap", memory_json(now.swap)},
            {"kernel", memory_json(now.kernel)},
            {"raw", now.memory_lines}}},
          {"pids", {{"current", now.pids}, {"limit", now.pids_limit}}},
          {"blkio",
           {{"ioServiceBytesRecursive", io_json(now.io_bytes)}, {"ioServicedRecursive", io_json(now.io_operations)}}}};
}

Status print_event(const std::string& id, const char* type, OrderedJson data) {
  OrderedJson event = {{"type", type}, {"id", id}};
  if (!data.is_null()) {
    event["data"] = std::move(data);
  }
  return print(event.dump() + "\n");
}

/// "5s", "100ms", "1m".
Result<milliseconds> parse_interval(const std::string& text) {
  constexpr milliseconds kDefault{5'000};
  if (text.empty()) {
    return kDefault;
  }
  long number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit(rest, text.data() + text.size());
  const long factor = unit == "ms" ? 1 : unit == "s" ? 1'000 : unit == "m" ? 60'000 : 0;
  if (error != std::errc() || number <= 0 || factor == 0 || number > std::numeric_limits<int>::max() / factor) {
    return make_error(Code::kInvalid, fmt::format("--interval: '{}' is no duration above zero, as 5s or 100ms", text));
  }
  return milliseconds(number * factor);
}

/// True once the container's first process has ended.
bool ends_within(const UniqueFd& process, milliseconds interval) {
  pollfd item{.fd = process.get(), .events = POLLIN, .revents = 0};
  return ::poll(&item, 1, static_cast<int>(interval.count())) == 1;
}

}  // namespace

Result<int> oci_events(const OciArguments& arguments, const runtime::Store& store) {
  const std::string& id = arguments.operands.front();
  CMP_TRY(const milliseconds interval, parse_interval(arguments.text("interval")));
  CMP_TRY(const runtime::Container container, store.load(id));
  const auto process = sys::open_same_process({container.record.pid, container.record.start_ticks});
  if (!process || sys::has_exited(process->get())) {
    return make_error(Code::kConflict, fmt::format("no events of container '{}': it is stopped", id));
  }
  CMP_TRY(cgroup::Statistics now, runtime::statistics(container));
  if (arguments.flag("stats")) {
    CMP_CHECK(print_event(id, "stats", data_of(now)));
    return 0;
  }
  std::uint64_t kills = now.oom_kills;
  for (bool ended = false; !ended;) {
    ended = ends_within(*process, interval);
    auto next = runtime::statistics(container);
    if (!next) {
      break;  // deleted meanwhile
    }
    if (next->oom_kills > kills) {
      CMP_CHECK(print_event(id, "oom", nullptr));
    }
    kills = next->oom_kills;
    if (!ended) {
      CMP_CHECK(print_event(id, "stats", data_of(*next)));
    }
  }
  return 0;
}

}  // namespace cmp::cli
