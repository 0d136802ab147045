#include "supervisor/names.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "net/filter_text.hpp"
#include "net/namespace.hpp"
#include "net/net.hpp"
#include "net/packet_filter.hpp"
#include "net/published.hpp"
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
UniqueFd connect_upstream(const std::string& nameserver, bool stream) {
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
  const int type = (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
  UniqueFd fd(::socket(is_v4 ? AF_INET : AF_INET6, type, 0));
  const auto* address = is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
  if (!fd || (::connect(fd.get(), address, is_v4 ? sizeof v4 : sizeof v6) != 0 && errno != EINPROGRESS)) {
    return {};
  }
  return fd;
}

/// RFC 1035 4.2.2: by TCP each message has its length in two bytes in front.
net::dns::Bytes framed(const net::dns::Bytes& message) {
  net::dns::Bytes out{static_cast<std::uint8_t>(message.size() >> 8U), static_cast<std::uint8_t>(message.size())};
  out.insert(out.end(), message.begin(), message.end());
  return out;
}

/// The first message of such a stream, which loses it; nothing while it is incomplete.
std::optional<net::dns::Bytes> take_framed(net::dns::Bytes& received) {
  if (received.size() < 2) {
    return std::nullopt;
  }
  const std::ptrdiff_t size = received[0] << 8 | received[1];
  if (static_cast<std::ptrdiff_t>(received.size()) < size + 2) {
    return std::nullopt;
  }
  net::dns::Bytes message(received.begin() + 2, received.begin() + 2 + size);
  received.erase(received.begin(), received.begin() + 2 + size);
  return message;
}

/// Programs of a service that says so want port 53 for themselves.
bool wants_name_port(const state::ContainerRecord& record) {
  const model::Service& service = record.service_definition;
  return std::ranges::any_of(service.ports, [](const model::Port& port) { return port.target == kPort; }) ||
         std::ranges::any_of(service.expose,
                             [](const std::string& port) { return port == "53" || port == "53/udp"; }) ||
         std::ranges::find(record.exposed, static_cast<int>(kPort)) != record.exposed.end();
}

/// Leads port 53 at 127.0.0.11 to these sockets.
Status redirect_names(int netns, int udp, int tcp) {
  CMP_TRY(const std::uint16_t udp_port, net::bound_port(udp));
  CMP_TRY(const std::uint16_t tcp_port, net::bound_port(tcp));
  CMP_TRY(const auto visit, net::NamespaceVisit::enter(netns));
  CMP_TRY(net::PacketFilter door, net::PacketFilter::open());
  net::filter::Batch batch;
  batch.replace(net::filter::names_table(net::filter::address_bytes(kAddress), udp_port, tcp_port));
  return door.apply(std::move(batch));
}

std::string scope_text(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    out += " " + word;
  }
  return out;
}

const std::vector<std::string>& search_of(const state::ContainerRecord& record, const net::ResolvConf& host) {
  const auto& own = record.service_definition.dns_search;
  return own.empty() ? host.search : own;
}

}  // namespace

Names::Names(EventLoop& loop, net::ResolvConf host, Records records, Others others, Balances balances)
    : loop_(loop),
      host_(std::move(host)),
      records_(std::move(records)),
      others_(std::move(others)),
      balances_(std::move(balances)) {}

Status Names::serve(const state::ContainerRecord& record, pid_t pid) {
  const std::string container = record.name;
  stop(container);
  CMP_TRY(const UniqueFd netns, sys::open_file(fmt::format("/proc/{}/ns/net", pid), O_RDONLY));
  auto server = std::make_unique<Server>();
  const bool yields = wants_name_port(record);
  CMP_TRY(server->udp, net::udp_socket_in(netns.get(), kAddress, yields ? 0 : kPort));
  CMP_TRY(server->tcp, net::tcp_listener_in(netns.get(), kAddress, yields ? 0 : kPort));
  if (yields) {
    CMP_CHECK(redirect_names(netns.get(), server->udp.get(), server->tcp.get()));
  }
  const auto& own = record.service_definition.dns;
  server->nameservers = own.empty() ? host_.nameservers : own;
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
  constexpr Nanoseconds kSharedFor = std::chrono::seconds(1);
  if (server.zone && monotonic_now() < server.zone_until) {
    return *server.zone;
  }
  auto all = records_();
  const auto self = std::ranges::find(all, container, &state::ContainerRecord::name);
  if (self == all.end()) {
    server.zone = std::make_unique<net::dns::Zone>();
    return *server.zone;
  }
  const state::ContainerRecord& own = **self;
  const auto others = others_(own);
  server.zone_until = monotonic_now() + kSharedFor;
  for (const state::ContainerRecord& other : others) {
    all.push_back(&other);
  }
  server.zone = std::make_unique<net::dns::Zone>(make_zone(own, all, search_of(own, host_), balances_));
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
  while (const auto message = take_framed(connection.received)) {
    handle(container, server, *message, net::dns::Transport::kTcp, {}, fd);
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
    const bool stream = transport == net::dns::Transport::kTcp;
    const std::string scope = fmt::format("{}{}", stream ? "tcp" : "udp", scope_text(server.nameservers));
    const std::string key = net::dns::Cache::key_of(message, wanted->query, scope);
    if (const auto kept = cache_.find(key, wanted->query, monotonic_now())) {
      return reply(container, *kept, asker, connection);
    }
    auto query = std::make_shared<Forwarded>();
    query->key = key;
    query->container = container;
    query->query = std::move(wanted->query);
    query->message.assign(message.begin(), message.end());
    query->asker = std::move(asker);
    query->connection = connection;
    query->nameservers = server.nameservers;
    forward(query);
  }
}

/// By TCP what came by TCP: its answer may be longer than a datagram.
bool Names::ask(const std::shared_ptr<Forwarded>& query) {
  const bool stream = query->connection >= 0;
  UniqueFd upstream = connect_upstream(query->nameservers[query->nameserver++], stream);
  if (!upstream ||
      (!stream && ::send(upstream.get(), query->message.data(), query->message.size(), MSG_NOSIGNAL) < 0)) {
    return false;
  }
  const int fd = upstream.get();
  query->upstream = std::move(upstream);
  query->received.clear();
  return loop_
      .watch(fd, stream ? EPOLLOUT : EPOLLIN, [this, query](std::uint32_t events) { on_upstream(query, events); })
      .has_value();
}

void Names::forward(const std::shared_ptr<Forwarded>& query) {
  while (query->nameserver < query->nameservers.size() && forwarded_.size() < kMostForwarded) {
    if (ask(query)) {
      query->timer = loop_.after(kUpstreamTimeout, [this, query] { next_nameserver(query); });
      forwarded_[query->upstream.get()] = query;
      return;
    }
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

void Names::on_upstream(const std::shared_ptr<Forwarded>& held, std::uint32_t events) {
  // `held` may be the watcher's own, which forget() ends. NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
  const std::shared_ptr<Forwarded> query = held;
  return query->connection >= 0 ? on_upstream_stream(query, events) : on_upstream_datagram(query);
}

void Names::on_upstream_datagram(const std::shared_ptr<Forwarded>& query) {
  Buffer buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv
  const ssize_t got = ::recv(query->upstream.get(), buffer.data(), buffer.size(), 0);
  if (got < 0) {
    // "connection refused": nobody listens there.
    return errno == EAGAIN ? void() : next_nameserver(query);
  }
  take_answer(query, {buffer.data(), static_cast<std::size_t>(got)});
}

void Names::on_upstream_stream(const std::shared_ptr<Forwarded>& query, std::uint32_t events) {
  const int fd = query->upstream.get();
  if ((events & EPOLLOUT) != 0) {
    const auto message = framed(query->message);
    // A fresh connection has room for one query.
    const bool sent =
        ::send(fd, message.data(), message.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(message.size()) &&
        loop_.watch(fd, EPOLLIN, [this, query](std::uint32_t next) { on_upstream(query, next); });
    return sent ? void() : next_nameserver(query);
  }
  Buffer buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv
  const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (got <= 0) {
    return got < 0 && errno == EAGAIN ? void() : next_nameserver(query);
  }
  query->received.insert(query->received.end(), buffer.begin(), buffer.begin() + got);
  if (const auto message = take_framed(query->received)) {
    take_answer(query, *message);
  }
}

/// What is no answer to this query is passed over: somebody may be guessing.
void Names::take_answer(const std::shared_ptr<Forwarded>& query, net::dns::BytesView message) {
  if (net::dns::message_id(message) != query->query.id || !net::dns::is_reply_to(message, query->query)) {
    return;
  }
  forget(*query);
  cache_.put(query->key, message, monotonic_now());
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
    const auto bytes = framed(message);
    if (::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
      close_connection(*it->second, connection);
    }
  }
}

}  // namespace cmp::supervisor
