#pragma once
// Descriptors that travel with the bytes of a Unix socket (SCM_RIGHTS, unix(7)).

#include <sys/types.h>

#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::sys {

/// The most descriptors that one message may carry here: standard input, output and error.
inline constexpr std::size_t kMostAttached = 3;

/// sendmsg(2) of what the socket takes of `bytes`, `attached` (at most kMostAttached) with the first of them. A peer
/// that is gone is EPIPE and no signal. \returns the bytes sent.
[[nodiscard]] Result<std::size_t> send_with(int socket, std::string_view bytes, std::span<const int> attached);

/// recvmsg(2) with `flags` into `buffer`; what comes along is appended to `attached`, close-on-exec.
/// \returns the bytes of the message, which are more than the buffer holds if flags say MSG_TRUNC; 0 is end of file
[[nodiscard]] Result<std::size_t> receive_with(int socket, std::span<char> buffer, std::vector<UniqueFd>& attached,
                                               int flags);

}  // namespace cmp::sys
