#include "cgroup/statistics.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <sstream>

#include <fmt/core.h>

#include "cgroup/counters.hpp"
#include "cgroup/directory.hpp"
#include "sys/file.hpp"

namespace cmp::cgroup {

namespace {

constexpr std::uint64_t kTick = 10'000'000;  // nanoseconds of one of cpuacct.stat's (USER_HZ is 100)
constexpr std::uint64_t kMicrosecond = 1'000;

/// Where a number is: as in counters.hpp, with what it is to be multiplied by. Of v1 or of v2.
struct Source {
  std::uint64_t Statistics::*into;
  const char* file;
  std::string_view key;
  std::uint64_t factor;
};

constexpr std::array kSources = {
    Source{&Statistics::cpu_ns, "cpuacct.usage", "", 1},
    Source{&Statistics::cpu_ns, "cpu.stat", "usage_usec", kMicrosecond},
    Source{&Statistics::cpu_kernel_ns, "cpuacct.stat", "system", kTick},
    Source{&Statistics::cpu_kernel_ns, "cpu.stat", "system_usec", kMicrosecond},
    Source{&Statistics::cpu_user_ns, "cpuacct.stat", "user", kTick},
    Source{&Statistics::cpu_user_ns, "cpu.stat", "user_usec", kMicrosecond},
    Source{&Statistics::periods, "cpu.stat", "nr_periods", 1},
    Source{&Statistics::throttled_periods, "cpu.stat", "nr_throttled", 1},
    Source{&Statistics::throttled_ns, "cpu.stat", "throttled_time", 1},
    Source{&Statistics::throttled_ns, "cpu.stat", "throttled_usec", kMicrosecond},
    Source{&Statistics::memory_cache, "memory.stat", "cache", 1},
    Source{&Statistics::memory_cache, "memory.stat", "file", 1},
    Source{&Statistics::oom_kills, "memory.oom_control", "oom_kill", 1},
    Source{&Statistics::oom_kills, "memory.events", "oom_kill", 1},
    Source{&Statistics::pids, "pids.current", "", 1},
    Source{&Statistics::pids_limit, "pids.max", "", 1},
};

struct MemorySource {
  MemoryStatistics Statistics::*of;
  std::uint64_t MemoryStatistics::*into;
  const char* file;
  std::string_view key;
};

constexpr std::array kMemorySources = {
    MemorySource{&Statistics::memory, &MemoryStatistics::usage, "memory.usage_in_bytes", ""},
    MemorySource{&Statistics::memory, &MemoryStatistics::usage, "memory.current", ""},
    MemorySource{&Statistics::memory, &MemoryStatistics::max, "memory.max_usage_in_bytes", ""},
    MemorySource{&Statistics::memory, &MemoryStatistics::max, "memory.peak", ""},
    MemorySource{&Statistics::memory, &MemoryStatistics::failures, "memory.failcnt", ""},
    MemorySource{&Statistics::memory, &MemoryStatistics::failures, "memory.events", "max"},
    MemorySource{&Statistics::memory, &MemoryStatistics::limit, "memory.limit_in_bytes", ""},
    MemorySource{&Statistics::memory, &MemoryStatistics::limit, "memory.max", ""},
    MemorySource{&Statistics::swap, &MemoryStatistics::usage, "memory.memsw.usage_in_bytes", ""},
    MemorySource{&Statistics::swap, &MemoryStatistics::usage, "memory.swap.current", ""},
    MemorySource{&Statistics::swap, &MemoryStatistics::max, "memory.memsw.max_usage_in_bytes", ""},
    MemorySource{&Statistics::swap, &MemoryStatistics::failures, "memory.memsw.failcnt", ""},
    MemorySource{&Statistics::swap, &MemoryStatistics::limit, "memory.memsw.limit_in_bytes", ""},
    MemorySource{&Statistics::swap, &MemoryStatistics::limit, "memory.swap.max", ""},
    MemorySource{&Statistics::kernel, &MemoryStatistics::usage, "memory.kmem.usage_in_bytes", ""},
    MemorySource{&Statistics::kernel, &MemoryStatistics::max, "memory.kmem.max_usage_in_bytes", ""},
    MemorySource{&Statistics::kernel, &MemoryStatistics::failures, "memory.kmem.failcnt", ""},
    MemorySource{&Statistics::kernel, &MemoryStatistics::limit, "memory.kmem.limit_in_bytes", ""},
};

constexpr std::array<const char*, 3> kLineFiles = {"blkio.throttle.io_service_bytes", "blkio.throttle.io_serviced",
                                                   "io.stat"};

std::optional<std::uint64_t> number_in(const GroupFiles& files, const char* file, std::string_view key) {
  const auto it = files.find(file);
  if (it == files.end()) {
    return std::nullopt;
  }
  if (key.empty() && it->second.starts_with("max")) {
    return std::string_view(file) == "pids.max" ? 0 : std::numeric_limits<std::uint64_t>::max();
  }
  return value_in(it->second, key);
}

std::map<std::string, std::uint64_t> lines_in(const GroupFiles& files, const char* file) {
  std::map<std::string, std::uint64_t> out;
  const auto it = files.find(file);
  std::istringstream stream(it == files.end() ? "" : it->second);
  std::string key;
  for (std::uint64_t value = 0; stream >> key >> value;) {
    out[key] = value;
  }
  return out;
}

/// "8:0" of a line, into the entry; false if it begins otherwise.
bool read_device(const std::string& word, IoStatistics& entry) {
  const char* const end = word.data() + word.size();
  const auto [colon, error] = std::from_chars(word.data(), end, entry.major);
  return error == std::errc() && colon != end && *colon == ':' &&
         std::from_chars(colon + 1, end, entry.minor).ec == std::errc();
}

/// v1: "8:0 Read 4096", and a sum at the end.
std::vector<IoStatistics> io_lines(const GroupFiles& files, const char* file) {
  std::vector<IoStatistics> out;
  const auto it = files.find(file);
  std::istringstream stream(it == files.end() ? "" : it->second);
  IoStatistics entry;
  for (std::string device; stream >> device >> entry.operation >> entry.value;) {
    if (read_device(device, entry)) {
      out.push_back(entry);
    }
  }
  return out;
}

/// v2: "8:0 rbytes=4096 wbytes=0 rios=1 wios=0 …".
void add_io_stat(const GroupFiles& files, Statistics& out) {
  struct Word {
    std::string_view prefix;
    std::vector<IoStatistics> Statistics::*into;
    const char* operation;
  };

  constexpr std::array kWords = {
      Word{"rbytes=", &Statistics::io_bytes, "Read"}, Word{"wbytes=", &Statistics::io_bytes, "Write"},
      Word{"rios=", &Statistics::io_operations, "Read"}, Word{"wios=", &Statistics::io_operations, "Write"}};
  const auto it = files.find("io.stat");
  std::istringstream stream(it == files.end() ? "" : it->second);
  IoStatistics entry;
  for (std::string word; stream >> word;) {
    const auto meant = std::ranges::find_if(kWords, [&](const Word& one) { return word.starts_with(one.prefix); });
    if (meant == kWords.end()) {
      static_cast<void>(read_device(word, entry));
      continue;
    }
    entry.operation = meant->operation;
    std::from_chars(word.data() + meant->prefix.size(), word.data() + word.size(), entry.value);
    (out.*meant->into).push_back(entry);
  }
}

}  // namespace

Statistics statistics_in(const GroupFiles& files) {
  Statistics out;
  for (const Source& source : kSources) {
    if (const auto value = number_in(files, source.file, source.key)) {
      out.*source.into = *value * source.factor;
    }
  }
  for (const MemorySource& source : kMemorySources) {
    if (const auto value = number_in(files, source.file, source.key)) {
      out.*source.of.*source.into = *value;
    }
  }
  out.memory_lines = lines_in(files, "memory.stat");
  out.io_bytes = io_lines(files, "blkio.throttle.io_service_bytes");
  out.io_operations = io_lines(files, "blkio.throttle.io_serviced");
  add_io_stat(files, out);
  return out;
}

Result<Statistics> statistics(const Layout& layout, const Group& group) {
  CMP_TRY(const auto groups, open_everywhere(layout, group));
  if (groups.empty()) {
    return make_error(Code::kNotFound, fmt::format("cgroup '{}': no such group", group.path));
  }
  GroupFiles files;
  const auto read = [&](const OpenGroup& one, const char* name) {
    if (auto text = sys::read_file_at(one.directory.get(), name)) {
      files[name] += *text;
    }
  };
  for (const OpenGroup& one : groups) {
    for (const char* name : kLineFiles) {
      read(one, name);
    }
    for (const Source& source : kSources) {
      if (!files.contains(source.file)) {
        read(one, source.file);
      }
    }
    for (const MemorySource& source : kMemorySources) {
      if (!files.contains(source.file)) {
        read(one, source.file);
      }
    }
  }
  return statistics_in(files);
}

}  // namespace cmp::cgroup
