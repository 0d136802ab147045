#include "net/route_socket.hpp"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include <fmt/core.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

namespace cmp::net {

namespace {

// The kernel fills at most 32 KiB a message of a dump (netlink(7)).
constexpr std::size_t kReceiveBytes = 64U << 10U;
constexpr int kSocketBytes = 1 << 20;
// An answer about a device takes up to 5 KB of the socket's buffer, which may be no larger than 208 KB
// (net.core.rmem_max); answers that do not fit would be lost.
constexpr std::size_t kMostAtOnce = 32;

/// What one received batch of bytes settles.
struct Outcome {
  int failure = 0;
  std::string reason;
  Device device;
};

std::string kernel_reason(nlmsghdr* header) {
  std::array<nlattr*, NLMSGERR_ATTR_MAX + 1> attributes{};
  // Requests are not echoed (NETLINK_CAP_ACK), so the attributes follow the error at once.
  if ((header->nlmsg_flags & NLM_F_ACK_TLVS) == 0 ||
      nlmsg_parse(header, sizeof(nlmsgerr), attributes.data(), NLMSGERR_ATTR_MAX, nullptr) < 0 ||
      attributes[NLMSGERR_ATTR_MSG] == nullptr) {
    return "";
  }
  return nla_get_string(attributes[NLMSGERR_ATTR_MSG]);
}

void take_outcome(nlmsghdr* header, Outcome& outcome) {
  if (header->nlmsg_type == NLMSG_ERROR) {
    outcome.failure = -static_cast<const nlmsgerr*>(nlmsg_data(header))->error;
    outcome.reason = kernel_reason(header);
  } else if (header->nlmsg_type == RTM_NEWLINK) {
    outcome.device = read_device(header);
  }
}

}  // namespace

void MessageDeleter::operator()(nl_msg* message) const {
  nlmsg_free(message);
}

void RouteSocket::SocketDeleter::operator()(nl_sock* socket) const {
  nl_socket_free(socket);
}

RouteSocket::RouteSocket(std::unique_ptr<nl_sock, SocketDeleter> socket)
    : socket_(std::move(socket)), buffer_(kReceiveBytes) {}

Result<RouteSocket> RouteSocket::open() {
  std::unique_ptr<nl_sock, SocketDeleter> socket(nl_socket_alloc());
  if (!socket) {
    return sys_error("netlink socket", ENOMEM);
  }
  if (nl_connect(socket.get(), NETLINK_ROUTE) < 0) {
    return sys_error("netlink socket");
  }
  nl_socket_set_buffer_size(socket.get(), kSocketBytes, kSocketBytes);
  // Older kernels lack some of these; errors are less telling there, and nothing else depends on them.
  for (const int option : {NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK}) {
    const int on = 1;
    ::setsockopt(nl_socket_get_fd(socket.get()), SOL_NETLINK, option, &on, sizeof on);
  }
  return RouteSocket(std::move(socket));
}

Status RouteSocket::send(const void* data, std::size_t size) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  sockaddr address{};
  static_assert(sizeof address >= sizeof kernel);
  std::memcpy(&address, &kernel, sizeof kernel);
  while (::sendto(nl_socket_get_fd(socket_.get()), data, size, 0, &address, sizeof kernel) < 0) {
    if (errno != EINTR) {
      return sys_error("send to rtnetlink");
    }
  }
  return {};
}

Result<std::size_t> RouteSocket::receive() {
  for (;;) {
    const ssize_t got = ::recv(nl_socket_get_fd(socket_.get()), buffer_.data(), buffer_.size(), MSG_TRUNC);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return sys_error("receive from rtnetlink");
    }
    if (static_cast<std::size_t>(got) > buffer_.size()) {
      return sys_error("receive from rtnetlink", EMSGSIZE);
    }
    return static_cast<std::size_t>(got);
  }
}

Result<std::vector<Answer>> RouteSocket::transact(const std::vector<Request>& requests) {
  std::vector<Answer> answers;
  for (std::size_t done = 0; done < requests.size(); done += kMostAtOnce) {
    const auto some = std::span(requests).subspan(done, std::min(kMostAtOnce, requests.size() - done));
    CMP_CHECK(transact_some(some, answers));
  }
  return answers;
}

Status RouteSocket::transact_some(std::span<const Request> requests, std::vector<Answer>& answers) {
  std::vector<unsigned char> bytes;
  const std::uint32_t first = sequence_;
  for (const Request& request : requests) {
    nlmsghdr* header = nlmsg_hdr(request.message.get());
    header->nlmsg_seq = sequence_++;
    header->nlmsg_flags |= NLM_F_REQUEST;
    // Failures are reported in any case; success is asked for once, at the end.
    if (&request == &requests.back()) {
      header->nlmsg_flags |= NLM_F_ACK;
    }
    const auto* start = reinterpret_cast<const unsigned char*>(header);
    bytes.insert(bytes.end(), start, start + header->nlmsg_len);
    bytes.resize(NLMSG_ALIGN(bytes.size()));
  }
  CMP_CHECK(send(bytes.data(), bytes.size()));
  return collect(requests, first, answers);
}

Status RouteSocket::collect(std::span<const Request> requests, std::uint32_t first, std::vector<Answer>& answers) {
  std::vector<Outcome> outcomes(requests.size());
  for (bool done = false; !done;) {
    CMP_TRY(const std::size_t size, receive());
    int left = static_cast<int>(size);
    for (auto* header = reinterpret_cast<nlmsghdr*>(buffer_.data()); nlmsg_ok(header, left) != 0;
         header = nlmsg_next(header, &left)) {
      const std::size_t which = header->nlmsg_seq - first;
      if (which < outcomes.size()) {
        take_outcome(header, outcomes[which]);
        done = done || (which + 1 == outcomes.size() && header->nlmsg_type == NLMSG_ERROR);
      }
    }
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto& [message, what, tolerated] = requests[i];
    if (outcomes[i].failure != 0 && tolerated != kAnyFailure && tolerated != outcomes[i].failure) {
      return route_error(what, outcomes[i].failure, outcomes[i].reason);
    }
    answers.push_back({.failure = outcomes[i].failure, .device = std::move(outcomes[i].device)});
  }
  return {};
}

Status RouteSocket::dump(const Message& request, const std::function<void(nlmsghdr*)>& each) {
  nlmsghdr* request_header = nlmsg_hdr(request.get());
  request_header->nlmsg_seq = sequence_++;
  request_header->nlmsg_flags |= NLM_F_REQUEST | NLM_F_DUMP;
  CMP_CHECK(send(request_header, request_header->nlmsg_len));
  for (;;) {
    CMP_TRY(const std::size_t size, receive());
    int left = static_cast<int>(size);
    for (auto* header = reinterpret_cast<nlmsghdr*>(buffer_.data()); nlmsg_ok(header, left) != 0;
         header = nlmsg_next(header, &left)) {
      if (header->nlmsg_seq != request_header->nlmsg_seq) {
        continue;
      }
      if (header->nlmsg_type == NLMSG_DONE) {
        return {};
      }
      if (header->nlmsg_type == NLMSG_ERROR) {
        return route_error("list", -static_cast<const nlmsgerr*>(nlmsg_data(header))->error, kernel_reason(header));
      }
      each(header);
    }
  }
}

Device read_device(nlmsghdr* header) {
  Device device;
  std::array<nlattr*, IFLA_MAX + 1> attributes{};
  if (nlmsg_parse(header, sizeof(ifinfomsg), attributes.data(), IFLA_MAX, nullptr) < 0) {
    return device;
  }
  device.index = static_cast<const ifinfomsg*>(nlmsg_data(header))->ifi_index;
  if (attributes[IFLA_IFNAME] != nullptr) {
    device.name = nla_get_string(attributes[IFLA_IFNAME]);
  }
  if (attributes[IFLA_LINK] != nullptr) {
    device.link = static_cast<int>(nla_get_u32(attributes[IFLA_LINK]));
  }
  if (attributes[IFLA_MTU] != nullptr) {
    device.mtu = nla_get_u32(attributes[IFLA_MTU]);
  }
  if (attributes[IFLA_GROUP] != nullptr) {
    device.group = nla_get_u32(attributes[IFLA_GROUP]);
  }
  std::array<nlattr*, IFLA_INFO_MAX + 1> info{};
  if (attributes[IFLA_LINKINFO] != nullptr &&
      nla_parse_nested(info.data(), IFLA_INFO_MAX, attributes[IFLA_LINKINFO], nullptr) >= 0 &&
      info[IFLA_INFO_KIND] != nullptr) {
    device.kind = nla_get_string(info[IFLA_INFO_KIND]);
  }
  return device;
}

Error route_error(const std::string& what, int err, const std::string& reason) {
  const char* hint = err == EPERM                         ? "needs CAP_NET_ADMIN"
                     : err == EOPNOTSUPP                  ? "this kernel has no support for it"
                     : err == EADDRINUSE || err == EEXIST ? "something else has that name or address"
                                                          : nullptr;
  Error error = sys_error(what, err);
  if (err == EEXIST || err == EADDRINUSE) {
    error.code = Code::kConflict;
  } else if (err == ENODEV || err == ENXIO) {
    error.code = Code::kNotFound;
  } else if (err == EOPNOTSUPP || err == EAFNOSUPPORT) {
    error.code = Code::kUnsupported;
  }
  if (!reason.empty()) {
    error.message += fmt::format(" (kernel: {})", reason);
  } else if (hint != nullptr) {
    error.message += fmt::format(" ({})", hint);
  }
  return error;
}

}  // namespace cmp::net
