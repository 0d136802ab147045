#include "net/udp_relay.hpp"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <bit>
#include <vector>

#include <doctest/doctest.h>

#include "kernel/net/private_network.hpp"
#include "net/published.hpp"

namespace cmp::net::testing {

namespace {

using std::chrono::seconds;

constexpr UdpRelay::Time kStart{};

bool readable(int fd) {
  pollfd wait{.fd = fd, .events = POLLIN};
  return ::poll(&wait, 1, 2000) == 1;
}

struct Datagram {
  std::string text;
  SocketAddress from;
};

Datagram receive(int fd) {
  char buffer[100];
  sockaddr raw{};
  socklen_t size = sizeof raw;
  if (!readable(fd)) {
    return {"nothing came", {}};
  }
  const ssize_t got = ::recvfrom(fd, buffer, sizeof buffer, 0, &raw, &size);
  return {std::string(buffer, static_cast<std::size_t>(got)), from_sockaddr(std::bit_cast<sockaddr_in>(raw))};
}

void send(int fd, const SocketAddress& to, const std::string& text) {
  const auto raw = std::bit_cast<sockaddr>(to_sockaddr(to));
  REQUIRE(::sendto(fd, text.data(), text.size(), 0, &raw, sizeof raw) == static_cast<ssize_t>(text.size()));
}

UniqueFd socket_at(const SocketAddress& address) {
  auto fd = bound_socket(SOCK_DGRAM, address);
  REQUIRE(fd);
  return std::move(*fd);
}

/// A relay from all addresses of the host, port 5300, to a server on 127.0.0.9:53.
struct Stage {
  UniqueFd server;
  int published = -1;
  std::unique_ptr<UdpRelay> relay;
};

Stage make_stage() {
  enter_private_network();
  Stage stage;
  stage.server = socket_at({0x7f000009, 53});
  auto published = bind_published("", 5300, Protocol::kUdp);
  REQUIRE(published);
  stage.published = published->get();
  stage.relay = std::make_unique<UdpRelay>(std::move(*published), SocketAddress{0x7f000009, 53});
  return stage;
}

}  // namespace

TEST_CASE("each client gets its own answers, from the address it wrote to") {
  const Stage stage = make_stage();
  const UniqueFd alice = socket_at({0x7f000001, 0});
  const UniqueFd bob = socket_at({0x7f000001, 0});
  const SocketAddress second_address{0x7f000002, 5300};
  send(alice.get(), {0x7f000001, 5300}, "a");
  send(bob.get(), second_address, "b");
  REQUIRE(readable(stage.published));
  const auto added = stage.relay->on_ready(stage.published, kStart);
  CHECK(added.size() == 2);
  CHECK(stage.relay->descriptors().size() == 3);

  for (int i = 0; i < 2; ++i) {
    const Datagram asked = receive(stage.server.get());
    send(stage.server.get(), asked.from, "for " + asked.text);
  }
  for (const int fd : added) {
    REQUIRE(readable(fd));
    CHECK(stage.relay->on_ready(fd, kStart).empty());
  }
  CHECK(receive(alice.get()).text == "for a");
  const Datagram answer = receive(bob.get());
  CHECK(answer.text == "for b");
  CHECK(answer.from == second_address);
}

TEST_CASE("a client keeps its socket while it is active and loses it after the idle time") {
  const Stage stage = make_stage();
  const UniqueFd alice = socket_at({0x7f000001, 0});
  const auto ask = [&](UdpRelay::Time now) {
    send(alice.get(), {0x7f000001, 5300}, "a");
    REQUIRE(readable(stage.published));
    return stage.relay->on_ready(stage.published, now).size();
  };
  CHECK(!stage.relay->next_expiry());
  CHECK(ask(kStart) == 1);
  CHECK(ask(kStart + seconds(60)) == 0);
  CHECK(stage.relay->next_expiry() == kStart + seconds(150));
  stage.relay->expire(kStart + seconds(149));
  CHECK(stage.relay->descriptors().size() == 2);
  stage.relay->expire(kStart + seconds(150));
  CHECK(stage.relay->descriptors().size() == 1);
  CHECK(ask(kStart + seconds(151)) == 1);
}

TEST_CASE("a container without a server costs nothing but the datagram") {
  Stage stage = make_stage();
  stage.server.reset();
  const UniqueFd alice = socket_at({0x7f000001, 0});
  send(alice.get(), {0x7f000001, 5300}, "a");
  REQUIRE(readable(stage.published));
  const auto added = stage.relay->on_ready(stage.published, kStart);
  REQUIRE(added.size() == 1);
  pollfd wait{.fd = added[0], .events = POLLIN};
  REQUIRE(::poll(&wait, 1, 2000) == 1);  // the refusal
  CHECK(stage.relay->on_ready(added[0], kStart).empty());
  CHECK(::poll(&wait, 1, 0) == 0);
}

TEST_CASE("beyond the most clients the one silent longest is forgotten") {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max < 2 * UdpRelay::kMostClients) {
    MESSAGE("not run: this host allows too few open files");
    return;
  }
  files.rlim_cur = 2 * UdpRelay::kMostClients;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &files) == 0);
  const Stage stage = make_stage();
  for (std::size_t i = 0; i <= UdpRelay::kMostClients; ++i) {
    const UniqueFd client = socket_at({0x7f000100U + static_cast<std::uint32_t>(i), 4000});
    send(client.get(), {0x7f000001, 5300}, "x");
    REQUIRE(readable(stage.published));
    REQUIRE(stage.relay->on_ready(stage.published, kStart + seconds(i)).size() == 1);
  }
  CHECK(stage.relay->descriptors().size() == 1 + UdpRelay::kMostClients);
  CHECK(stage.relay->next_expiry() == kStart + seconds(1) + UdpRelay::kIdle);
}

}  // namespace cmp::net::testing
