// Further addresses of the host's devices.

#include "net/links_impl.hpp"
#include "net/net.hpp"
#include "net/route_messages.hpp"
#include "net/route_socket.hpp"

namespace cmp::net {

namespace {

constexpr int kWhole4 = 32;
constexpr int kWhole6 = 128;

/// Index of each address's device; 0 where there is none.
Result<std::vector<int>> device_indexes(RouteSocket& socket, const std::vector<HostAddress>& addresses) {
  std::vector<Request> requests;
  for (const HostAddress& address : addresses) {
    requests.push_back(get_device(address.device));
  }
  CMP_TRY(const auto answers, socket.transact(requests));
  std::vector<int> indexes;
  for (const Answer& answer : answers) {
    indexes.push_back(answer.device.index);
  }
  return indexes;
}

}  // namespace

Status Links::add_addresses(const std::vector<HostAddress>& addresses) {
  CMP_TRY(const auto indexes, device_indexes(impl_->socket, addresses));
  std::vector<Request> requests;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto& [device, text] = addresses[i];
    if (indexes[i] == 0) {
      return make_error(Code::kNotFound, "there is no device '" + device + "'");
    }
    const auto v4 = parse_ipv4(text);
    requests.push_back(v4 ? new_address(indexes[i], device, *v4, kWhole4)
                          : new_address6(indexes[i], device, text, kWhole6));
  }
  CMP_TRY(const auto answers, impl_->socket.transact(requests));
  return {};
}

Status Links::remove_addresses(const std::vector<HostAddress>& addresses) {
  CMP_TRY(const auto indexes, device_indexes(impl_->socket, addresses));
  std::vector<Request> requests;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto& [device, text] = addresses[i];
    if (indexes[i] == 0) {
      continue;
    }
    const auto v4 = parse_ipv4(text);
    requests.push_back(v4 ? delete_address(indexes[i], device, *v4, kWhole4)
                          : delete_address6(indexes[i], device, text, kWhole6));
  }
  CMP_TRY(const auto answers, impl_->socket.transact(requests));
  return {};
}

}  // namespace cmp::net
