#include "supervisor/published_ports.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "engine/firewall.hpp"
#include "engine/neighbours.hpp"
#include "net/net.hpp"
#include "net/published.hpp"

namespace cmp::supervisor {

namespace {

struct Range {
  int first = 0, last = 0;
};

/// "8080", "8000-8010" to choose from, "" any free one.
Range published_range(const std::string& text) {
  Range range;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, range.first);
  range.last = range.first;
  if (parsed.ptr != end && *parsed.ptr == '-') {
    std::from_chars(parsed.ptr + 1, end, range.last);
  }
  return range;
}

constexpr const char* kAnyIpv6 = "::";
constexpr const char* kHeldPrefix = "listen/";

/// The first port of the range that can be had.
Result<UniqueFd> bind_first(const model::Port& port, const Range& range, net::Protocol protocol) {
  Result<UniqueFd> fd = make_error(Code::kInvalid, fmt::format("'{}' is no range of ports", port.published));
  for (int number = range.first; number <= range.last; ++number) {
    fd = net::bind_published(port.host_ip, static_cast<std::uint16_t>(number), protocol);
    if (fd || fd.error().code != Code::kConflict) {
      break;
    }
  }
  return fd;
}

std::string where_text(const model::Port& port) {
  return fmt::format("{}:{}/{}", port.host_ip.empty() ? "0.0.0.0" : port.host_ip, port.published, port.protocol);
}

}  // namespace

std::string PublishedPorts::Key::name() const {
  return fmt::format("{}{}/{}/{}/{}/{}", kHeldPrefix, protocol, host_ip, published, target, service);
}

void PublishedPorts::inherit(std::map<std::string, UniqueFd>& held) {
  for (auto it = held.lower_bound(kHeldPrefix); it != held.end() && it->first.starts_with(kHeldPrefix);) {
    inherited_.insert(held.extract(it++));
  }
}

void PublishedPorts::forget_inherited() {
  for (const auto& [name, fd] : std::exchange(inherited_, {})) {
    site_.drop(name);
  }
}

std::map<std::string, int> PublishedPorts::sockets() const {
  std::map<std::string, int> out;
  for (const auto& [key, listener] : listeners_) {
    out.emplace(key.name(), listener.fd.get());
  }
  return out;
}

Result<std::vector<state::PublishedPort>> PublishedPorts::bind(const model::Service& service) {
  std::vector<state::PublishedPort> shown;
  std::vector<Key> fresh;
  for (const model::Port& port : service.ports) {
    const Key key{service.name, port.host_ip, port.published, port.protocol, port.target};
    if (const auto known = listeners_.find(key); known != listeners_.end()) {
      show(key, shown);
      continue;
    }
    auto bound = bind_one(key, port);
    if (!bound) {
      for (const Key& own : fresh) {
        release(own);
        release(twin_of(own));
      }
      return std::move(bound)
          .error()
          .context(fmt::format("service '{}': publish {}", service.name, where_text(port)))
          .at(port.where);
    }
    fresh.push_back(key);
    bind_ipv6_too(key, port, bound->host_port);
    show(key, shown);
  }
  return shown;
}

/// The socket of the port, and the one beside it for IPv6 if there is one.
void PublishedPorts::show(const Key& key, std::vector<state::PublishedPort>& shown) const {
  for (const Key& side : {key, twin_of(key)}) {
    if (const auto found = listeners_.find(side); found != listeners_.end()) {
      shown.push_back(found->second.shown);
    }
  }
}

PublishedPorts::Key PublishedPorts::twin_of(Key key) {
  key.host_ip = kAnyIpv6;
  key.twin = true;
  return key;
}

Result<state::PublishedPort> PublishedPorts::bind_one(const Key& key, const model::Port& port) {
  const net::Protocol protocol = net::protocol_of(port.protocol).value_or(net::Protocol::kTcp);
  const Range range = published_range(port.published);
  const auto kept = inherited_.find(key.name());
  const bool inherited = kept != inherited_.end();
  Result<UniqueFd> fd = inherited ? std::move(inherited_.extract(kept).mapped()) : bind_first(port, range, protocol);
  if (!fd) {
    const std::string known =
        fd.error().code == Code::kConflict ? publisher({port.host_ip, range.last, port.target, port.protocol}) : "";
    return known.empty() ? std::move(fd).error()
                         : make_error(Code::kConflict, fmt::format("the port is published by {} already", known));
  }
  CMP_TRY(const std::uint16_t number, net::bound_port(fd->get()));
  if (protocol != net::Protocol::kSctp) {
    const bool udp = protocol == net::Protocol::kUdp;
    CMP_CHECK(loop_.watch(fd->get(), EPOLLIN, [this, key, udp, raw = fd->get()](std::uint32_t) {
      udp ? on_datagram(key, raw) : on_connection(key);
    }));
  }
  Listener& listener = listeners_[key];
  listener.fd = *std::move(fd);
  if (!inherited) {
    site_.hold(key.name(), listener.fd.get());
  }
  listener.where = port.where;
  listener.shown = {port.host_ip.empty() ? "0.0.0.0" : port.host_ip, number, port.target, port.protocol};
  return listener.shown;
}

/// Who of the compose files' services has the port; "" if none of them.
std::string PublishedPorts::publisher(const state::PublishedPort& port) const {
  for (const auto& [key, listener] : listeners_) {
    if (engine::ports_collide(listener.shown, port)) {
      const std::string place = listener.where.str();
      return fmt::format("service '{}'{}", key.service, place.empty() ? "" : fmt::format(" ({})", place));
    }
  }
  return site_.neighbours(port);
}

/// "Every address" has IPv6 ones too, where the host has them and nobody else has the port there.
void PublishedPorts::bind_ipv6_too(const Key& key, const model::Port& port, int number) {
  if (!port.host_ip.empty()) {
    return;
  }
  model::Port twin = port;
  twin.host_ip = kAnyIpv6;
  twin.published = std::to_string(number);
  static_cast<void>(bind_one(twin_of(key), twin));
}

std::optional<net::SocketAddress> PublishedPorts::choose_target(const Key& key, Listener& listener) const {
  std::vector<net::SocketAddress> addresses;
  for (const state::ContainerRecord* record : engine::ready_containers(site_.records(), key.service)) {
    const state::EndpointRecord* endpoint = engine::published_endpoint(*record);
    if (endpoint == nullptr || record->state != state::ContainerState::kRunning) {
      continue;
    }
    if (const auto v4 = net::parse_ipv4(endpoint->address)) {
      addresses.push_back({*v4, key.target});
    } else if (!endpoint->address6.empty()) {
      addresses.push_back({0, key.target, endpoint->address6});
    }
  }
  return addresses.empty() ? std::nullopt : std::optional(addresses[listener.turn++ % addresses.size()]);
}

void PublishedPorts::on_connection(const Key& key) {
  constexpr int kMostAtOnce = 16;
  Listener& listener = listeners_.at(key);
  int accepted = 0;
  while (accepted < listener.at_once && accept_one(key, listener)) {
    ++accepted;
  }
  // Who comes alone is not followed by a look for another one, which would be a call for nothing; now and then we look.
  constexpr int kAlone = 16;
  if (accepted < listener.at_once) {
    listener.at_once = 1;
    listener.alone = kAlone;
  } else if (listener.alone > 0) {
    --listener.alone;
  } else {
    listener.at_once = std::min(listener.at_once * 2, kMostAtOnce);
  }
}

/// False if nobody waits.
bool PublishedPorts::accept_one(const Key& key, Listener& listener) {
  UniqueFd client(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!client) {
    return false;
  }
  if (const auto target = choose_target(key, listener)) {
    if (auto forward = net::Forward::start(std::move(client), *target)) {
      watch_forward(std::make_shared<Connection>(Connection{*std::move(forward), {}}));
    }
  }
  return true;
}

void PublishedPorts::watch_forward(const std::shared_ptr<Connection>& connection) {
  const auto wanted = connection->forward.wanted();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const net::Interest& interest = wanted[i];
    const std::uint32_t before = std::exchange(connection->watched[i], interest.events);
    if (before == interest.events) {
      continue;
    }
    if (interest.events == 0) {
      loop_.unwatch(interest.fd);
    } else if (before != 0) {
      loop_.change(interest.fd, interest.events);
    } else {
      // The loop holds the connection by these callbacks: with the last of them it is closed.
      static_cast<void>(
          loop_.watch(interest.fd, interest.events, [this, connection, fd = interest.fd](std::uint32_t events) {
            connection->forward.on_ready(fd, events);
            watch_forward(connection);
          }));
    }
  }
}

void PublishedPorts::aim_relay(const Key& key, Listener& listener) {
  const auto target = choose_target(key, listener);
  if (!target || (listener.relay && listener.relay_target == *target)) {
    return;
  }
  UniqueFd copy(::fcntl(listener.fd.get(), F_DUPFD_CLOEXEC, 0));
  if (copy) {
    listener.relay = std::make_unique<net::UdpRelay>(std::move(copy), *target);
    listener.relay_target = *target;
  }
}

void PublishedPorts::on_datagram(const Key& key, int fd) {
  Listener& listener = listeners_.at(key);
  const bool from_outside = fd == listener.fd.get();
  if (from_outside) {
    aim_relay(key, listener);
  }
  if (!listener.relay) {
    // Nobody to pass it to: taken out, so that the loop does not spin on it.
    char nothing = 0;
    static_cast<void>(::recv(fd, &nothing, sizeof nothing, MSG_DONTWAIT));
    return;
  }
  // The relay knows the published socket by its own copy of the descriptor.
  const int known_as = from_outside ? listener.relay->published_fd() : fd;
  watch_relay(key, listener.relay->on_ready(known_as, monotonic_now()));
  arm_expiry(key, listener);
}

void PublishedPorts::watch_relay(const Key& key, const std::vector<int>& fds) {
  for (const int fd : fds) {
    static_cast<void>(loop_.watch(fd, EPOLLIN, [this, key, fd](std::uint32_t) { on_datagram(key, fd); }));
  }
}

void PublishedPorts::arm_expiry(const Key& key, Listener& listener) {
  const auto next = listener.relay->next_expiry();
  if (listener.expiry != 0 || !next) {
    return;
  }
  listener.expiry = loop_.at(*next, [this, key] {
    const auto it = listeners_.find(key);
    if (it == listeners_.end()) {
      return;
    }
    it->second.expiry = 0;
    if (it->second.relay) {
      it->second.relay->expire(monotonic_now());
      arm_expiry(key, it->second);
    }
  });
}

void PublishedPorts::release(const Key& key) {
  const auto it = listeners_.find(key);
  if (it != listeners_.end()) {
    site_.drop(key.name());
    loop_.unwatch(it->second.fd.get());
    loop_.cancel(it->second.expiry);
    listeners_.erase(it);
  }
}

void PublishedPorts::keep_only(const std::vector<const state::ContainerRecord*>& containers) {
  std::set<Key> wanted;
  for (const state::ContainerRecord* record : containers) {
    if (!state::holds_ports(*record)) {
      continue;
    }
    for (const model::Port& port : record->service_definition.ports) {
      const Key key{record->service_definition.name, port.host_ip, port.published, port.protocol, port.target};
      wanted.insert(key);
      wanted.insert(twin_of(key));
    }
  }
  std::vector<Key> unwanted;
  for (const auto& [key, listener] : listeners_) {
    if (!wanted.contains(key)) {
      unwanted.push_back(key);
    }
  }
  std::ranges::for_each(unwanted, [this](const Key& key) { release(key); });
}

}  // namespace cmp::supervisor
