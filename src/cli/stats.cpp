#include <sys/epoll.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include <fmt/core.h>

#include "cgroup/cgroup.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/row_format.hpp"
#include "cli/stats_view.hpp"
#include "supervisor/event_loop.hpp"
#include "sys/file.hpp"
#include "sys/signal_queue.hpp"
#include "sys/terminal.hpp"

namespace cmp::cli {

namespace {

using state::ContainerRecord;
using Samples = std::map<std::string, StatsSample>;  ///< by the container's name

/// Between two looks: docker's, and short enough to be waited for once.
constexpr Milliseconds kInterval{1000}, kFirstInterval{250};

std::uint64_t memory_of_machine() {
  struct sysinfo info {};

  return ::sysinfo(&info) == 0 ? std::uint64_t{info.totalram} * info.mem_unit : 0;
}

/// Where no group counts transfers (cgroup v1 without a limit on them), the living processes' own counts.
DeviceBytes counted_by_processes(const cgroup::Layout& layout, const cgroup::Group& group) {
  DeviceBytes out;
  const auto pids = cgroup::processes(layout, group);
  for (const int pid : pids ? *pids : std::vector<int>()) {
    const auto one = device_bytes_in(sys::read_file(fmt::format("/proc/{}/io", pid)).value_or(std::string()));
    out.read += one.read;
    out.written += one.written;
  }
  return out;
}

StatsSample sample_of(const cgroup::Layout& layout, const ContainerRecord& record) {
  StatsSample out{.id = record.id, .name = record.name, .at = monotonic_now()};
  const auto usage = cgroup::live_usage(layout, {record.cgroup});
  if (!usage || !state::has_program(record.state)) {
    return out;
  }
  const std::uint64_t machine = memory_of_machine();
  out.cpu_usec = usage->cpu_usec;
  out.memory_bytes = usage->memory_bytes - std::min(usage->memory_bytes, usage->inactive_file_bytes);
  out.limit_bytes = usage->memory_limit_bytes == 0 ? machine : std::min(machine, usage->memory_limit_bytes);
  out.pids = usage->pids;
  const auto network =
      network_bytes_in(sys::read_file(fmt::format("/proc/{}/net/dev", record.process.pid)).value_or(std::string()));
  out.received_bytes = network.received;
  out.sent_bytes = network.sent;
  if (usage->read_bytes) {
    out.read_bytes = *usage->read_bytes;
    out.written_bytes = usage->written_bytes.value_or(0);
  } else {
    const auto counted = counted_by_processes(layout, {record.cgroup});
    out.read_bytes = counted.read;
    out.written_bytes = counted.written;
  }
  return out;
}

class Sampler {
 public:
  Sampler(state::Paths paths, cgroup::Layout layout, const StatsOptions& options)
      : paths_(std::move(paths)), layout_(std::move(layout)), options_(options) {}

  Result<Samples> look() const {
    CMP_TRY(const auto containers, state::read_containers(paths_));
    Samples out;
    for (const ContainerRecord& record : containers) {
      const bool shown = options_.all || state::has_program(record.state);
      if (shown && is_wanted(options_.services, record.service) && !(state::is_one_off(record) && !options_.all)) {
        out.emplace(record.name, sample_of(layout_, record));
      }
    }
    return out;
  }

 private:
  state::Paths paths_;
  cgroup::Layout layout_;
  const StatsOptions& options_;
};

/// Shows one table after the other; on a terminal in the same place.
class Display {
 public:
  Display(const StatsOptions& options, RowFormat format, bool live)
      : options_(options), format_(std::move(format)), live_(live) {}

  Status show(const Samples& before, const Samples& now) const {
    Listing listing = stats_listing();
    for (const auto& [name, sample] : now) {
      const auto earlier = before.find(name);
      listing.rows.push_back(stats_row(earlier == before.end() ? sample : earlier->second, sample, options_.no_trunc));
    }
    CMP_TRY(const std::string text, format_.render(listing));
    return print((live_ ? "\x1b[H\x1b[2J" : "") + text);
  }

 private:
  const StatsOptions& options_;
  RowFormat format_;
  bool live_;
};

/// Until a signal comes. \returns whether one has.
Result<int> stream(const Sampler& sampler, const Display& display, bool once) {
  CMP_TRY(auto loop, supervisor::EventLoop::create());
  CMP_TRY(auto signals, sys::SignalQueue::open({SIGINT, SIGTERM}));
  bool interrupted = false;
  CMP_CHECK(loop.watch(signals.fd(), EPOLLIN, [&](std::uint32_t) {
    interrupted = true;
    loop.stop();
  }));
  CMP_TRY(Samples before, sampler.look());
  Status failed;
  std::function<void()> look = [&] {
    auto now = sampler.look();
    failed = now ? display.show(before, *now) : Status(now.error());
    if (once || !failed) {
      return loop.stop();
    }
    before = *std::move(now);
    loop.after(kInterval, look);
  };
  loop.after(kFirstInterval, look);
  CMP_CHECK(loop.run());
  CMP_CHECK(std::move(failed));
  return interrupted ? 130 : 0;
}

}  // namespace

Result<int> run_command(const Context& context, const StatsOptions& options) {
  CMP_TRY(RowFormat format, RowFormat::parse(options.format));
  CMP_CHECK(need_root("stats"));
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(const auto containers, current_containers(paths));
  CMP_CHECK(check_services(context, options.services, containers));
  CMP_TRY(auto layout, cgroup::detect());
  const bool live = !options.no_stream && sys::is_terminal(STDOUT_FILENO) && !format.json();
  return stream(Sampler(paths, std::move(layout), options), Display(options, std::move(format), live),
                options.no_stream);
}

}  // namespace cmp::cli
