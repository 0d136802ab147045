#include "engine/port_checks.hpp"

#include <fmt/core.h>

#include "net/packet_filter.hpp"
#include "net/published.hpp"

namespace cmp::engine {

namespace {

/// The supervisor's loop carries streams of bytes and datagrams; an association, which is neither, is led by rules or
/// not at all.
Status check_sctp() {
  if (const auto trial = net::bind_published("127.0.0.1", 0, net::Protocol::kSctp); !trial) {
    return make_error(Code::kUnsupported, "this kernel has no SCTP");
  }
  auto filter = net::PacketFilter::open();
  if (!filter || !filter->base_chains()) {
    return make_error(Code::kUnsupported, "this kernel has no nf_tables, which SCTP is led by");
  }
  return {};
}

Status check_port(const model::Port& port) {
  const auto protocol = net::protocol_of(port.protocol);
  if (!protocol) {
    return make_error(Code::kInvalid, "a protocol is one of tcp, udp, sctp");
  }
  return *protocol == net::Protocol::kSctp ? check_sctp() : Status();
}

}  // namespace

std::vector<Error> port_errors(const model::Service& service) {
  std::vector<Error> errors;
  for (const model::Port& port : service.ports) {
    if (Status checked = check_port(port); !checked) {
      errors.push_back(std::move(checked)
                           .error()
                           .context(fmt::format("service '{}': port {}/{}", service.name, port.target, port.protocol))
                           .at(port.where));
    }
  }
  return errors;
}

}  // namespace cmp::engine
