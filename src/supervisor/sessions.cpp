#include "supervisor/sessions.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "sys/ancillary.hpp"

namespace cmp::supervisor {

Sessions::Sessions(EventLoop& loop, UniqueFd listener, Handler handler, OnRelease on_release, OnAlone on_alone)
    : loop_(loop),
      listener_(std::move(listener)),
      handler_(std::move(handler)),
      on_release_(std::move(on_release)),
      on_alone_(std::move(on_alone)) {}

Status Sessions::listen() {
  // The guardian holds the same socket: it is made non-blocking for both.
  const int flags = ::fcntl(listener_.get(), F_GETFL);
  ::fcntl(listener_.get(), F_SETFL, flags | O_NONBLOCK);
  return loop_.watch(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept(); });
}

void Sessions::stop_listening() {
  loop_.unwatch(listener_.get());
}

void Sessions::accept() {
  for (;;) {
    UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) {
      return;
    }
    const SessionId id = next_id_++;
    if (!loop_.watch(fd.get(), EPOLLIN, [this, id](std::uint32_t events) { on_ready(id, events); })) {
      return;
    }
    sessions_[id].fd = std::move(fd);
    send(id, {.type = EventType::kHello, .message = build_text()});
  }
}

void Sessions::on_ready(SessionId id, std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) {
    flush(id);
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    read(id);
  }
}

void Sessions::read(SessionId id) {
  const auto it = sessions_.find(id);
  if (it == sessions_.end()) {
    return;
  }
  const auto open = it->second.frames.fill_once(it->second.fd.get());
  std::vector<Request> requests;
  for (;;) {
    const auto text = it->second.frames.next();
    if (!text || !*text) {
      break;
    }
    if (auto request = decode_request(**text)) {
      requests.push_back(*std::move(request));
    }
  }
  // They came with the first bytes of their request, so with the first one that is whole now.
  std::vector<UniqueFd> attached = requests.empty() ? std::vector<UniqueFd>() : it->second.frames.take_attached();
  if (!open || !*open) {
    close(id);
  }
  for (Request& request : requests) {
    handler_(id, std::move(request), std::exchange(attached, {}));
  }
}

void Sessions::send(SessionId session, const Event& event, int attached) {
  const auto it = sessions_.find(session);
  if (it != sessions_.end()) {
    const bool idle = it->second.unsent.empty();
    it->second.unsent += frame(encode(event));
    flush(session, idle ? attached : -1);
  }
}

void Sessions::broadcast(const Event& event) {
  std::vector<SessionId> watching;
  for (const auto& [id, session] : sessions_) {
    if (session.watching) {
      watching.push_back(id);
    }
  }
  for (const SessionId id : watching) {
    send(id, event);
  }
}

bool Sessions::is_held(const std::string& container) const {
  return std::any_of(sessions_.begin(), sessions_.end(), [&](const auto& entry) {
    return std::ranges::find(entry.second.held, container) != entry.second.held.end();
  });
}

void Sessions::set_watching(SessionId session, std::vector<std::string> held) {
  if (const auto it = sessions_.find(session); it != sessions_.end()) {
    it->second.watching = true;
    it->second.held = std::move(held);
  }
}

void Sessions::flush(SessionId id, int attached) {
  const auto it = sessions_.find(id);
  if (it == sessions_.end()) {
    return;
  }
  Session& session = it->second;
  while (!session.unsent.empty()) {
    const auto sent =
        sys::send_with(session.fd.get(), session.unsent, std::span<const int>(&attached, attached < 0 ? 0 : 1));
    if (!sent && sent.error().os_errno != EAGAIN) {
      return close(id);
    }
    if (!sent) {
      break;
    }
    session.unsent.erase(0, *sent);
    attached = -1;
  }
  const std::uint32_t events = session.unsent.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT;
  static_cast<void>(loop_.watch(session.fd.get(), events, [this, id](std::uint32_t ready) { on_ready(id, ready); }));
}

void Sessions::close(SessionId id) {
  const auto it = sessions_.find(id);
  if (it != sessions_.end()) {
    loop_.unwatch(it->second.fd.get());
    const auto held = std::move(it->second.held);
    sessions_.erase(it);
    for (const std::string& container : held) {
      on_release_(container);
    }
    if (sessions_.empty()) {
      on_alone_();
    }
  }
}

bool Sessions::flushed() const {
  for (const auto& [id, session] : sessions_) {
    if (!session.unsent.empty()) {
      return false;
    }
  }
  return true;
}

}  // namespace cmp::supervisor
