#include "net/packet_filter.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>

#include <doctest/doctest.h>

#include "kernel/net/private_network.hpp"
#include "net/filter_rules.hpp"
#include "net/filter_text.hpp"
#include "net/namespace.hpp"
#include "net/socket_address.hpp"
#include "sys/file.hpp"

namespace cmp::net::testing {

namespace {

constexpr int kOpen = 0;
constexpr int kPatience = 2000;
constexpr int kShort = 250;

std::string message_of(const Status& status) {
  return status ? "" : status.error().message;
}

filter::AddressBytes bytes(const char* text) {
  return filter::address_bytes(text);
}

PacketFilter filter_or_skip() {
  auto door = PacketFilter::open();
  if (!door || !door->base_chains()) {
    std::fprintf(stderr, "skipped: no nf_tables\n");
    std::_Exit(77);
  }
  return *std::move(door);
}

/// A host with an uplink, a remote machine beside it, and three containers: A and A2 on br1 (A's port 80 is 8080 of the
/// host), B on br2, I on br3, which is internal.
struct Town {
  Links links;
  PacketFilter door;
  UniqueFd host, remote, a, a2, b, i;
  std::vector<UniqueFd> servers;

  static Town build() {
    enter_private_network();
    auto links = Links::open();
    REQUIRE(links);
    Town town{.links = *std::move(links), .door = filter_or_skip(), .servers = {}};
    auto own = sys::open_file("/proc/thread-self/ns/net", 0);
    REQUIRE(own);
    town.host = *std::move(own);
    for (unsigned n : {1U, 2U, 3U}) {
      REQUIRE(message_of(town.links.create_bridge(bridge_of("br" + std::to_string(n), n))).empty());
    }
    // The uplink is a bridge of its own here: the remote machine's cable.
    REQUIRE(message_of(town.links.create_bridge(bridge_of("up0", 9))).empty());
    town.remote = town.join(endpoint_of("up0", 9, 2));
    town.a = town.join(endpoint_of("br1", 1, 2));
    town.a2 = town.join(endpoint_of("br1", 1, 3));
    town.b = town.join(endpoint_of("br2", 2, 2));
    Endpoint inside = endpoint_of("br3", 3, 2);
    town.i = town.join(inside);
    for (int netns : {town.a.get(), town.b.get(), town.i.get(), town.remote.get()}) {
      for (std::uint16_t port : {std::uint16_t{80}, std::uint16_t{8000}}) {
        auto server = tcp_listener_in(netns, "0.0.0.0", port);
        REQUIRE(server);
        town.servers.push_back(*std::move(server));
      }
    }
    return town;
  }

  UniqueFd join(const Endpoint& endpoint) {
    UniqueFd netns = make_namespace();
    REQUIRE(message_of(links.attach(netns.get(), {endpoint})).empty());
    return netns;
  }

  void forward() { REQUIRE(message_of(links.set_forwarding({"br1", "br2", "up0"}, true)).empty()); }

  void apply(const filter::Filter& wanted) {
    filter::Batch batch;
    batch.replace(filter::project_table(wanted));
    REQUIRE(message_of(door.apply(std::move(batch))).empty());
  }
};

filter::Filter two_and_an_internal() {
  return {.table = "cmp-town",
          .family = filter::Family::kIpv4,
          .networks = {{.bridge = "br1", .range = {bytes("10.89.1.0"), 24}},
                       {.bridge = "br2", .range = {bytes("10.89.2.0"), 24}},
                       {.bridge = "br3", .range = {bytes("10.89.3.0"), 24}, .internal = true}},
          .ports = {{.host = "", .port = 8080, .protocol = Protocol::kTcp, .targets = {{bytes("10.89.1.2"), 80}}}}};
}

/// The address the next connection of a listener comes from.
std::string caller_of(int listener) {
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  const UniqueFd connection(::accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC));
  return connection ? format_ipv4(ntohl(peer.sin_addr.s_addr)) : "nobody";
}

}  // namespace

TEST_CASE("who reaches whom: published ports are open, everything else between networks is closed") {
  Town town = Town::build();
  town.forward();
  SUBCASE("while no rules are there, the same cells that are closed later are open: the rules close them") {
    CHECK(try_connect(town.a.get(), "10.89.2.2", 80, kPatience) == kOpen);
    CHECK(try_connect(town.remote.get(), "10.89.1.2", 80, kPatience) == kOpen);
    CHECK(try_connect(town.remote.get(), "10.89.9.1", 8080, kPatience) == ECONNREFUSED);
  }
  SUBCASE("with them") {
    town.apply(two_and_an_internal());
    CHECK(try_connect(town.remote.get(), "10.89.9.1", 8080, kPatience) == kOpen);
    CHECK(caller_of(town.servers[0].get()) == "10.89.9.2");
    CHECK(try_connect(town.host.get(), "10.89.9.1", 8080, kPatience) == kOpen);
    CHECK(try_connect(town.host.get(), "127.0.0.1", 8080, kPatience) == ECONNREFUSED);  // its socket's, not ours
    CHECK(try_connect(town.remote.get(), "10.89.1.2", 80, kShort) != kOpen);
    CHECK(try_connect(town.remote.get(), "10.89.1.2", 8000, kShort) != kOpen);
    CHECK(try_connect(town.a.get(), "10.89.2.2", 80, kShort) != kOpen);
    CHECK(try_connect(town.b.get(), "10.89.1.2", 80, kShort) != kOpen);
    CHECK(try_connect(town.a2.get(), "10.89.1.2", 8000, kPatience) == kOpen);
    // By the host's address: itself, a neighbour, another network.
    CHECK(try_connect(town.a.get(), "10.89.9.1", 8080, kPatience) == kOpen);
    CHECK(try_connect(town.a2.get(), "10.89.9.1", 8080, kPatience) == kOpen);
    CHECK(try_connect(town.b.get(), "10.89.9.1", 8080, kPatience) == kOpen);
    // Out, with the host's address.
    CHECK(try_connect(town.a.get(), "10.89.9.2", 80, kPatience) == kOpen);
    CHECK(caller_of(town.servers[6].get()) == "10.89.9.1");
  }
}

TEST_CASE("an internal network reaches nothing outside and nobody reaches it, although the host forwards from it") {
  Town town = Town::build();
  REQUIRE(message_of(town.links.set_forwarding({"br1", "br2", "br3", "up0"}, true)).empty());
  CHECK(try_connect(town.i.get(), "10.89.9.2", 80, kPatience) == kOpen);
  CHECK(try_connect(town.remote.get(), "10.89.3.2", 80, kPatience) == kOpen);
  town.apply(two_and_an_internal());
  CHECK(try_connect(town.i.get(), "10.89.9.2", 80, kShort) != kOpen);
  CHECK(try_connect(town.remote.get(), "10.89.3.2", 80, kShort) != kOpen);
  CHECK(try_connect(town.i.get(), "10.89.1.2", 80, kShort) != kOpen);
  CHECK(try_connect(town.i.get(), "10.89.3.1", 8080, kShort) != kOpen);
  CHECK(try_connect(town.host.get(), "10.89.3.2", 80, kPatience) == kOpen);
}

TEST_CASE("the same with bridges that show their packets to the filter") {
  Town town = Town::build();
  town.forward();
  if (!sys::write_kernel_file("/proc/sys/net/bridge/bridge-nf-call-iptables", "1")) {
    MESSAGE("no br_netfilter on this host");
    return;
  }
  town.apply(two_and_an_internal());
  CHECK(try_connect(town.a2.get(), "10.89.1.2", 8000, kPatience) == kOpen);
  CHECK(try_connect(town.a2.get(), "10.89.9.1", 8080, kPatience) == kOpen);
  CHECK(try_connect(town.remote.get(), "10.89.9.1", 8080, kPatience) == kOpen);
  CHECK(try_connect(town.a.get(), "10.89.2.2", 80, kShort) != kOpen);
  CHECK(try_connect(town.a.get(), "10.89.9.2", 80, kPatience) == kOpen);
}

TEST_CASE("connections take turns over several targets, evenly") {
  Town town = Town::build();
  town.forward();
  filter::Filter wanted = two_and_an_internal();
  wanted.ports[0].targets = {{bytes("10.89.1.2"), 80}, {bytes("10.89.1.2"), 8000}, {bytes("10.89.2.2"), 80}};
  town.apply(wanted);
  constexpr int kConnections = 90;
  for (int n = 0; n < kConnections; ++n) {
    REQUIRE(try_connect(town.remote.get(), "10.89.9.1", 8080, kPatience) == kOpen);
  }
  for (const std::size_t server : {0U, 1U, 2U}) {
    int count = 0;
    while (caller_of(town.servers[server].get()) == "10.89.9.2") {
      ++count;
    }
    CHECK(count == kConnections / 3);
  }
}

TEST_CASE("a device that forwards for our sake carries nothing to others") {
  Town town = Town::build();
  town.forward();
  CHECK(try_connect(town.remote.get(), "10.89.2.2", 80, kPatience) == kOpen);
  filter::Batch batch;
  batch.replace(filter::guard_table("cmp-guard-up0", "up0", 77));
  REQUIRE(message_of(town.door.apply(std::move(batch))).empty());
  CHECK(try_connect(town.remote.get(), "10.89.2.2", 80, kShort) != kOpen);
}

TEST_CASE("a removed table is gone, and one that is missing can be removed") {
  Town town = Town::build();
  town.apply(two_and_an_internal());
  REQUIRE(town.door.base_chains());
  CHECK(town.door.base_chains()->size() == 4);
  for (int times = 0; times < 2; ++times) {
    filter::Batch batch;
    batch.remove("cmp-town", filter::Family::kIpv4);
    CHECK(message_of(town.door.apply(std::move(batch))).empty());
    CHECK(town.door.base_chains()->empty());
  }
}

}  // namespace cmp::net::testing
