#include "supervisor/log_shipping.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "net/socket_address.hpp"
#include "state/log_sources.hpp"
#include "sys/file.hpp"
#include "sys/socket.hpp"

namespace cmp::supervisor {

namespace {

constexpr std::uint64_t kBytesAtOnce = 64U << 10U;
/// Then others have their turn.
constexpr int kBatchesInARow = 8;
constexpr Nanoseconds kUntilRetry = std::chrono::seconds(1);

state::LogPlace read_place(const std::string& file) {
  state::LogPlace place;
  const auto text = sys::read_file(file);
  if (text && text->size() == sizeof place) {
    std::memcpy(&place, text->data(), sizeof place);
  }
  return place;
}

std::string this_host() {
  utsname names{};
  return ::uname(&names) == 0 ? names.nodename : "-";
}

}  // namespace

LogShipping::LogShipping(EventLoop& loop, const state::Paths& paths, const engine::LogTarget& target,
                         const state::ContainerRecord& record)
    : loop_(loop),
      place_file_(paths.log_file(record.name, state::kSentPlace)),
      sender_(engine::log_sender(target, record, this_host(), ::getpid())),
      reader_(paths, record.name, read_place(place_file_)) {}

LogShipping::~LogShipping() {
  loop_.cancel(timer_);
  close();
}

void LogShipping::close() {
  if (socket_) {
    loop_.unwatch(socket_.get());
    socket_.reset();
  }
}

bool LogShipping::connect() {
  const std::string& address = sender_.target.address;
  if (address.starts_with('/')) {
    socket_ = sys::connect_datagrams(address).value_or(UniqueFd());
    return static_cast<bool>(socket_);
  }
  const auto to = engine::udp_address(address);
  auto opened = to ? net::open_socket(SOCK_DGRAM, *to) : Result<UniqueFd>(to.error());
  if (!opened || !net::connect_socket(opened->get(), *to)) {
    return false;
  }
  socket_ = *std::move(opened);
  return true;
}

/// \returns whether all that waited has gone. If not, it is tried again by itself.
bool LogShipping::flush() {
  while (!waiting_.empty()) {
    if (!socket_ && !connect()) {
      retry();
      return false;
    }
    const std::string& message = waiting_.front();
    const ssize_t sent = ::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    // One that cannot go at all (EMSGSIZE) must not hold up all others.
    if (sent >= 0 || errno == EMSGSIZE) {
      waiting_.pop_front();
    } else if (errno == EAGAIN) {
      static_cast<void>(loop_.watch(socket_.get(), EPOLLOUT, [this](std::uint32_t) {
        loop_.unwatch(socket_.get());
        send();
      }));
      return false;
    } else if (errno != EINTR) {
      close();
      retry();
      return false;
    }
  }
  return true;
}

void LogShipping::retry() {
  loop_.cancel(timer_);
  timer_ = loop_.after(kUntilRetry, [this] {
    timer_ = 0;
    send();
  });
}

void LogShipping::save_place() {
  const auto file = sys::open_file(place_file_, O_WRONLY | O_CREAT, 0640);
  const state::LogPlace place = reader_.place();
  // A place that is not written down costs lines that are sent twice.
  unsaved_ = !file || ::pwrite(file->get(), &place, sizeof place, 0) != static_cast<ssize_t>(sizeof place);
}

void LogShipping::send() {
  for (int batch = 0; batch < kBatchesInARow; ++batch) {
    if (timer_ != 0 || !flush()) {
      return;
    }
    if (unsaved_) {
      save_place();
    }
    const auto lines = reader_.read(ended_, kBytesAtOnce);
    if (!lines || lines->empty()) {
      return;
    }
    for (const state::LogLine& line : *lines) {
      std::ranges::move(engine::log_messages(sender_, line), std::back_inserter(waiting_));
    }
    unsaved_ = true;
  }
  timer_ = loop_.after(Nanoseconds(0), [this] {
    timer_ = 0;
    send();
  });
}

void LogShipping::more() {
  ended_ = false;
  send();
}

void LogShipping::finish() {
  ended_ = true;
  send();
}

}  // namespace cmp::supervisor
