#include "transfer/http.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace {

using namespace cmp;            // NOLINT(google-build-using-namespace): a test of this namespace
using namespace cmp::transfer;  // NOLINT(google-build-using-namespace): a test of this namespace

/// A server on loopback that answers when it is told to.
struct Server {
  UniqueFd listening{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  UniqueFd client;
  sockaddr_in address{};

  Server() {
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);  // NOLINT: the socket API's own way
    REQUIRE(::bind(listening.get(), plain, size) == 0);
    REQUIRE(::listen(listening.get(), 1) == 0);
    REQUIRE(::getsockname(listening.get(), plain, &size) == 0);
  }

  [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}", ::ntohs(address.sin_port)); }

  /// Whether a request has come.
  bool asked() {
    if (!client) {
      client = UniqueFd(::accept4(listening.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    }
    std::array<char, 4096> request{};
    return client && ::read(client.get(), request.data(), request.size()) > 0;
  }

  void answer(const std::string& text) const {
    REQUIRE(::write(client.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
};

}  // namespace

TEST_CASE("nobody waits once an answer is there") {
  Server server;
  const Endpoint endpoint{.url = server.url(), .host = "127.0.0.1"};
  HttpRequest request;
  request.url = server.url() + "/";
  Http http;
  std::string body;
  http.start(endpoint, request, [&](const HttpResponse& response, HttpFailure*) { body = response.body; });
  for (int turn = 0; turn < 500 && !server.asked(); ++turn) {
    http.drive({}, 10);
  }
  server.answer("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere");
  const MonotonicTime begin = monotonic_now();
  http.drive({}, 5000);
  CHECK(body == "here");
  CHECK(monotonic_now() - begin < std::chrono::seconds(2));
}
