#include "engine/etc_files.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "net/resolv_conf.hpp"

namespace cmp::engine {

std::string hostname_of(const state::ContainerRecord& record) {
  if (!record.hostname.empty()) {
    return record.hostname;
  }
  const std::string& wanted = record.service_definition.hostname;
  return wanted.empty() ? record.id.substr(0, 12) : wanted;
}

std::string host_gateway(const state::ContainerRecord& record) {
  const auto routed = std::ranges::find_if(
      record.endpoints, [](const auto& e) { return e.driver.empty() && !(e.gateway.empty() && e.gateway6.empty()); });
  return routed == record.endpoints.end() ? "" : routed->gateway.empty() ? routed->gateway6 : routed->gateway;
}

std::string hosts_file(const state::ContainerRecord& record, const std::string& host) {
  std::string out =
      "127.0.0.1\tlocalhost\n"
      "::1\tlocalhost ip6-localhost ip6-loopback\n"
      "fe00::\tip6-localnet\n"
      "ff00::\tip6-mcastprefix\n"
      "ff02::1\tip6-allnodes\n"
      "ff02::2\tip6-allrouters\n";
  if (record.service_definition.network_mode == "host" && !host.empty()) {
    out = host.ends_with('\n') ? host : host + '\n';
  }
  const std::string gateway = host_gateway(record);
  for (const std::string& entry : record.service_definition.extra_hosts) {
    const auto equals = entry.find('=');
    const std::string address = entry.substr(equals + 1);
    const std::string& shown = address == "host-gateway" ? gateway : address;
    if (!shown.empty()) {
      out += fmt::format("{}\t{}\n", shown, entry.substr(0, equals));
    }
  }
  const std::string hostname = hostname_of(record);
  const std::string& domain = record.service_definition.domainname;
  const std::string names = domain.empty() ? hostname : fmt::format("{}.{} {}", hostname, domain, hostname);
  for (const state::EndpointRecord& endpoint : record.endpoints) {
    for (const std::string& address : {endpoint.address, endpoint.address6}) {
      out += address.empty() ? "" : fmt::format("{}\t{}\n", address, names);
    }
  }
  return out;
}

std::string resolv_file(const model::Service& service, const std::string& host) {
  // Without a network of its own there is nobody to serve names at 127.0.0.11.
  if (service.network_mode == "host" || service.network_mode == "none") {
    return host;
  }
  return net::container_resolv_conf(net::parse_resolv_conf(host), service.dns_search, service.dns_opt);
}

}  // namespace cmp::engine
