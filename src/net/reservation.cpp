#include "net/reservation.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>

#include <utility>

#include "sys/file.hpp"

namespace cmp::net {

Result<Reservation> Reservation::take(Nanoseconds patience) {
  CMP_TRY(UniqueFd fd, sys::open_file("/proc/self/ns/net", O_RDONLY));
  Reservation reservation(std::move(fd));
  const MonotonicTime deadline = monotonic_now() + patience;
  constexpr int kPauseMs = 1;
  for (;;) {
    if (::flock(reservation.fd_.get(), LOCK_EX | LOCK_NB) == 0) {
      reservation.held_ = true;
      return reservation;
    }
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return sys_error("lock the network namespace");
    }
    if (monotonic_now() > deadline) {
      return reservation;
    }
    // The kernel has no flock(2) with a deadline.
    ::poll(nullptr, 0, kPauseMs);
  }
}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  release();
  fd_ = std::move(other.fd_);
  held_ = std::exchange(other.held_, false);
  return *this;
}

Reservation::~Reservation() {
  release();
}

void Reservation::release() {
  // Closing is not enough: a child that was cloned meanwhile has the same open file.
  if (held()) {
    ::flock(fd_.get(), LOCK_UN);
  }
  fd_.reset();
  held_ = false;
}

}  // namespace cmp::net
