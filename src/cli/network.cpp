#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/human.hpp"
#include "cli/network_view.hpp"
#include "cli/output.hpp"
#include "cli/table.hpp"

namespace cmp::cli {

namespace {

using OrderedJson = nlohmann::ordered_json;
using NetworkViews = std::vector<NetworkView>;

std::string written(const OrderedJson& json, int indent) {
  return json.dump(indent, ' ', false, OrderedJson::error_handler_t::replace) + '\n';
}

OrderedJson row_of(const NetworkView& network) {
  return {{"Name", network.name},
          {"Project", network.project},
          {"Driver", network.driver},
          {"Device", network.device},
          {"Subnets", join(network.subnets, ",")},
          {"Internal", network.internal},
          {"Containers", network.members.size()}};
}

std::string network_lines(const NetworkViews& networks, const NetworkOptions& options) {
  std::string out;
  for (const NetworkView& network : networks) {
    out += options.quiet ? network.name + '\n' : written(row_of(network), -1);
  }
  return out;
}

std::string network_table(const NetworkViews& networks) {
  std::vector<TableRow> rows;
  for (const NetworkView& network : networks) {
    rows.push_back({network.name, network.project, network.driver, network.device, join(network.subnets),
                    std::to_string(network.members.size())});
  }
  return render_table({"NAME", "PROJECT", "DRIVER", "DEVICE", "SUBNETS", "CONTAINERS"}, rows);
}

/// The parts of Docker's answer that there are here, by its names.
OrderedJson details_of(const NetworkView& network) {
  auto pools = OrderedJson::array();
  for (std::size_t i = 0; i < network.subnets.size(); ++i) {
    pools.push_back(
        {{"Subnet", network.subnets[i]}, {"Gateway", i < network.gateways.size() ? network.gateways[i] : ""}});
  }
  auto containers = OrderedJson::object();
  for (const MemberView& member : network.members) {
    containers[member.container] = {{"Name", member.container},
                                    {"Service", member.service},
                                    {"Device", member.device},
                                    {"HostDevice", member.host_device},
                                    {"IPv4Address", member.addresses.front()},
                                    {"IPv6Address", member.addresses.size() > 1 ? member.addresses[1] : ""},
                                    {"ServiceAddress", member.service_address}};
  }
  return {{"Name", network.name},
          {"Project", network.project},
          {"Scope", "local"},
          {"Driver", network.driver},
          {"Device", network.device},
          {"EnableIPv6", network.subnets.size() > 1},
          {"IPAM", {{"Driver", "default"}, {"Config", std::move(pools)}}},
          {"Internal", network.internal},
          {"Containers", std::move(containers)},
          {"Options", network.options},
          {"Labels", network.labels}};
}

Result<int> inspect(const NetworkViews& networks, const std::vector<std::string>& names) {
  auto out = OrderedJson::array();
  for (const std::string& name : names) {
    const auto found = std::ranges::find(networks, name, &NetworkView::name);
    if (found == networks.end()) {
      return make_error(Code::kNotFound, fmt::format("network {} not found", name));
    }
    out.push_back(details_of(*found));
  }
  CMP_CHECK(print(written(out, 4)));
  return 0;
}

}  // namespace

Result<int> run_command(const Context& /*context*/, const NetworkOptions& options) {
  CMP_TRY(const auto networks, all_networks(state::roots_from_environment()));
  if (options.action == "inspect") {
    return options.names.empty() ? make_error(Code::kInvalid, "'network inspect' needs the name of a network")
                                 : inspect(networks, options.names);
  }
  if (options.action != "ls" && options.action != "list") {
    return make_error(Code::kInvalid, fmt::format("'network {}' is neither ls nor inspect", options.action));
  }
  if (!options.format.empty() && options.format != "table" && options.format != "json") {
    return make_error(Code::kInvalid, fmt::format("--format: '{}' is neither table nor json", options.format));
  }
  const bool lines = options.quiet || options.format == "json";
  CMP_CHECK(print(lines ? network_lines(networks, options) : network_table(networks)));
  return 0;
}

}  // namespace cmp::cli
