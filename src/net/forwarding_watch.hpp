#pragma once
// Notices when somebody lets the host forward again between our bridges: writing 1 to net.ipv4.ip_forward, as Docker
// does when it starts, sets conf.*.forwarding of every device there is.

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
  /// Takes all news; true if forwarding was switched on for a device, or if news were lost. Links::keep_apart is the
  /// answer to that.
  [[nodiscard]] bool take_news();

 private:
  struct SocketDeleter {
    void operator()(nl_sock* socket) const;
  };

  explicit ForwardingWatch(std::unique_ptr<nl_sock, SocketDeleter> socket);
  std::unique_ptr<nl_sock, SocketDeleter> socket_;
};

}  // namespace cmp::net
