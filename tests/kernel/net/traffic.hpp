#pragma once
// The two ends of a forwarded connection, in processes of their own, and the loop between them.

#include <sys/types.h>

#include <chrono>
#include <functional>

#include "base/unique_fd.hpp"
#include "net/forwarder.hpp"

namespace cmp::net::testing {

/// A forked process that runs `body` and exits with its result. Dies with the test.
class Peer {
 public:
  explicit Peer(const std::function<int()>& body);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  Peer(Peer&&) = delete;
  Peer& operator=(Peer&&) = delete;
  ~Peer();
  /// Waits for its end: what `body` returned, or -1 when it was killed.
  [[nodiscard]] int result();

 private:
  pid_t pid_ = 0;
};

/// The next connection of a non-blocking listener, non-blocking itself; none within five seconds ends the test program.
[[nodiscard]] UniqueFd accept_one(int listener);
/// A blocking connection to 127.0.0.1:`port`, or another loopback address.
[[nodiscard]] UniqueFd connect_local(std::uint16_t port, std::uint32_t ip = 0x7f000001);

/// Sends `count` bytes of a known pattern; false on an error.
[[nodiscard]] bool send_pattern(int fd, std::size_t count);
/// Receives to the end of the stream; how many bytes came, or -1 when one was wrong or errno said so.
[[nodiscard]] ssize_t receive_pattern(int fd);
/// The same for a stream of zeros.
[[nodiscard]] ssize_t receive_zeros(int fd);

/// Waits until the forward can go on, once; false when nothing happened within `timeout`.
bool step(Forward& forward, std::chrono::milliseconds timeout);
/// Runs a forward to its end; false when it takes longer than 20 seconds.
[[nodiscard]] bool run(Forward& forward);

}  // namespace cmp::net::testing
