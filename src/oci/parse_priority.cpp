// config.md, Linux Process: how its processor time and its input and output are to be scheduled.

#include <linux/sched.h>
#include <sched.h>

#include <algorithm>
#include <array>

#include "cgroup/processors.hpp"
#include "oci/config.hpp"
#include "oci/node.hpp"

namespace cmp::oci {

namespace {

struct NamedNumber {
  std::string_view name;
  std::uint32_t number;
};

constexpr std::array kPolicies = {
    NamedNumber{"SCHED_OTHER", SCHED_NORMAL}, NamedNumber{"SCHED_FIFO", SCHED_FIFO},
    NamedNumber{"SCHED_RR", SCHED_RR},        NamedNumber{"SCHED_BATCH", SCHED_BATCH},
    NamedNumber{"SCHED_IDLE", SCHED_IDLE},    NamedNumber{"SCHED_DEADLINE", SCHED_DEADLINE}};

constexpr std::array kSchedulerFlags = {NamedNumber{"SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK},
                                        NamedNumber{"SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM},
                                        NamedNumber{"SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN},
                                        NamedNumber{"SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY},
                                        NamedNumber{"SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS},
                                        NamedNumber{"SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN},
                                        NamedNumber{"SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX}};

// ioprio_set(2); <linux/ioprio.h> is no C++.
constexpr std::uint32_t kClassShift = 13;
constexpr std::array kIoClasses = {NamedNumber{"IOPRIO_CLASS_RT", 1}, NamedNumber{"IOPRIO_CLASS_BE", 2},
                                   NamedNumber{"IOPRIO_CLASS_IDLE", 3}};

template <std::size_t N>
std::uint32_t number_of(const Node& node, const std::array<NamedNumber, N>& words) {
  std::string name;
  node.require("is required");
  node.read(name);
  const auto it = std::ranges::find(words, name, &NamedNumber::name);
  if (node.present() && it == words.end()) {
    node.complain(fmt::format("'{}' is not known", name));
  }
  return it == words.end() ? 0 : it->number;
}

}  // namespace

void read_scheduler(const Node& node, std::optional<Scheduler>& into) {
  if (!node.present()) {
    return;
  }
  Scheduler& out = into.emplace();
  out.policy = number_of(node.at("policy"), kPolicies);
  node.at("nice").read(out.nice);
  node.at("priority").read(out.priority);
  node.at("flags").each([&](const Node& flag) { out.flags |= number_of(flag, kSchedulerFlags); });
  node.at("runtime").read(out.runtime);
  node.at("deadline").read(out.deadline);
  node.at("period").read(out.period);
  if (out.nice < -20 || out.nice > 19) {  // sched_setattr(2) looks at it for SCHED_OTHER and SCHED_BATCH alone
    node.at("nice").complain("is -20 to 19");
  }
  if (out.priority != 0 && out.policy != SCHED_FIFO && out.policy != SCHED_RR) {
    node.at("priority").complain("is for SCHED_FIFO and SCHED_RR");
  }
  if (out.policy != SCHED_DEADLINE && (out.runtime | out.deadline | out.period) != 0) {
    node.complain("runtime, deadline and period are for SCHED_DEADLINE");
  }
}

void read_io_priority(const Node& node, std::optional<std::uint32_t>& into) {
  if (!node.present()) {
    return;
  }
  constexpr int kLeast = 7;
  int priority = 0;
  const std::uint32_t io_class = number_of(node.at("class"), kIoClasses);
  node.at("priority").read(priority);
  if (priority < 0 || priority > kLeast) {
    node.at("priority").complain("is 0 to 7");
  }
  into = io_class << kClassShift | static_cast<std::uint32_t>(priority);
}

void read_affinity(const Node& node, Affinity& into) {
  for (const auto& [key, set] : {std::pair("initial", &into.initial), std::pair("final", &into.final)}) {
    std::string text;
    node.at(key).read(text);
    const auto processors = cgroup::parse_processors(text);
    if (!text.empty() && !processors) {
      node.at(key).complain(fmt::format("'{}' is no list of processors", text));
    }
    *set = processors.value_or(std::set<int>());
  }
}

}  // namespace cmp::oci
