#include "net/published.hpp"

#include <unistd.h>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "kernel/net/private_network.hpp"

namespace cmp::net::testing {

namespace {

std::string refused(const std::string& ip, std::uint16_t port, Protocol protocol) {
  const auto fd = bind_published(ip, port, protocol);
  return fd ? "bound" : fd.error().message;
}

std::string this_program() {
  return fmt::format("kernel_net (pid {})", ::getpid());
}

}  // namespace

TEST_CASE("a taken port names its holder: same address, wildcard address, either protocol") {
  enter_private_network();
  const auto tcp = bind_published("127.0.0.1", 8080, Protocol::kTcp);
  const auto udp = bind_published("", 5353, Protocol::kUdp);
  REQUIRE(tcp);
  REQUIRE(udp);
  CHECK(refused("127.0.0.1", 8080, Protocol::kTcp) == "port 8080/tcp on 127.0.0.1: held by " + this_program());
  CHECK(refused("", 8080, Protocol::kTcp) == "port 8080/tcp on 0.0.0.0: held by " + this_program());
  CHECK(refused("127.0.0.1", 5353, Protocol::kUdp) == "port 5353/udp on 127.0.0.1: held by " + this_program());
  CHECK(bind_published("127.0.0.2", 8080, Protocol::kTcp));
  CHECK(bind_published("127.0.0.1", 8080, Protocol::kUdp));
  CHECK(bind_published("", 8080, Protocol::kTcp).error().code == Code::kConflict);
}

TEST_CASE("nobody is named where nobody holds the port") {
  enter_private_network();
  CHECK(port_holder("127.0.0.1", 8080, Protocol::kTcp).empty());
}

TEST_CASE("both families can have the same port") {
  enter_private_network();
  const auto v4 = bind_published("0.0.0.0", 8080, Protocol::kTcp);
  const auto v6 = bind_published("::", 8080, Protocol::kTcp);
  REQUIRE(v4);
  REQUIRE(v6);
  CHECK(*bound_port(v4->get()) == 8080);
  CHECK(*bound_port(v6->get()) == 8080);
  CHECK(refused("::1", 8080, Protocol::kTcp) == "port 8080/tcp on ::1: held by " + this_program());
}

TEST_CASE("addresses that are not this host's, or not addresses, are named") {
  enter_private_network();
  CHECK(refused("10.1.2.3", 80, Protocol::kTcp) == "port 80/tcp on 10.1.2.3: this host has no address 10.1.2.3");
  CHECK(refused("localhost", 80, Protocol::kTcp) == "'localhost' is not an IPv4 address");
}

}  // namespace cmp::net::testing
