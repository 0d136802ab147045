#include "transfer/proxies.hpp"

#include <cstdlib>

namespace cmp::transfer {

Proxies proxies_of(const std::function<std::string(const char*)>& variable) {
  Proxies found;
  // A server of CGI scripts puts a client's header "Proxy:" into HTTP_PROXY (CVE-2016-5385).
  if (variable("http_proxy").empty() && variable("REQUEST_METHOD").empty()) {
    found.plain = variable("HTTP_PROXY");
  }
  found.exceptions = variable("no_proxy");
  if (found.exceptions.empty()) {
    found.exceptions = variable("NO_PROXY");
  }
  if (found.exceptions != "*") {
    found.exceptions += (found.exceptions.empty() ? "" : ",") + std::string("localhost,127.0.0.0/8,::1");
  }
  return found;
}

Proxies proxies_from_environment() {
  return proxies_of([](const char* name) -> std::string {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
    return value == nullptr ? "" : value;
  });
}

}  // namespace cmp::transfer
