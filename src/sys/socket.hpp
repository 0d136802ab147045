#pragma once
// Unix sockets: listening, connecting, and descriptors sent along with a message.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::sys {

/// A listening stream socket at a path; a stale one is replaced. The path may be longer than sun_path holds.
[[nodiscard]] Result<UniqueFd> listen_at(const std::string& path, unsigned mode);

/// Errors: ENOENT or ECONNREFUSED when nobody listens.
[[nodiscard]] Result<UniqueFd> connect_to(const std::string& path);

struct Message {
  std::string text;
  std::vector<UniqueFd> fds;
};

/// One message with descriptors.
[[nodiscard]] Status send_message(int socket, std::string_view text, const std::vector<int>& fds = {});

enum class Wait { kYes, kNo };

/// The next message; `text` is empty at end of file. With Wait::kNo and nothing there: error EAGAIN.
[[nodiscard]] Result<Message> receive_message(int socket, Wait wait);

}  // namespace cmp::sys
