#pragma once
// Talking to rtnetlink(7): many requests in one send, their answers in one pass. Knows no device and no address.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

struct nl_msg;
struct nl_sock;
struct nlmsghdr;

namespace cmp::net {

struct MessageDeleter {
  void operator()(nl_msg* message) const;
};

using Message = std::unique_ptr<nl_msg, MessageDeleter>;

/// The errno of a request that is allowed to fail in any way.
inline constexpr int kAnyFailure = -1;

struct Request {
  Message message;
  std::string what;   ///< for its error: "bridge 'x'"
  int tolerated = 0;  ///< an errno that is no failure of the batch, or kAnyFailure
};

/// What the kernel says of a device (the part anybody here asks for).
struct Device {
  int index = 0;  ///< 0: not a device
  int link = 0;   ///< for a veth end the index of the other one, in the other one's namespace
  std::uint32_t mtu = 0;
  std::uint32_t group = 0;
  std::string name;
  std::string kind;  ///< "bridge", "veth", …; "" for hardware
};

/// What became of one request.
struct Answer {
  int failure = 0;  ///< the tolerated errno it failed with
  Device device;    ///< if the request asked for one
};

class RouteSocket {
 public:
  /// In the network namespace the caller is in.
  [[nodiscard]] static Result<RouteSocket> open();

  /// Sends the requests, up to 32 at once; the kernel works through them in order and does not stop at one that fails.
  /// One answer a request. The error is that of the first request that failed with something not tolerated, in words.
  [[nodiscard]] Result<std::vector<Answer>> transact(const std::vector<Request>& requests);

  /// Sends a dump request and shows every message of the reply to `each`.
  [[nodiscard]] Status dump(const Message& request, const std::function<void(nlmsghdr*)>& each);

 private:
  struct SocketDeleter {
    void operator()(nl_sock* socket) const;
  };

  explicit RouteSocket(std::unique_ptr<nl_sock, SocketDeleter> socket);
  /// Appends the answers to requests few enough for their answers to fit into the socket's buffer.
  [[nodiscard]] Status transact_some(std::span<const Request> requests, std::vector<Answer>& answers);
  [[nodiscard]] Status collect(std::span<const Request> requests, std::uint32_t first, std::vector<Answer>& answers);
  [[nodiscard]] Status send(const void* data, std::size_t size);
  [[nodiscard]] Result<std::size_t> receive();

  std::unique_ptr<nl_sock, SocketDeleter> socket_;
  std::vector<unsigned char> buffer_;
  std::uint32_t sequence_ = 1;
};

/// Reads an RTM_NEWLINK message.
[[nodiscard]] Device read_device(nlmsghdr* header);

/// An rtnetlink error in words a user can act on; `reason` is the kernel's own text or "".
[[nodiscard]] Error route_error(const std::string& what, int err, const std::string& reason);

}  // namespace cmp::net
