#include "net/udp_relay.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace cmp::net {

namespace {

constexpr std::size_t kLargestDatagram = 65536;
constexpr int kTurns = 64;
constexpr std::size_t kControlBytes = 128;

/// Where a datagram came from and where it was sent to, as the kernel tells it and wants it back.
struct Envelope {
  std::string address;
  std::string local;
};

template <typename Info>
std::string control_message(int level, int type, const Info& info) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(Info))> space{};
  cmsghdr header{};
  header.cmsg_len = CMSG_LEN(sizeof info);
  header.cmsg_level = level;
  header.cmsg_type = type;
  std::memcpy(space.data(), &header, sizeof header);
  std::memcpy(space.data() + CMSG_LEN(0), &info, sizeof info);
  return {space.data(), space.size()};
}

/// The control message for answers to a datagram that came with `header`. Only link-local addresses need the device
/// named too; for others routing decides, as for any answer.
std::string answer_control(const cmsghdr* header) {
  if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
    in_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(header), sizeof info);
    info.ipi_ifindex = 0;
    return control_message(IPPROTO_IP, IP_PKTINFO, info);
  }
  if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
    in6_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(header), sizeof info);
    info.ipi6_ifindex = IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr) != 0 ? info.ipi6_ifindex : 0;
    return control_message(IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
  return "";
}

/// Receives a datagram and its envelope; -1 with errno as recvmsg(2).
ssize_t receive(int fd, std::vector<char>& buffer, Envelope& envelope) {
  alignas(cmsghdr) std::array<char, kControlBytes> control{};
  std::array<char, sizeof(sockaddr_in6)> address{};
  iovec data{.iov_base = buffer.data(), .iov_len = buffer.size()};
  msghdr message{};
  message.msg_name = address.data();
  message.msg_namelen = address.size();
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t size = ::recvmsg(fd, &message, 0);
  if (size >= 0) {
    envelope.address.assign(address.data(), message.msg_namelen);
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    envelope.local = header == nullptr ? "" : answer_control(header);
  }
  return size;
}

void send_back(int fd, std::vector<char>& buffer, std::size_t size, std::string& address, std::string& local) {
  iovec data{.iov_base = buffer.data(), .iov_len = size};
  msghdr message{};
  message.msg_name = address.data();
  message.msg_namelen = static_cast<socklen_t>(address.size());
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = local.empty() ? nullptr : local.data();
  message.msg_controllen = local.size();
  ::sendmsg(fd, &message, 0);  // what can't be sent is lost, as datagrams may be
}

}  // namespace

UdpRelay::UdpRelay(UniqueFd published, const SocketAddress& upstream)
    : published_(std::move(published)), upstream_(upstream), buffer_(kLargestDatagram) {}

std::vector<int> UdpRelay::descriptors() const {
  std::vector<int> all{published_.get()};
  for (const auto& [fd, client] : clients_) {
    all.push_back(fd);
  }
  std::ranges::sort(all);
  return all;
}

std::vector<int> UdpRelay::on_ready(int fd, Time now) {
  if (fd == published_.get()) {
    return take_requests(now);
  }
  if (const auto client = clients_.find(fd); client != clients_.end()) {
    pass_answers(client->second, now);
  }
  return {};
}

std::vector<int> UdpRelay::take_requests(Time now) {
  std::vector<int> added;
  Envelope envelope;
  for (int turn = 0; turn < kTurns; ++turn) {
    const ssize_t size = receive(published_.get(), buffer_, envelope);
    if (size < 0) {
      break;
    }
    if (Client* client = find_or_add(envelope.address, envelope.local, now, added)) {
      ::send(client->socket.get(), buffer_.data(), static_cast<std::size_t>(size), 0);
    }
  }
  return added;
}

void UdpRelay::pass_answers(Client& client, Time now) {
  for (int turn = 0; turn < kTurns; ++turn) {
    const ssize_t size = ::recv(client.socket.get(), buffer_.data(), buffer_.size(), 0);
    if (size < 0 && errno == ECONNREFUSED) {
      continue;  // nobody listened in the container when the client last wrote
    }
    if (size < 0) {
      return;
    }
    client.last_used = now;
    send_back(published_.get(), buffer_, static_cast<std::size_t>(size), client.address, client.local);
  }
}

UdpRelay::Client* UdpRelay::find_or_add(const std::string& address, const std::string& local, Time now,
                                        std::vector<int>& added) {
  const std::string key = address + local;
  if (const auto known = descriptor_of_.find(key); known != descriptor_of_.end()) {
    Client& client = clients_.at(known->second);
    client.last_used = now;
    return &client;
  }
  if (clients_.size() >= kMostClients) {
    const auto by_use = [](const auto& a, const auto& b) { return a.second.last_used < b.second.last_used; };
    const auto oldest = std::ranges::min_element(clients_, by_use);
    std::erase(added, oldest->first);
    forget(oldest);
  }
  auto socket = open_socket(SOCK_DGRAM, upstream_);
  if (!socket || !connect_socket(socket->get(), upstream_)) {
    return nullptr;
  }
  const int fd = socket->get();
  added.push_back(fd);
  descriptor_of_.emplace(key, fd);
  return &clients_.insert_or_assign(fd, Client{std::move(*socket), address, local, now}).first->second;
}

void UdpRelay::forget(std::map<int, Client>::iterator client) {
  descriptor_of_.erase(client->second.address + client->second.local);
  clients_.erase(client);
}

void UdpRelay::expire(Time now) {
  for (auto client = clients_.begin(); client != clients_.end();) {
    const auto current = client++;
    if (current->second.last_used + kIdle <= now) {
      forget(current);
    }
  }
}

std::optional<UdpRelay::Time> UdpRelay::next_expiry() const {
  std::optional<Time> next;
  for (const auto& [fd, client] : clients_) {
    const Time expiry = client.last_used + kIdle;
    next = next ? std::min(*next, expiry) : expiry;
  }
  return next;
}

}  // namespace cmp::net
