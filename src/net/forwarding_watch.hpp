#pragma once
// Notices when somebody changes whether the host forwards: writing net.ipv4.ip_forward, as Docker does when it starts,
// sets conf.*.forwarding of every device there is.

#include <memory>

#include "base/result.hpp"

struct nl_sock;

namespace cmp::net {

class ForwardingWatch {
 public:
  /// In the network namespace the caller is in; needs no privilege.
  [[nodiscard]] static Result<ForwardingWatch> open();

  /// Readable when there is news.
  [[nodiscard]] int fd() const;
  /// Takes all news; true if net.ipv4.ip_forward has changed, or if news were lost. Links::set_forwarding is the answer
  /// to that.
  [[nodiscard]] bool take_news();

 private:
  struct SocketDeleter {
    void operator()(nl_sock* socket) const;
  };

  explicit ForwardingWatch(std::unique_ptr<nl_sock, SocketDeleter> socket);
  std::unique_ptr<nl_sock, SocketDeleter> socket_;
};

}  // namespace cmp::net
