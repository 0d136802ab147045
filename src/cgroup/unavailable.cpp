// Limits that name a piece of the machine it has not got.

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include <fmt/core.h>

#include "cgroup/block_devices.hpp"
#include "cgroup/cgroup.hpp"
#include "cgroup/processors.hpp"
#include "sys/file.hpp"

namespace cmp::cgroup {

namespace {

using Problems = std::vector<Unsupported>;

/// The processors the groups below the base may have: v1 and v2 call the file differently.
std::optional<std::string> given_processors(const Layout& layout) {
  for (const Hierarchy& hierarchy : layout.hierarchies) {
    if (!hierarchy.has("cpuset")) {
      continue;
    }
    const std::string base = hierarchy.mount_point + (hierarchy.base == "/" ? "" : hierarchy.base);
    for (const char* file : {"cpuset.effective_cpus", "cpuset.cpus.effective", "cpuset.cpus"}) {
      if (const auto text = sys::read_file(fmt::format("{}/{}", base, file)); text && text->size() > 1) {
        return text->substr(0, text->find('\n'));
      }
    }
  }
  return std::nullopt;
}

void check_processors(Problems& out, const model::Limits& limits, const Layout& layout) {
  const std::string wanted = limits.cpuset.value_or("");
  if (wanted.empty()) {
    return;
  }
  const auto numbers = parse_processors(wanted);
  if (!numbers) {
    out.push_back({"cpuset", fmt::format("'{}' is no list of processors such as 0-2,4", wanted), {}});
    return;
  }
  const auto given = given_processors(layout);
  const auto there = given ? parse_processors(*given) : std::nullopt;
  if (there && !std::ranges::includes(*there, *numbers)) {
    out.push_back({"cpuset", fmt::format("'{}' is asked for, and there are {}", wanted, *given), {}});
  }
}

void check_weight(Problems& out, std::uint64_t weight, const SourcePos& where) {
  if (weight != 0 && (weight < 10 || weight > 1000)) {
    out.push_back({"blkio_config", fmt::format("a weight is from 10 to 1000, not {}", weight), where});
  }
}

void check_devices(Problems& out, const std::vector<model::DeviceRate>& rates) {
  for (const model::DeviceRate& rate : rates) {
    if (const auto number = device_number(rate.path); !number) {
      out.push_back({"blkio_config", number.error().str(), rate.where});
    }
  }
}

void check_blkio(Problems& out, const model::BlockIo& blkio, const Layout& layout) {
  check_weight(out, blkio.weight, {});
  for (const model::DeviceRate& rate : blkio.weight_device) {
    check_weight(out, rate.value, rate.where);
  }
  for (const auto* rates :
       {&blkio.weight_device, &blkio.read_bps, &blkio.read_iops, &blkio.write_bps, &blkio.write_iops}) {
    check_devices(out, *rates);
  }
  if (blkio.weight == 0 && blkio.weight_device.empty()) {
    return;
  }
  const auto v2 = std::ranges::find_if(layout.hierarchies, [](const Hierarchy& one) { return one.has("io"); });
  if (!has_io_weights(v2 == layout.hierarchies.end() ? "" : v2->mount_point)) {
    out.push_back({"blkio_config", "no disk has a scheduler that knows weights (BFQ, or io.cost on cgroup v2)", {}});
  }
}

}  // namespace

std::vector<Unsupported> unavailable(const model::Limits& limits, const Layout& layout) {
  Problems out;
  check_processors(out, limits, layout);
  check_blkio(out, limits.blkio, layout);
  return out;
}

}  // namespace cmp::cgroup
