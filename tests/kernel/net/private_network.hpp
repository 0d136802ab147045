#pragma once
// A network of the test's own: nothing of the host's is seen or touched.

#include <string>

#include "base/unique_fd.hpp"
#include "net/net.hpp"

namespace cmp::net::testing {

/// Moves the test process to a new, empty network namespace with lo up (and, without root, to a user namespace first).
/// What former tests made is gone. Ends the program with 77 ("skipped") and the reason where the host can't do it.
void enter_private_network();

/// A further network namespace: what a container has. Nothing in it is up.
[[nodiscard]] UniqueFd make_namespace();

/// Bridge 10.89.THIRD.1/24 and an endpoint on it with the address 10.89.THIRD.LAST.
[[nodiscard]] Bridge bridge_of(const std::string& name, unsigned third);
[[nodiscard]] Endpoint endpoint_of(const std::string& bridge, unsigned third, unsigned last);

/// What a TCP connection from inside `netns` to `address`:`port` comes to: 0 or an errno, ETIMEDOUT after `timeout_ms`.
[[nodiscard]] int try_connect(int netns, const std::string& address, std::uint16_t port, int timeout_ms);

}  // namespace cmp::net::testing
