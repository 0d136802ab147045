#include "supervisor/names.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "net/net.hpp"
#include "sys/file.hpp"

namespace cmp::supervisor {

namespace {

constexpr const char* kAddress = "127.0.0.11";
constexpr std::uint16_t kPort = 53;
constexpr std::size_t kMostForwarded = 256;
constexpr std::size_t kMostConnections = 64;
constexpr Nanoseconds kUpstreamTimeout = std::chrono::seconds(3);
using Buffer = std::array<std::uint8_t, 65536>;

/// Connected to a name server, so that only its answers come in. Nothing if the address is no address.
UniqueFd connect_upstream(const std::string& nameserver) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(kPort);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(kPort);
  const bool is_v4 = ::inet_pton(AF_INET, nameserver.c_str(), &v4.sin_addr) == 1;
  if (!is_v4 && ::inet_pton(AF_INET6, nameserver.c_str(), &v6.sin6_addr) != 1) {
    return {};
  }
  UniqueFd fd(::socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* address = is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
  if (!fd || ::connect(fd.get(), address, is_v4 ? sizeof v4 : sizeof v6) != 0) {
    return {};
  }
  return fd;
}

/// What `other` is called on the network of `own`.
void add_names(net::dns::Zone& zone, const state::EndpointRecord& own, const state::ContainerRecord& other) {
  for (const state::EndpointRecord& endpoint : other.endpoints) {
    const auto address = net::parse_ipv4(endpoint.address);
    if (endpoint.network_name != own.network_name || !address) {
      continue;
    }
    for (const std::string& alias : endpoint.aliases) {
      zone.add_name(alias, *address);
    }
    zone.add_name(other.name, *address);
    zone.add_name(other.id.substr(0, 12), *address);
    zone.add_reverse(*address, fmt::format("{}.{}", other.name, endpoint.network_name));
  }
}

}  // namespace

net::dns::Zone make_zone(const state::ContainerRecord& self, const std::vector<const state::ContainerRecord*>& all) {
  net::dns::Zone zone;
  for (const state::EndpointRecord& own : self.endpoints) {
    if (const auto subnet = net::parse_subnet(fmt::format("{}/{}", own.address, own.prefix))) {
      zone.add_subnet(*subnet);
    }
    for (const state::ContainerRecord* other : all) {
      // A container that does not run has an address, but nobody there would answer.
      if (other->process.pid != 0) {
        add_names(zone, own, *other);
      }
    }
  }
  return zone;
}

Names::Names(EventLoop& loop, std::vector<std::string> nameservers,
             std::function<std::vector<const state::ContainerRecord*>()> records)
    : loop_(loop), nameservers_(std::move(nameservers)), records_(std::move(records)) {}

Status Names::serve(const std::string& container, pid_t pid) {
  stop(container);
  CMP_TRY(const UniqueFd netns, sys::open_file(fmt::format("/proc/{}/ns/net", pid), O_RDONLY));
  auto server = std::make_unique<Server>();
  CMP_TRY(server->udp, net::udp_socket_in(netns.get(), kAddress, kPort));
  CMP_TRY(server->tcp, net::tcp_listener_in(netns.get(), kAddress, kPort));
  CMP_CHECK(loop_.watch(server->udp.get(), EPOLLIN, [this, container](std::uint32_t) { on_udp(container); }));
  CMP_CHECK(loop_.watch(server->tcp.get(), EPOLLIN, [this, container](std::uint32_t) { on_tcp(container); }));
  servers_[container] = std::move(server);
  invalidate();
  return {};
}

void Names::stop(const std::string& container) {
  const auto it = servers_.find(container);
  if (it == servers_.end()) {
    return;
  }
  Server& server = *it->second;
  for (const auto& [fd, connection] : server.connections) {
    loop_.unwatch(fd);
  }
  loop_.unwatch(server.udp.get());
  loop_.unwatch(server.tcp.get());
  servers_.erase(it);
  invalidate();
}

void Names::invalidate() {
  for (auto& [name, server] : servers_) {
    server->zone.reset();
  }
}

const net::dns::Zone& Names::zone_of(const std::string& container, Server& server) {
  if (!server.zone) {
    const auto all = records_();
    const auto self = std::ranges::find(all, container, &state::ContainerRecord::name);
    server.zone = std::make_unique<net::dns::Zone>(self == all.end() ? net::dns::Zone() : make_zone(**self, all));
  }
  return *server.zone;
}

void Names::on_udp(const std::string& container) {
  constexpr int kBatch = 64;
  for (int i = 0; i < kBatch; ++i) {
    const auto it = servers_.find(container);
    if (it == servers_.end()) {
      return;
    }
    Buffer buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recvfrom
    std::vector<char> asker(sizeof(sockaddr_in6));
    auto length = static_cast<socklen_t>(asker.size());
    const ssize_t got = ::recvfrom(it->second->udp.get(), buffer.data(), buffer.size(), 0,
                                   reinterpret_cast<sockaddr*>(asker.data()), &length);
    if (got < 0) {
      return;
    }
    asker.resize(length);
    handle(container, *it->second, {buffer.data(), static_cast<std::size_t>(got)}, net::dns::Transport::kUdp,
           std::move(asker), -1);
  }
}

void Names::on_tcp(const std::string& container) {
  Server& server = *servers_.at(container);
  UniqueFd fd(::accept4(server.tcp.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd || server.connections.size() >= kMostConnections) {
    return;
  }
  const int number = fd.get();
  if (loop_.watch(number, EPOLLIN, [this, container, number](std::uint32_t) { on_connection(container, number); })) {
    server.connections[number].fd = std::move(fd);
  }
}

void Names::on_connection(const std::string& container, int fd) {
  Server& server = *servers_.at(container);
  Connection& connection = server.connections.at(fd);
  Buffer buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv
  const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (got <= 0) {
    return got < 0 && errno == EAGAIN ? void() : close_connection(server, fd);
  }
  connection.received.insert(connection.received.end(), buffer.begin(), buffer.begin() + got);
  // RFC 1035 4.2.2: each message has its length in two bytes in front.
  while (connection.received.size() >= 2) {
    const std::size_t size = static_cast<std::size_t>(connection.received[0]) << 8U | connection.received[1];
    if (connection.received.size() < size + 2) {
      return;
    }
    const net::dns::Bytes message(connection.received.begin() + 2,
                                  connection.received.begin() + 2 + static_cast<std::ptrdiff_t>(size));
    connection.received.erase(connection.received.begin(),
                              connection.received.begin() + 2 + static_cast<std::ptrdiff_t>(size));
    handle(container, server, message, net::dns::Transport::kTcp, {}, fd);
    if (!server.connections.contains(fd)) {
      return;
    }
  }
}

void Names::close_connection(Server& server, int fd) {
  loop_.unwatch(fd);
  server.connections.erase(fd);
}

void Names::handle(const std::string& container, Server& server, net::dns::BytesView message,
                   net::dns::Transport transport, std::vector<char> asker, int connection) {
  auto verdict = net::dns::answer(message, zone_of(container, server), transport, server.turn++);
  if (const auto* answered = std::get_if<net::dns::Reply>(&verdict)) {
    reply(container, answered->bytes, asker, connection);
  } else if (auto* wanted = std::get_if<net::dns::Forward>(&verdict)) {
    auto query = std::make_shared<Forwarded>();
    query->container = container;
    query->query = std::move(wanted->query);
    query->message.assign(message.begin(), message.end());
    query->asker = std::move(asker);
    query->connection = connection;
    forward(std::move(query));
  }
}

void Names::forward(std::shared_ptr<Forwarded> query) {
  while (query->nameserver < nameservers_.size() && forwarded_.size() < kMostForwarded) {
    UniqueFd upstream = connect_upstream(nameservers_[query->nameserver++]);
    if (!upstream || ::send(upstream.get(), query->message.data(), query->message.size(), MSG_NOSIGNAL) < 0) {
      continue;
    }
    const int fd = upstream.get();
    query->upstream = std::move(upstream);
    if (!loop_.watch(fd, EPOLLIN, [this, query](std::uint32_t) { on_upstream(query); })) {
      continue;
    }
    query->timer = loop_.after(kUpstreamTimeout, [this, query] { next_nameserver(query); });
    forwarded_[fd] = std::move(query);
    return;
  }
  reply(query->container, net::dns::server_failure(query->query), query->asker, query->connection);
}

void Names::forget(const Forwarded& query) {
  loop_.cancel(query.timer);
  loop_.unwatch(query.upstream.get());
  forwarded_.erase(query.upstream.get());
}

void Names::next_nameserver(const std::shared_ptr<Forwarded>& query) {
  forget(*query);
  query->timer = 0;
  query->upstream.reset();
  forward(query);
}

void Names::on_upstream(const std::shared_ptr<Forwarded>& held) {
  // `held` may be the watcher's own, which forget() ends. NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
  const std::shared_ptr<Forwarded> query = held;
  Buffer buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv
  const ssize_t got = ::recv(query->upstream.get(), buffer.data(), buffer.size(), 0);
  if (got < 0) {
    // "connection refused": nobody listens there.
    return errno == EAGAIN ? void() : next_nameserver(query);
  }
  const net::dns::BytesView message(buffer.data(), static_cast<std::size_t>(got));
  if (net::dns::message_id(message) != query->query.id || !net::dns::is_reply_to(message, query->query)) {
    return;
  }
  forget(*query);
  reply(query->container, net::dns::Bytes(message.begin(), message.end()), query->asker, query->connection);
}

void Names::reply(const std::string& container, const net::dns::Bytes& message, const std::vector<char>& asker,
                  int connection) {
  const auto it = servers_.find(container);
  if (it == servers_.end()) {
    return;
  }
  // A lost reply is what UDP is; the asker asks again.
  if (connection < 0) {
    ::sendto(it->second->udp.get(), message.data(), message.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(asker.data()), static_cast<socklen_t>(asker.size()));
    return;
  }
  if (it->second->connections.contains(connection)) {
    net::dns::Bytes framed{static_cast<std::uint8_t>(message.size() >> 8U), static_cast<std::uint8_t>(message.size())};
    framed.insert(framed.end(), message.begin(), message.end());
    if (::send(connection, framed.data(), framed.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(framed.size())) {
      close_connection(*it->second, connection);
    }
  }
}

}  // namespace cmp::supervisor
