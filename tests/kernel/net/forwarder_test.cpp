#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include <doctest/doctest.h>

#include "kernel/net/private_network.hpp"
#include "kernel/net/traffic.hpp"
#include "net/published.hpp"

namespace cmp::net::testing {

namespace {

constexpr std::size_t kTenMegabytes = 10U << 20U;
const SocketAddress kServer{0x0a590102, 80};

/// A host with one container, 10.89.1.2, that listens on port 80, published at 127.0.0.1:`port`.
struct Stage {
  UniqueFd container;
  UniqueFd server;
  UniqueFd published;
  std::uint16_t port = 0;
};

Stage make_stage() {
  ::signal(SIGPIPE, SIG_IGN);
  enter_private_network();
  auto links = Links::open();
  REQUIRE(links);
  REQUIRE(links->create_bridge(bridge_of("br1", 1)));
  Stage stage;
  stage.container = make_namespace();
  REQUIRE(links->attach(stage.container.get(), {endpoint_of("br1", 1, 2)}));
  auto server = tcp_listener_in(stage.container.get(), "10.89.1.2", 80);
  auto published = bind_published("127.0.0.1", 0, Protocol::kTcp);
  REQUIRE(server);
  REQUIRE(published);
  stage.server = std::move(*server);
  stage.port = *bound_port(published->get());
  stage.published = std::move(*published);
  return stage;
}

Forward start(const Stage& stage, const SocketAddress& upstream = kServer) {
  auto forward = Forward::start(accept_one(stage.published.get()), upstream);
  REQUIRE(forward);
  return std::move(*forward);
}

}  // namespace

TEST_CASE("ten megabytes each way, the answer after the request's half-close") {
  const Stage stage = make_stage();
  Peer server([&] {
    const UniqueFd connection = accept_one(stage.server.get());
    const bool whole = receive_pattern(connection.get()) == kTenMegabytes;
    return whole && send_pattern(connection.get(), kTenMegabytes) ? 0 : 1;
  });
  Peer client([&] {
    const UniqueFd connection = connect_local(stage.port);
    const bool sent = send_pattern(connection.get(), kTenMegabytes);
    ::shutdown(connection.get(), SHUT_WR);
    return sent && receive_pattern(connection.get()) == kTenMegabytes ? 0 : 1;
  });
  {
    Forward forward = start(stage);
    CHECK(run(forward));
    CHECK(forward.failure().empty());
  }
  CHECK(server.result() == 0);
  CHECK(client.result() == 0);
}

TEST_CASE("the container may end its half first and go on reading") {
  const Stage stage = make_stage();
  Peer server([&] {
    const UniqueFd connection = accept_one(stage.server.get());
    const bool sent = send_pattern(connection.get(), 1000);
    ::shutdown(connection.get(), SHUT_WR);
    return sent && receive_pattern(connection.get()) == 100000 ? 0 : 1;
  });
  Peer client([&] {
    const UniqueFd connection = connect_local(stage.port);
    const bool received = receive_pattern(connection.get()) == 1000;
    return received && send_pattern(connection.get(), 100000) ? 0 : 1;
  });
  {
    Forward forward = start(stage);
    CHECK(run(forward));
  }
  CHECK(server.result() == 0);
  CHECK(client.result() == 0);
}

TEST_CASE("a container that does not read stops its client, and nothing is lost") {
  const Stage stage = make_stage();
  const UniqueFd client = connect_local(stage.port);
  Forward forward = start(stage);
  std::size_t sent = 0;
  const std::vector<char> zeros(65536);
  for (bool moving = true; moving;) {
    const ssize_t put = ::send(client.get(), zeros.data(), zeros.size(), MSG_DONTWAIT);
    sent += put > 0 ? static_cast<std::size_t>(put) : 0;
    moving = step(forward, std::chrono::milliseconds(put > 0 ? 0 : 300)) || put > 0;
  }
  CHECK((forward.wanted()[0].events & EPOLLIN) == 0);
  CHECK((forward.wanted()[1].events & EPOLLOUT) != 0);
  CHECK(sent < 100U << 20U);
  ::shutdown(client.get(), SHUT_WR);
  Peer server([&] {
    const UniqueFd connection = accept_one(stage.server.get());
    return receive_zeros(connection.get()) == static_cast<ssize_t>(sent) ? 0 : 1;
  });
  CHECK(run(forward));
  CHECK(server.result() == 0);
}

TEST_CASE("a port nobody serves in the container is a reset for the client, with a reason for us") {
  const Stage stage = make_stage();
  Peer client([&] {
    const UniqueFd connection = connect_local(stage.port);
    return receive_pattern(connection.get()) == -1 && errno == ECONNRESET ? 0 : 1;
  });
  {
    Forward forward = start(stage, {kServer.ip, 81});
    CHECK(run(forward));
    CHECK(forward.failure() == "connect to 10.89.1.2:81: connection refused");
  }
  CHECK(client.result() == 0);
}

TEST_CASE("a reset by the container is passed on as a reset") {
  const Stage stage = make_stage();
  Peer client([&] {
    const UniqueFd connection = connect_local(stage.port);
    return send_pattern(connection.get(), 1) && receive_pattern(connection.get()) == -1 && errno == ECONNRESET ? 0 : 1;
  });
  Peer server([&] {
    const UniqueFd connection = accept_one(stage.server.get());
    pollfd request{.fd = connection.get(), .events = POLLIN};
    return ::poll(&request, 1, 5000) == 1 ? 0 : 1;  // what is closed with unread bytes is reset
  });
  {
    Forward forward = start(stage);
    CHECK(run(forward));
    CHECK(forward.failure() == "read from the container: connection reset by peer");
  }
  CHECK(server.result() == 0);
  CHECK(client.result() == 0);
}

TEST_CASE("what the container sent before it went away still arrives") {
  const Stage stage = make_stage();
  const UniqueFd client = connect_local(stage.port);
  Forward forward = start(stage);
  step(forward, std::chrono::seconds(5));
  {
    const UniqueFd connection = accept_one(stage.server.get());
    REQUIRE(::send(connection.get(), "too large", 9, 0) == 9);
  }
  REQUIRE(send_pattern(client.get(), 1000));
  CHECK(step(forward, std::chrono::seconds(5)));
  char buffer[64];
  CHECK(::recv(client.get(), buffer, sizeof buffer, 0) == 9);
}

}  // namespace cmp::net::testing
