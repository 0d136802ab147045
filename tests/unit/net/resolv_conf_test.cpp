#include "net/resolv_conf.hpp"

#include <doctest/doctest.h>

namespace cmp::net {

using Words = std::vector<std::string>;

TEST_CASE("resolv.conf is read: servers add up, the last search counts, comments do not") {
  const ResolvConf conf = parse_resolv_conf(
      "# nameserver 9.9.9.9\n; options rotate\nnameserver 10.0.0.1\n  nameserver\t2001:db8::1 # second\n"
      "domain old.example\nsearch a.example b.example\noptions edns0 ndots:2\noptions rotate\nsortlist 1.2.3.4\n"
      "nameserver\nnameserver 10.0.0.2");
  CHECK(conf.nameservers == Words{"10.0.0.1", "2001:db8::1", "10.0.0.2"});
  CHECK(conf.search == Words{"a.example", "b.example"});
  CHECK(conf.options == Words{"edns0", "ndots:2", "rotate"});
  CHECK(parse_resolv_conf("search a b\ndomain c\n").search == Words{"c"});
  CHECK(parse_resolv_conf("").nameservers.empty());
}

TEST_CASE("a container asks us, with the host's search and options but ndots:0") {
  CHECK(container_resolv_conf({}, {}, {}) == "nameserver 127.0.0.11\noptions ndots:0\n");
  const ResolvConf host{{"10.0.0.1"}, {"a.example", "b.example"}, {"edns0", "ndots:2"}};
  CHECK(container_resolv_conf(host, {}, {}) ==
        "nameserver 127.0.0.11\nsearch a.example b.example\noptions edns0 ndots:0\n");
}

TEST_CASE("what the service says about search and options replaces the host's") {
  const ResolvConf host{{"10.0.0.1"}, {"a.example"}, {"edns0"}};
  CHECK(container_resolv_conf(host, {"c.example"}, {"ndots:3", "rotate"}) ==
        "nameserver 127.0.0.11\nsearch c.example\noptions ndots:3 rotate\n");
  CHECK(container_resolv_conf(host, {"."}, {"rotate"}) == "nameserver 127.0.0.11\noptions rotate ndots:0\n");
}

}  // namespace cmp::net
