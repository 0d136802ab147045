#include "transfer/proxies.hpp"

#include <map>
#include <string>

#include <doctest/doctest.h>

using cmp::transfer::proxies_of;

TEST_CASE("proxies: variables mean what they mean to Docker") {
  struct Case {
    std::map<std::string, std::string> variables;
    std::string plain, exceptions;
  };

  const Case cases[] = {
      {{}, "", "localhost,127.0.0.0/8,::1"},
      {{{"HTTP_PROXY", "http://p:1"}}, "http://p:1", "localhost,127.0.0.0/8,::1"},
      {{{"HTTP_PROXY", "http://p:1"}, {"http_proxy", "http://q:2"}}, "", "localhost,127.0.0.0/8,::1"},
      {{{"HTTP_PROXY", "http://p:1"}, {"REQUEST_METHOD", "GET"}}, "", "localhost,127.0.0.0/8,::1"},
      {{{"NO_PROXY", ".corp,10.0.0.0/8"}}, "", ".corp,10.0.0.0/8,localhost,127.0.0.0/8,::1"},
      {{{"NO_PROXY", "a"}, {"no_proxy", "b"}}, "", "b,localhost,127.0.0.0/8,::1"},
      {{{"no_proxy", "*"}}, "", "*"},
  };
  for (const Case& one : cases) {
    const auto found = proxies_of([&](const char* name) {
      const auto it = one.variables.find(name);
      return it == one.variables.end() ? std::string() : it->second;
    });
    CHECK(found.plain == one.plain);
    CHECK(found.exceptions == one.exceptions);
  }
}
