#include "cli/network_drawing.hpp"

#include <doctest/doctest.h>

namespace cmp::cli {

namespace {

WiringView shop() {
  NetworkView network;
  network.name = "shop_default";
  network.driver = "bridge";
  network.device = "cmpb0";
  network.subnets = {"10.89.0.0/24", "fd00::/64"};
  network.gateways = {"10.89.0.1", "fd00::1"};
  network.members = {{"shop-db-1", "db", "eth0", "v0", {"10.89.0.2/24"}, ""},
                     {"shop-web-1", "web", "eth0", "v1", {"10.89.0.3/24", "fd00::3/64"}, "10.89.0.254"}};
  NetworkView hidden;
  hidden.name = "hid\"den";
  hidden.driver = "bridge";
  hidden.device = "cmpb1";
  hidden.internal = true;
  hidden.subnets = {"10.89.1.0/24"};
  hidden.gateways = {"10.89.1.1"};
  hidden.members = {{"shop-db-1", "db", "eth1", "v2", {"10.89.1.2/24"}, ""}};
  return {
      .networks = {network, hidden}, .ports = {{"0.0.0.0:8080/tcp", {"shop-web-1:80"}}}, .rules = "table ip x {\n}\n"};
}

}  // namespace

TEST_CASE("networks as text: members with their devices and addresses, ports, rules") {
  CHECK(wiring_text(shop()) ==
        R"(network shop_default  bridge cmpb0  10.89.0.0/24 fd00::/64  gateway 10.89.0.1 fd00::1
  ├─ shop-db-1  eth0 10.89.0.2/24  veth v0
  └─ shop-web-1  eth0 10.89.0.3/24 fd00::3/64  veth v1  service 'web' 10.89.0.254
network hid"den  bridge cmpb1, internal  10.89.1.0/24  gateway 10.89.1.1
  └─ shop-db-1  eth1 10.89.1.2/24  veth v2
port 0.0.0.0:8080/tcp → shop-web-1:80

table ip x {
}
)");
}

TEST_CASE("networks as a flowchart of Mermaid") {
  CHECK(wiring_mermaid(shop()) == R"(flowchart LR
  net_shop_default{{"shop_default<br/>bridge cmpb0<br/>10.89.0.0/24<br/>fd00::/64"}}
  box_shop_db_1["shop-db-1"]
  box_shop_web_1["shop-web-1"]
  net_hid_den{{"hid#quot;den<br/>bridge cmpb1, internal<br/>10.89.1.0/24"}}
  port_0_0_0_0_8080_tcp(["0.0.0.0:8080/tcp"])
  box_shop_db_1 ---|"eth0 10.89.0.2/24"| net_shop_default
  box_shop_web_1 ---|"eth0 10.89.0.3/24 fd00::3/64"| net_shop_default
  box_shop_db_1 ---|"eth1 10.89.1.2/24"| net_hid_den
  port_0_0_0_0_8080_tcp -->|"80"| box_shop_web_1
)");
}

TEST_CASE("networks as a graph of Graphviz") {
  CHECK(wiring_graphviz(shop()) == R"(digraph networks {
  rankdir=LR;
  net_shop_default [shape=ellipse, label="shop_default\nbridge cmpb0\n10.89.0.0/24\nfd00::/64"];
  box_shop_db_1 [shape=box, label="shop-db-1"];
  box_shop_web_1 [shape=box, label="shop-web-1"];
  net_hid_den [shape=ellipse, label="hid\"den\nbridge cmpb1, internal\n10.89.1.0/24"];
  port_0_0_0_0_8080_tcp [shape=cds, label="0.0.0.0:8080/tcp"];
  box_shop_db_1 -> net_shop_default [label="eth0 10.89.0.2/24", dir=none];
  box_shop_web_1 -> net_shop_default [label="eth0 10.89.0.3/24 fd00::3/64", dir=none];
  box_shop_db_1 -> net_hid_den [label="eth1 10.89.1.2/24", dir=none];
  port_0_0_0_0_8080_tcp -> box_shop_web_1 [label="80"];
}
)");
}

TEST_CASE("a project without networks is an empty drawing") {
  CHECK(wiring_text({}).empty());
  CHECK(wiring_mermaid({}) == "flowchart LR\n");
}

}  // namespace cmp::cli
