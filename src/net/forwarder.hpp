#pragma once
// Published ports in user space: what a client of the host sends goes to the container's address and back. State
// machines for somebody else's event loop; they never block, start no timer and know no epoll.

#include <array>
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "net/socket_address.hpp"

namespace cmp::net {

/// What a state machine waits for on a descriptor: EPOLLIN, EPOLLOUT or both. With 0 the descriptor must not be
/// registered at all, since epoll reports hang-ups even of those it has no wish for.
struct Interest {
  int fd = -1;
  std::uint32_t events = 0;
};

/// One TCP connection. What comes in small pieces is read and written; a stream is spliced, without coming to user
/// space. A side that ends its half is passed
/// on as a half-close, a reset as a reset; who reads slowly slows down the other side: at most a pipe (1 MiB) each way
/// waits here. SIGPIPE must be ignored in the process (splice(2) to a closed socket raises it).
class Forward {
 public:
  /// Starts connecting to the container. `client` was accepted by a listener of bind_published. Error: no descriptors
  /// left, or the connection refused at once.
  [[nodiscard]] static Result<Forward> start(UniqueFd client, const SocketAddress& upstream);

  /// Of the client and the upstream connection. Changes with each call of on_ready; no events once it is done.
  [[nodiscard]] std::array<Interest, 2> wanted() const;
  /// Goes on after epoll reported `events` for one of the two; moves about two mebibytes at most, so that other
  /// connections get their turn.
  void on_ready(int fd, std::uint32_t events);

  /// Nothing is left to do: to be destroyed, which closes both connections.
  [[nodiscard]] bool done() const { return done_; }

  /// Why it ended early: "connect to 10.89.0.2:80: connection refused"; "" otherwise.
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  /// One way through.
  struct Flow {
    int from = -1;
    int to = -1;
    UniqueFd pipe_out;  ///< none before there is a stream
    UniqueFd pipe_in;
    std::size_t room = 64U << 10U;  ///< bytes that the pipe takes
    std::size_t held = 0;           ///< bytes in the pipe
    bool ended = false;             ///< `from` has no more
    bool closed = false;            ///< `to` was told so
  };

  Forward() = default;
  [[nodiscard]] bool failed_to_connect(int fd);
  void pump(Flow& flow);
  /// Without a pipe; into the pipe and out of it. False when the kernel has to be waited for.
  [[nodiscard]] bool copy(Flow& flow);
  [[nodiscard]] bool fill(Flow& flow);
  [[nodiscard]] bool drain(Flow& flow);
  [[nodiscard]] bool has_read(Flow& flow, ssize_t got);
  void end(Flow& flow);
  void abandon(Flow& flow);
  void give_up(std::string why);

  UniqueFd client_;
  UniqueFd upstream_;
  SocketAddress address_;
  Flow request_;
  Flow response_;
  bool connected_ = false;  ///< the container was reached
  bool done_ = false;
  std::string failure_;
};

}  // namespace cmp::net
