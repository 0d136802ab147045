#include "net/published.hpp"

#include <doctest/doctest.h>

namespace cmp::net {

TEST_CASE("the kernel's socket tables are read: who listens where") {
  const auto entries = parse_socket_table(
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 "
      "0\n"
      "   1: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 20 4 0 10 "
      "-1\n"
      "   2: nonsense\n"
      "   3: 0100007F 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0\n",
      Protocol::kTcp);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].local == std::string("\x7f\0\0\1", 4));
  CHECK(entries[0].port == 8080);
  CHECK(entries[0].inode == 4711);
  CHECK(entries[0].holds_port);
  CHECK(!entries[1].holds_port);
}

TEST_CASE("tables of IPv6 and of UDP are read too") {
  const auto entries = parse_socket_table(
      "header\n"
      "  10: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 00000000:00000000 "
      "00:00000000 "
      "00000000   101        0 815 2 0000000000000000 0\n",
      Protocol::kUdp);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].local == std::string(15, '\0') + '\1');
  CHECK(entries[0].port == 53);
  CHECK(entries[0].holds_port);
}

TEST_CASE("a wildcard address collides with all addresses, others with themselves") {
  const std::string any4(4, '\0');
  const std::string any6(16, '\0');
  const std::string local("\x7f\0\0\1", 4);
  const std::string other("\x7f\0\0\2", 4);
  CHECK(addresses_collide(local, local));
  CHECK(addresses_collide(any4, local));
  CHECK(addresses_collide(local, any6));
  CHECK(!addresses_collide(local, other));
}

}  // namespace cmp::net
