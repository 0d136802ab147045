#pragma once
// Sends what a container has written on to the journal or to syslog (`logging: {driver: journald}`). It reads the same
// files as `logs` and notes how far it has come: nobody waits for a journal that is slow or away, and a supervisor that
// is killed loses no line; its successor may send those of one moment again.

#include <deque>
#include <string>

#include "base/unique_fd.hpp"
#include "engine/log_messages.hpp"
#include "state/log_store.hpp"
#include "supervisor/event_loop.hpp"

namespace cmp::supervisor {

class LogShipping {
 public:
  LogShipping(EventLoop& loop, const state::Paths& paths, const engine::LogTarget& target,
              const state::ContainerRecord& record);
  LogShipping(const LogShipping&) = delete;
  LogShipping& operator=(const LogShipping&) = delete;
  LogShipping(LogShipping&&) = delete;
  LogShipping& operator=(LogShipping&&) = delete;
  ~LogShipping();

  /// There may be something new: sends what can be sent now, the rest from the loop.
  void more();
  /// The container has ended: a last line without its end goes, too.
  void finish();

 private:
  void send();
  [[nodiscard]] bool flush();
  [[nodiscard]] bool connect();
  void close();
  void retry();
  void save_place();

  EventLoop& loop_;
  std::string place_file_;
  engine::LogSender sender_;
  state::LogReader reader_;
  std::deque<std::string> waiting_;  ///< datagrams of the lines that were read last
  bool unsaved_ = false;             ///< the place in the file is behind the reader's
  bool ended_ = false;
  UniqueFd socket_;
  EventLoop::TimerId timer_ = 0;
};

}  // namespace cmp::supervisor
