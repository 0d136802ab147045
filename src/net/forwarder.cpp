#include "net/forwarder.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/core.h>

namespace cmp::net {

namespace {

constexpr std::size_t kPipeBytes = 64U << 10U;
constexpr int kTurns = 16;  // pipefuls a call of on_ready moves at most
constexpr std::uint32_t kTrouble = EPOLLHUP | EPOLLERR;

Status make_pipe(UniqueFd& out, UniqueFd& in) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return sys_error("pipe");
  }
  out.reset(ends[0]);
  in.reset(ends[1]);
  return {};
}

/// Small writes go on at once: whoever wrote them has done the waiting already if any was wanted.
void send_at_once(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/// Makes close(2) send a reset.
void reset_on_close(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

ssize_t splice_some(int from, int to, std::size_t size) {
  ssize_t moved = 0;
  do {
    moved = ::splice(from, nullptr, to, nullptr, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  } while (moved < 0 && errno == EINTR);
  return moved;
}

}  // namespace

Result<Forward> Forward::start(UniqueFd client, const SocketAddress& upstream) {
  Forward forward;
  forward.client_ = std::move(client);
  forward.address_ = upstream;
  CMP_TRY(forward.upstream_, open_socket(SOCK_STREAM, upstream));
  CMP_CHECK(make_pipe(forward.request_.pipe_out, forward.request_.pipe_in));
  CMP_CHECK(make_pipe(forward.response_.pipe_out, forward.response_.pipe_in));
  const int client_fd = forward.client_.get();
  const int upstream_fd = forward.upstream_.get();
  forward.request_.from = forward.response_.to = client_fd;
  forward.request_.to = forward.response_.from = upstream_fd;
  send_at_once(client_fd);
  send_at_once(upstream_fd);
  if (auto started = connect_socket(upstream_fd, upstream); !started) {
    reset_on_close(client_fd);
    return std::move(started).error();
  }
  return forward;
}

std::array<Interest, 2> Forward::wanted() const {
  std::uint32_t client = 0;
  std::uint32_t upstream = 0;
  if (!done_ && !connected_) {
    upstream = EPOLLOUT;
  } else if (!done_) {
    // A way whose pipe holds something waits for its reader only: that is the whole of the back-pressure.
    const auto reads = [](const Flow& flow) { return !flow.ended && flow.held == 0 ? EPOLLIN : 0U; };
    const auto writes = [](const Flow& flow) { return flow.held > 0 ? EPOLLOUT : 0U; };
    client = reads(request_) | writes(response_);
    upstream = reads(response_) | writes(request_);
  }
  return {Interest{client_.get(), client}, Interest{upstream_.get(), upstream}};
}

void Forward::on_ready(int fd, std::uint32_t events) {
  if (done_) {
    return;
  }
  if (!connected_) {
    finish_connect();
    return;
  }
  for (Flow* flow : {&request_, &response_}) {
    const bool readable = fd == flow->from && (events & (EPOLLIN | kTrouble)) != 0;
    const bool writable = fd == flow->to && (events & (EPOLLOUT | kTrouble)) != 0;
    if (!done_ && (readable || writable)) {
      pump(*flow);
    }
  }
  done_ = done_ || (request_.closed && response_.closed);
}

void Forward::finish_connect() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(upstream_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    give_up(sys_error(fmt::format("connect to {}", format_socket_address(address_)), error).message);
    return;
  }
  connected_ = true;
}

void Forward::pump(Flow& flow) {
  for (int turn = 0; turn < kTurns && !flow.closed && !done_; ++turn) {
    if (flow.held == 0 && !flow.ended && !fill(flow)) {
      return;
    }
    if (flow.held > 0 && !drain(flow)) {
      return;
    }
    if (flow.ended && flow.held == 0 && !flow.closed) {
      ::shutdown(flow.to, SHUT_WR);
      flow.closed = true;
    }
  }
}

bool Forward::fill(Flow& flow) {
  const ssize_t got = splice_some(flow.from, flow.pipe_in.get(), kPipeBytes);
  if (got < 0 && errno == EAGAIN) {
    return false;
  }
  if (got < 0) {
    give_up(sys_error(flow.from == client_.get() ? "read from the client" : "read from the container").message);
    return false;
  }
  flow.held = static_cast<std::size_t>(got);
  flow.ended = got == 0;
  return true;
}

bool Forward::drain(Flow& flow) {
  while (flow.held > 0) {
    const ssize_t put = splice_some(flow.pipe_out.get(), flow.to, flow.held);
    if (put < 0 && errno == EAGAIN) {
      return false;
    }
    if (put <= 0) {
      // The reader is gone; what it sent before it went may still be on the other way.
      flow.held = 0;
      flow.ended = true;
      flow.closed = true;
      return true;
    }
    flow.held -= static_cast<std::size_t>(put);
  }
  return true;
}

void Forward::give_up(std::string why) {
  reset_on_close(client_.get());
  reset_on_close(upstream_.get());
  failure_ = std::move(why);
  done_ = true;
}

}  // namespace cmp::net
