#pragma once
// The connections of the cli: frames in, events out. A client that reads slowly is buffered for, never waited for.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "supervisor/event_loop.hpp"
#include "supervisor/protocol.hpp"

namespace cmp::supervisor {

using SessionId = std::uint64_t;

class Sessions {
 public:
  /// With the descriptors that came along.
  using Handler = std::function<void(SessionId, Request, std::vector<UniqueFd>)>;
  /// A container is no longer held.
  using OnRelease = std::function<void(const std::string&)>;
  /// The last client has gone.
  using OnAlone = std::function<void()>;

  Sessions(EventLoop& loop, UniqueFd listener, Handler handler, OnRelease on_release, OnAlone on_alone);

  /// Accepts from now on.
  [[nodiscard]] Status listen();
  /// Sends to one; an id that is gone is ignored. A descriptor goes along only if nothing else waits to be sent.
  void send(SessionId session, const Event& event, int attached = -1);
  /// Sends to all that watch.
  void broadcast(const Event& event);
  /// \param held  containers that are not to be removed by themselves before the session is closed
  void set_watching(SessionId session, std::vector<std::string> held);
  [[nodiscard]] bool is_held(const std::string& container) const;
  /// Accepts nobody any more.
  void stop_listening();

  [[nodiscard]] bool empty() const { return sessions_.empty(); }

  /// Everything that is buffered has been sent or its reader is gone.
  [[nodiscard]] bool flushed() const;

 private:
  struct Session {
    UniqueFd fd;
    FrameReader frames;
    std::string unsent;
    bool watching = false;
    std::vector<std::string> held;
  };

  void accept();
  void on_ready(SessionId id, std::uint32_t events);
  void read(SessionId id);
  void flush(SessionId id, int attached = -1);
  void close(SessionId id);

  EventLoop& loop_;
  UniqueFd listener_;
  Handler handler_;
  OnRelease on_release_;
  OnAlone on_alone_;
  std::map<SessionId, Session> sessions_;
  SessionId next_id_ = 1;
};

}  // namespace cmp::supervisor
