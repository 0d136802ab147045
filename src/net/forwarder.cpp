#include "net/forwarder.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>

namespace cmp::net {

namespace {

constexpr std::size_t kSmall = 16U << 10U;       // what a read that fills it is followed by goes through a pipe
constexpr std::size_t kLargestPipe = 1U << 20U;  // the most that pipe(7) gives without asking
constexpr std::size_t kAtOnce = 2U << 20U;       // bytes a call of on_ready moves, about
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

/// A stream that fills its pipe is worth a larger one: each splice costs the same, whatever it moves.
std::size_t widen(int pipe) {
  const int bytes = ::fcntl(pipe, F_SETPIPE_SZ, static_cast<int>(kLargestPipe));
  return bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
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
  const int client_fd = forward.client_.get();
  const int upstream_fd = forward.upstream_.get();
  forward.request_.from = forward.response_.to = client_fd;
  forward.request_.to = forward.response_.from = upstream_fd;
  send_at_once(upstream_fd);  // the client's has it from the listener
  if (auto started = connect_socket(upstream_fd, upstream); !started) {
    reset_on_close(client_fd);
    return std::move(started).error();
  }
  return forward;
}

std::array<Interest, 2> Forward::wanted() const {
  std::uint32_t client = 0;
  std::uint32_t upstream = 0;
  if (!done_) {
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
  for (Flow* flow : {&request_, &response_}) {
    const bool readable = fd == flow->from && (events & (EPOLLIN | kTrouble)) != 0;
    const bool writable = fd == flow->to && (events & (EPOLLOUT | kTrouble)) != 0;
    if (!done_ && (readable || writable)) {
      pump(*flow);
    }
  }
  done_ = done_ || (request_.closed && response_.closed);
}

/// Whether errno says that the container was never reached: nothing went to it or came from it before.
bool Forward::failed_to_connect(int fd) {
  if (connected_ || fd != upstream_.get() || errno == EAGAIN) {
    return false;
  }
  give_up(sys_error(fmt::format("connect to {}", format_socket_address(address_))).message);
  return true;
}

void Forward::pump(Flow& flow) {
  for (std::size_t moved = 0; moved < kAtOnce && !flow.closed && !done_;) {
    if (flow.held == 0 && !flow.ended && !(flow.pipe_in ? fill(flow) : copy(flow))) {
      return;
    }
    moved += std::max(flow.held, kSmall);
    if (flow.held > 0 && !drain(flow)) {
      return;
    }
    if (flow.ended && flow.held == 0 && !flow.closed) {
      end(flow);
    }
  }
}

/// With the second way nothing is left: what closes both connections says so to both.
void Forward::end(Flow& flow) {
  const Flow& other = &flow == &request_ ? response_ : request_;
  if (!other.closed) {
    ::shutdown(flow.to, SHUT_WR);
  }
  flow.closed = true;
}

bool Forward::has_read(Flow& flow, ssize_t got) {
  if (got < 0 && (errno == EAGAIN || failed_to_connect(flow.from))) {
    return false;
  }
  if (got < 0) {
    give_up(sys_error(flow.from == client_.get() ? "read from the client" : "read from the container").message);
    return false;
  }
  connected_ = connected_ || flow.from == upstream_.get();
  flow.ended = got == 0;
  return true;
}

/// Questions and short answers: two calls, and neither pipe nor its descriptors. What does not fill the buffer is all
/// there was; epoll tells of what comes after it.
bool Forward::copy(Flow& flow) {
  std::array<char, kSmall> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv
  const ssize_t got = ::recv(flow.from, buffer.data(), buffer.size(), 0);
  if (!has_read(flow, got) || flow.ended) {
    return flow.ended;
  }
  const ssize_t put = ::send(flow.to, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
  if (put < 0 && errno != EAGAIN) {
    abandon(flow);
    return true;
  }
  connected_ = connected_ || (put >= 0 && flow.to == upstream_.get());
  const auto left = static_cast<std::size_t>(got - std::max<ssize_t>(put, 0));
  if (left == 0 && got < static_cast<ssize_t>(kSmall)) {
    return false;
  }
  if (const Status made = make_pipe(flow.pipe_out, flow.pipe_in); !made) {
    give_up(made.error().message);
    return false;
  }
  // An empty pipe has room for it.
  const char* const rest = buffer.data() + (static_cast<std::size_t>(got) - left);
  flow.held = left == 0 ? 0 : static_cast<std::size_t>(std::max<ssize_t>(::write(flow.pipe_in.get(), rest, left), 0));
  return true;
}

bool Forward::fill(Flow& flow) {
  const ssize_t got = splice_some(flow.from, flow.pipe_in.get(), flow.room);
  if (!has_read(flow, got)) {
    return false;
  }
  flow.held = static_cast<std::size_t>(got);
  if (flow.held >= flow.room / 2 && flow.room < kLargestPipe) {
    flow.room = std::max(widen(flow.pipe_in.get()), flow.room);
  }
  return true;
}

/// The reader is gone; what it sent before it went may still be on the other way.
void Forward::abandon(Flow& flow) {
  if (failed_to_connect(flow.to)) {
    return;
  }
  flow.held = 0;
  flow.ended = true;
  flow.closed = true;
}

bool Forward::drain(Flow& flow) {
  while (flow.held > 0) {
    const ssize_t put = splice_some(flow.pipe_out.get(), flow.to, flow.held);
    if (put < 0 && errno == EAGAIN) {
      return false;
    }
    if (put <= 0) {
      abandon(flow);
      return true;
    }
    connected_ = connected_ || flow.to == upstream_.get();
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
