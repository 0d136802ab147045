#include "net/packet_filter.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include <netlink/attr.h>
#include <netlink/msg.h>

namespace cmp::net {

namespace {

constexpr std::size_t kAnswerBytes = 64U << 10U;

/// Kernels say in many ways that they have no such thing.
Error refusal(int err) {
  Error error = sys_error("packet filter", err);
  if (err == EOPNOTSUPP || err == EPROTONOSUPPORT || err == ENOENT || err == EINVAL || err == EAFNOSUPPORT) {
    error.code = Code::kUnsupported;
    error.message = "this kernel has no nf_tables, or not all that is needed of it: " + error.message;
  }
  return error;
}

/// Shows each message that has been answered so far to `each`; false from it ends the reading.
template <typename Each>
Status read_answers(int fd, int flags, Each each) {
  std::vector<unsigned char> buffer(kAnswerBytes);
  for (;;) {
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), flags);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return errno == EAGAIN ? Status() : Status(sys_error("packet filter"));
    }
    int left = static_cast<int>(got);
    for (auto* header = reinterpret_cast<nlmsghdr*>(buffer.data()); nlmsg_ok(header, left) != 0;
         header = nlmsg_next(header, &left)) {
      if (!each(header)) {
        return {};
      }
    }
  }
}

std::string text_at(nlattr* attribute) {
  return attribute == nullptr ? "" : nla_get_string(attribute);
}

constexpr std::array<std::pair<std::uint8_t, const char*>, 3> kFamilies = {
    {{NFPROTO_IPV4, "ip"}, {NFPROTO_IPV6, "ip6"}, {NFPROTO_INET, "inet"}}};

/// Ends the reading of a list, by its end or by an error, which goes to `failure`.
bool is_end(nlmsghdr* header, int& failure) {
  if (header->nlmsg_type == NLMSG_ERROR) {
    failure = -static_cast<const nlmsgerr*>(nlmsg_data(header))->error;
  }
  return header->nlmsg_type == NLMSG_ERROR || header->nlmsg_type == NLMSG_DONE;
}

ForeignChain read_chain(nlmsghdr* header) {
  ForeignChain chain;
  std::array<nlattr*, NFTA_CHAIN_MAX + 1> attributes{};
  const auto family = static_cast<const nfgenmsg*>(nlmsg_data(header))->nfgen_family;
  if (nlmsg_parse(header, sizeof(nfgenmsg), attributes.data(), NFTA_CHAIN_MAX, nullptr) < 0 ||
      attributes[NFTA_CHAIN_HOOK] == nullptr) {
    return chain;
  }
  for (const auto& [number, name] : kFamilies) {
    chain.family = number == family ? name : chain.family;
  }
  chain.table = text_at(attributes[NFTA_CHAIN_TABLE]);
  chain.name = text_at(attributes[NFTA_CHAIN_NAME]);
  std::array<nlattr*, NFTA_HOOK_MAX + 1> hook{};
  if (nla_parse_nested(hook.data(), NFTA_HOOK_MAX, attributes[NFTA_CHAIN_HOOK], nullptr) == 0 &&
      hook[NFTA_HOOK_HOOKNUM] != nullptr) {
    chain.forward = __builtin_bswap32(nla_get_u32(hook[NFTA_HOOK_HOOKNUM])) == NF_INET_FORWARD;
  }
  chain.drops = attributes[NFTA_CHAIN_POLICY] != nullptr &&
                __builtin_bswap32(nla_get_u32(attributes[NFTA_CHAIN_POLICY])) == NF_DROP;
  return chain;
}

}  // namespace

Result<PacketFilter> PacketFilter::open() {
  UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  if (!socket) {
    return refusal(errno);
  }
  const int on = 1;
  // Answers need not repeat the request; older kernels do.
  ::setsockopt(socket.get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  return PacketFilter(std::move(socket));
}

unsigned PacketFilter::port() const {
  sockaddr_nl own{};
  socklen_t size = sizeof own;
  return ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&own), &size) == 0 ? own.nl_pid : 0;
}

Status PacketFilter::send(const filter::Octets& bytes) {
  // A change has to fit in as a whole. Doubled, as the kernel counts its own bookkeeping.
  const int room = static_cast<int>(bytes.size() * 2 + kAnswerBytes);
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  sockaddr address{};
  static_assert(sizeof address >= sizeof kernel);
  std::memcpy(&address, &kernel, sizeof kernel);
  while (::sendto(socket_.get(), bytes.data(), bytes.size(), 0, &address, sizeof kernel) < 0) {
    if (errno != EINTR) {
      return refusal(errno);
    }
  }
  return {};
}

Status PacketFilter::apply(filter::Batch batch) {
  CMP_CHECK(send(std::move(batch).take()));
  // The kernel has worked through it when sendto(2) returns: complaints are there already, success says nothing.
  int failure = 0;
  CMP_CHECK(read_answers(socket_.get(), MSG_DONTWAIT, [&](nlmsghdr* header) {
    if (header->nlmsg_type == NLMSG_ERROR && failure == 0) {
      failure = -static_cast<const nlmsgerr*>(nlmsg_data(header))->error;
    }
    return true;
  }));
  return failure == 0 ? Status() : Status(refusal(failure));
}

Result<std::vector<ForeignChain>> PacketFilter::base_chains() {
  CMP_CHECK(send(filter::list_chains_request()));
  std::vector<ForeignChain> chains;
  int failure = 0;
  CMP_CHECK(read_answers(socket_.get(), 0, [&](nlmsghdr* header) {
    if (is_end(header, failure)) {
      return false;
    }
    if (ForeignChain chain = read_chain(header); !chain.name.empty()) {
      chains.push_back(std::move(chain));
    }
    return true;
  }));
  if (failure != 0) {
    return refusal(failure);
  }
  return chains;
}

Result<bool> PacketFilter::table_mentions(const ForeignChain& chain, std::string_view start) {
  std::uint8_t family = NFPROTO_UNSPEC;
  for (const auto& [number, name] : kFamilies) {
    family = chain.family == name ? number : family;
  }
  CMP_CHECK(send(filter::list_rules_request(family, chain.table)));
  bool found = false;
  int failure = 0;
  CMP_CHECK(read_answers(socket_.get(), 0, [&](nlmsghdr* header) {
    const std::string_view rule(reinterpret_cast<const char*>(header), header->nlmsg_len);
    found = found || rule.find(start) != std::string_view::npos;
    return !is_end(header, failure);
  }));
  if (failure != 0) {
    return refusal(failure);
  }
  return found;
}

}  // namespace cmp::net
