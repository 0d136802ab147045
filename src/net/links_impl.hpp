#pragma once
// What is behind Links: the steps of its operations. For the files links*.cpp only.

#include <vector>

#include "net/net.hpp"
#include "net/route_socket.hpp"

namespace cmp::net {

struct Links::Impl {
  RouteSocket socket;

  /// Indexes of the endpoints' bridges.
  [[nodiscard]] Result<std::vector<int>> find_bridges(const std::vector<Endpoint>& endpoints);
  /// Makes the devices, host ends of pairs up; returns the indexes of the inner ends, 0 for those that are no pair.
  [[nodiscard]] Result<std::vector<int>> make_pairs(int netns_fd, const std::vector<Endpoint>& endpoints,
                                                    const std::vector<int>& masters);
  /// Removes the veth pairs that have the host names of these endpoints: a network namespace is torn down some time
  /// after its last process, so the pair of a container's last life may still be there at its next start.
  [[nodiscard]] Status remove_leftovers(const std::vector<Endpoint>& endpoints);
  /// Adds requests that take from an existing bridge the IPv4 addresses it should not have.
  [[nodiscard]] Status drop_other_addresses(const Device& device, const Bridge& wanted, std::vector<Request>& requests);
};

}  // namespace cmp::net
