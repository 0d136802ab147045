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

/// Sends what `of` makes of each address whose device is there.
template <typename Of>
Status change_each(RouteSocket& socket, const std::vector<HostAddress>& addresses, Of of) {
  CMP_TRY(const auto indexes, device_indexes(socket, addresses));
  std::vector<Request> requests;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (indexes[i] != 0) {
      requests.push_back(of(indexes[i], addresses[i].device, addresses[i].address));
    }
  }
  CMP_TRY(const auto answers, socket.transact(requests));
  return {};
}

}  // namespace

Status Links::add_addresses(const std::vector<HostAddress>& addresses) {
  return change_each(impl_->socket, addresses, [](int index, const std::string& device, const std::string& text) {
    const auto v4 = parse_ipv4(text);
    return v4 ? new_address(index, device, *v4, kWhole4) : new_address6(index, device, text, kWhole6);
  });
}

Status Links::remove_addresses(const std::vector<HostAddress>& addresses) {
  return change_each(impl_->socket, addresses, [](int index, const std::string& device, const std::string& text) {
    const auto v4 = parse_ipv4(text);
    return v4 ? delete_address(index, device, *v4, kWhole4) : delete_address6(index, device, text, kWhole6);
  });
}

}  // namespace cmp::net
