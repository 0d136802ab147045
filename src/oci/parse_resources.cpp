// config-linux.md, Control groups.

#include "oci/config.hpp"
#include "oci/node.hpp"

namespace cmp::oci {

namespace {

using cgroup::Resources;

/// -1 and absent numbers are every device.
std::optional<std::uint32_t> device_number(const Node& node) {
  std::int64_t number = -1;
  node.read(number);
  return number < 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(number));
}

void read_device_rule(const Node& node, cgroup::DeviceRule& rule) {
  std::string type = "a";
  node.at("allow").require("is required");
  node.at("allow").read(rule.allow);
  node.at("type").read(type);
  node.at("access").read(rule.access);
  rule.major = device_number(node.at("major"));
  rule.minor = device_number(node.at("minor"));
  if (type != "a" && type != "b" && type != "c" && type != "u" && !type.empty()) {
    node.at("type").complain(fmt::format("'{}' is none of a, b and c", type));
    return;
  }
  rule.type = type.empty() ? 'a' : type == "u" ? 'c' : type.front();
  if (rule.access.empty()) {
    rule.access = "rwm";
  }
  if (rule.access.find_first_not_of("rwm") != std::string::npos) {
    node.at("access").complain(fmt::format("'{}' has other letters than r, w and m", rule.access));
  }
}

void read_memory(const Node& node, Resources& out) {
  node.at("limit").read(out.memory_limit);
  node.at("reservation").read(out.memory_reservation);
  node.at("swap").read(out.memory_swap);
  node.at("kernel").read(out.memory_kernel);
  node.at("kernelTCP").read(out.memory_kernel_tcp);
  node.at("swappiness").read(out.memory_swappiness);
  node.at("disableOOMKiller").read(out.disable_oom_killer);
}

void read_cpu(const Node& node, Resources& out) {
  node.at("shares").read(out.cpu_shares);
  node.at("quota").read(out.cpu_quota);
  node.at("burst").read(out.cpu_burst);
  node.at("period").read(out.cpu_period);
  node.at("realtimeRuntime").read(out.cpu_realtime_runtime);
  node.at("realtimePeriod").read(out.cpu_realtime_period);
  node.at("idle").read(out.cpu_idle);
  node.at("cpus").read(out.cpus);
  node.at("mems").read(out.mems);
}

/// "8:0", as files of control groups have it.
std::string numbers_of(const Node& node) {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  node.at("major").read(major);
  node.at("minor").read(minor);
  return fmt::format("{}:{}", major, minor);
}

void read_throttle(const Node& list, std::vector<cgroup::ThrottledDevice>& into, const char* key) {
  list.each([&](const Node& node) {
    cgroup::ThrottledDevice& one = into.emplace_back();
    one.name = numbers_of(node);
    node.at(key).read(one.value);
  });
}

void read_weights(const Node& list, Resources& out) {
  list.each([&](const Node& node) {
    cgroup::ThrottledDevice one{.name = numbers_of(node)};
    for (const auto& [key, into] :
         {std::pair("weight", &out.io_weight_device), std::pair("leafWeight", &out.io_leaf_weight_device)}) {
      if (node.at(key).present()) {
        node.at(key).read(one.value);
        into->push_back(one);
      }
    }
  });
}

void read_io(const Node& node, Resources& out) {
  node.at("weight").read(out.io_weight);
  node.at("leafWeight").read(out.io_leaf_weight);
  read_weights(node.at("weightDevice"), out);
  read_throttle(node.at("throttleReadBpsDevice"), out.read_bps, "rate");
  read_throttle(node.at("throttleWriteBpsDevice"), out.write_bps, "rate");
  read_throttle(node.at("throttleReadIOPSDevice"), out.read_iops, "rate");
  read_throttle(node.at("throttleWriteIOPSDevice"), out.write_iops, "rate");
}

void read_network(const Node& node, Resources& out) {
  node.at("classID").read(out.net_class_id);
  node.at("priorities").each([&](const Node& entry) {
    std::string name;
    entry.at("name").read(name);
    entry.at("priority").read(out.net_priorities[name]);
  });
}

void read_rdma(const Node& node, Resources& out) {
  node.each_entry([&](const std::string& device, const Node& limits) {
    std::string& text = out.rdma[device];
    for (const auto& [key, word] : {std::pair("hcaHandles", "hca_handle"), std::pair("hcaObjects", "hca_object")}) {
      std::optional<std::uint32_t> number;
      limits.at(key).read(number);
      if (number) {
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", word, *number);
      }
    }
  });
}

}  // namespace

void read_resources(const Node& node, Resources& out) {
  node.at("devices").each([&](const Node& rule) { read_device_rule(rule, out.devices.emplace_back()); });
  read_memory(node.at("memory"), out);
  read_cpu(node.at("cpu"), out);
  node.at("pids").at("limit").read(out.pids_limit);
  read_io(node.at("blockIO"), out);
  node.at("hugepageLimits").each([&](const Node& limit) {
    std::string size;
    limit.at("pageSize").read(size);
    limit.at("limit").read(out.hugepages[size]);
  });
  read_network(node.at("network"), out);
  read_rdma(node.at("rdma"), out);
  node.at("unified").read(out.unified);
}

}  // namespace cmp::oci
