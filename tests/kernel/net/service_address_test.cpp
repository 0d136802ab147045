// Addresses that stand for services, on the bridge that answers for them.

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>

#include <doctest/doctest.h>

#include "kernel/net/private_network.hpp"
#include "net/filter_rules.hpp"
#include "net/filter_text.hpp"
#include "net/packet_filter.hpp"

namespace cmp::net::testing {

namespace {

constexpr int kOpen = 0;
constexpr int kPatience = 2000;
constexpr int kShort = 250;

std::string told(const Status& status) {
  return status ? "" : status.error().message;
}

/// Two bridges with a client and two replicas on the first, and somebody on the second.
struct Street {
  Links links;
  PacketFilter door;
  UniqueFd client, one, two, stranger;
  std::vector<UniqueFd> servers;

  static Street build() {
    enter_private_network();
    auto links = Links::open();
    auto door = PacketFilter::open();
    if (!links || !door || !door->base_chains()) {
      std::fprintf(stderr, "skipped: no nf_tables\n");
      std::_Exit(77);
    }
    Street street{.links = *std::move(links), .door = *std::move(door), .servers = {}};
    for (unsigned n : {1U, 2U}) {
      REQUIRE(told(street.links.create_bridge(bridge_of("br" + std::to_string(n), n))).empty());
    }
    REQUIRE(told(street.links.set_forwarding({"br1", "br2"}, true)).empty());
    street.client = street.join(endpoint_of("br1", 1, 2));
    street.one = street.join(endpoint_of("br1", 1, 3));
    street.two = street.join(endpoint_of("br1", 1, 4));
    street.stranger = street.join(endpoint_of("br2", 2, 2));
    for (const int netns : {street.one.get(), street.two.get()}) {
      auto server = tcp_listener_in(netns, "0.0.0.0", 80);
      REQUIRE(server);
      street.servers.push_back(*std::move(server));
    }
    return street;
  }

  UniqueFd join(const Endpoint& endpoint) {
    UniqueFd netns = make_namespace();
    REQUIRE(told(links.attach(netns.get(), {endpoint})).empty());
    return netns;
  }

  void serve(const std::vector<const char*>& targets) {
    filter::Filter wanted{
        .table = "cmp-street",
        .networks = {{.bridge = "br1", .range = {filter::address_bytes("10.89.1.0"), 24}},
                     {.bridge = "br2", .range = {filter::address_bytes("10.89.2.0"), 24}}},
        .services = {{.bridge = "br1", .address = filter::address_bytes("10.89.1.254"), .targets = {}}}};
    for (const char* target : targets) {
      wanted.services[0].targets.push_back(filter::address_bytes(target));
    }
    filter::Batch batch;
    batch.replace(filter::project_table(wanted));
    REQUIRE(told(door.apply(std::move(batch))).empty());
    REQUIRE(told(links.add_addresses({{"br1", "10.89.1.254"}})).empty());
  }

  int taken(std::size_t server) {
    int count = 0;
    while (UniqueFd(::accept4(servers[server].get(), nullptr, nullptr, SOCK_CLOEXEC))) {
      ++count;
    }
    return count;
  }
};

}  // namespace

TEST_CASE("a service's address leads to its containers, evenly, and to those of now only") {
  Street street = Street::build();
  CHECK(try_connect(street.client.get(), "10.89.1.254", 80, kShort) != kOpen);
  street.serve({"10.89.1.3", "10.89.1.4"});
  for (int i = 0; i < 40; ++i) {
    REQUIRE(try_connect(street.client.get(), "10.89.1.254", 80, kPatience) == kOpen);
  }
  CHECK(street.taken(0) == 20);
  CHECK(street.taken(1) == 20);
  street.serve({"10.89.1.4"});
  for (int i = 0; i < 5; ++i) {
    REQUIRE(try_connect(street.client.get(), "10.89.1.254", 80, kPatience) == kOpen);
  }
  CHECK(street.taken(0) == 0);
  CHECK(street.taken(1) == 5);
  street.serve({});
  CHECK(try_connect(street.client.get(), "10.89.1.254", 80, kShort) == ETIMEDOUT);
}

TEST_CASE("a service's address leads nobody on another network to it") {
  Street street = Street::build();
  street.serve({"10.89.1.3"});
  CHECK(try_connect(street.stranger.get(), "10.89.1.254", 80, kShort) != kOpen);
  CHECK(try_connect(street.one.get(), "10.89.1.254", 80, kPatience) == kOpen);
}

TEST_CASE("an address that is added twice is there once, and what is missing is passed over") {
  Street street = Street::build();
  const std::vector<HostAddress> addresses = {{"br1", "10.89.1.254"}, {"br2", "fd00::254"}};
  CHECK(told(street.links.add_addresses(addresses)).empty());
  CHECK(told(street.links.add_addresses(addresses)).empty());
  // A bridge that is brought to its state once more keeps them.
  CHECK(told(street.links.create_bridge(bridge_of("br1", 1))).empty());
  CHECK(try_connect(street.client.get(), "10.89.1.254", 80, kPatience) == ECONNREFUSED);
  CHECK(told(street.links.remove_addresses(addresses)).empty());
  CHECK(told(street.links.remove_addresses(addresses)).empty());
  CHECK(told(street.links.remove_addresses({{"nowhere0", "10.0.0.1"}})).empty());
  CHECK(told(street.links.add_addresses({{"nowhere0", "10.0.0.1"}})).empty());
}

}  // namespace cmp::net::testing
