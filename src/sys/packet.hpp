#pragma once
// SOCK_SEQPACKET pairs: messages that arrive whole, in order, and end of file when the other side is gone (unix(7)).

#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::sys {

[[nodiscard]] Result<std::pair<UniqueFd, UniqueFd>> packet_pair();

/// One message. EPIPE (nobody reads any more) raises no signal.
/// \param attached  a descriptor to send along (SCM_RIGHTS); -1 is none
[[nodiscard]] Status send_packet(int fd, std::string_view packet, int attached = -1);

/// True if receiving would not wait: there is a message, or nobody is left to send one.
[[nodiscard]] bool has_packet(int fd);

/// The next message, waiting for it; "" is end of file. Longer than `limit_bytes` is an error.
[[nodiscard]] Result<std::string> receive_packet(int fd, std::size_t limit_bytes = 16U << 10U);

/// A message and the descriptor that came with it, if any; it is close-on-exec.
struct Packet {
  std::string text;
  UniqueFd attached;
};

/// The next message with what is attached to it, waiting for it.
[[nodiscard]] Result<Packet> receive_packet_and_fd(int fd);

/// The same without waiting: error EAGAIN when there is none.
[[nodiscard]] Result<Packet> try_receive_packet_and_fd(int fd);

/// receive_packet without waiting: error EAGAIN when there is none.
[[nodiscard]] Result<std::string> try_receive_packet(int fd, std::size_t limit_bytes = 16U << 10U);

}  // namespace cmp::sys
