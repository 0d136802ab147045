#include "cli/attachment.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "cli/context.hpp"
#include "cli/terminal_relay.hpp"
#include "sys/file.hpp"
#include "sys/signal_queue.hpp"
#include "sys/terminal.hpp"

namespace cmp::cli {

namespace {

using state::ContainerRecord;

/// The controller of the container's terminal, from the supervisor.
Result<UniqueFd> terminal_of(const state::Paths& paths, const ContainerRecord& record) {
  CMP_TRY(auto client, supervisor::Client::connect_or_start(paths));
  supervisor::Request request;
  request.operation = supervisor::Operation::kTerminal;
  request.containers = {record.name};
  request.who = who("attach");
  CMP_CHECK(client.send(request));
  for (;;) {
    CMP_TRY(auto event, client.next());
    if (!event) {
      return make_error(Code::kSystem, "the project's supervisor has died");
    }
    if (event->type != supervisor::EventType::kDone) {
      continue;
    }
    if (!event->errors.empty()) {
      return std::move(event->errors.front());
    }
    auto attached = client.take_attached();
    return attached.empty() ? Result<UniqueFd>(make_error(Code::kInternal, "no terminal came"))
                            : std::move(attached[0]);
  }
}

class Connection {
 public:
  Connection(supervisor::EventLoop& loop, std::optional<RawOutput> output, supervisor::Client& watch,
             ContainerRecord record, const AttachmentOptions& options)
      : loop_(loop), output_(std::move(output)), watch_(watch), record_(std::move(record)), options_(options) {}

  ~Connection() {
    if (output_) {
      loop_.unwatch(output_->fd());
    }
    loop_.unwatch(watch_.fd());
    loop_.unwatch(STDIN_FILENO);
  }

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Status start(const state::Paths& paths) {
    // What comes from a terminal is made for one: ours must not change it once more.
    if (record_.service_definition.tty && sys::is_terminal(STDIN_FILENO)) {
      CMP_TRY(auto raw, sys::RawMode::enter(STDIN_FILENO));
      raw_.emplace(std::move(raw));
    }
    process_ = sys::open_same_process(record_.process).value_or(UniqueFd());
    CMP_TRY(signals_, sys::SignalQueue::open({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH}));
    CMP_CHECK(loop_.watch(signals_->fd(), EPOLLIN, [this](std::uint32_t) { on_signals(); }));
    if (output_) {
      CMP_CHECK(loop_.watch(output_->fd(), EPOLLIN, [this](std::uint32_t) { show(); }));
    }
    CMP_CHECK(loop_.watch(watch_.fd(), EPOLLIN, [this](std::uint32_t) { receive(); }));
    if (output_) {
      CMP_CHECK(output_->pass_on());
    }
    // What has ended while it was being started has said so already, and its terminal is gone. What has ended without a
    // word of the supervisor yet is still to be told by it.
    if (record_.state == state::ContainerState::kExited && record_.exit) {
      code_ = record_.exit->code;
      loop_.defer([this] { loop_.stop(); });
      return {};
    }
    if (options_.signal != 0) {
      on_signal(options_.signal);
    }
    if (record_.service_definition.tty) {
      return open_terminal(paths);
    }
    return record_.own_streams && record_.service_definition.stdin_open && options_.input ? open_pipe(paths) : Status();
  }

  Result<int> result() {
    CMP_CHECK(std::exchange(status_, Status()));
    return code_;
  }

 private:
  Status open_terminal(const state::Paths& paths) {
    CMP_TRY(DetachKeys keys, DetachKeys::parse(options_.detach_keys));
    auto controller = terminal_of(paths, record_);
    // It is just ending, its terminal first: the news is on its way.
    if (!controller && controller.error().code == Code::kNotFound) {
      return {};
    }
    CMP_TRY(controller_, std::move(controller));
    if (const auto size = sys::terminal_size(STDOUT_FILENO)) {
      CMP_CHECK(sys::set_terminal_size(controller_.get(), *size));
    }
    if (!options_.input) {
      return {};
    }
    if (!sys::is_terminal(STDIN_FILENO)) {
      return make_error(
          Code::kInvalid,
          fmt::format("service '{}' has a terminal, but standard input is none: use --no-stdin", record_.service));
    }
    relay_.emplace(loop_, controller_.get(),
                   RelayOptions{.keys = std::move(keys), .on_detach = [this] { loop_.stop(); }, .shows_output = false});
    return relay_->start();
  }

  Status open_pipe(const state::Paths& paths) {
    CMP_TRY(input_, sys::open_file(paths.container_run_dir(record_.name) + "/in", O_WRONLY));
    // A file is always ready, and epoll(7) takes none.
    if (!loop_.watch(STDIN_FILENO, EPOLLIN, [this](std::uint32_t) { pass_input(); })) {
      while (pass_input()) {
      }
    }
    return {};
  }

  bool pass_input() {
    std::array<char, 65536> buffer{};
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    const bool more = got > 0 && sys::write_all(input_.get(), {buffer.data(), static_cast<std::size_t>(got)});
    if (!more) {
      loop_.unwatch(STDIN_FILENO);
    }
    return more;
  }

  void on_signals() {
    while (const auto signal = signals_->next()) {
      on_signal(*signal);
    }
  }

  void on_signal(int signal) {
    if (signal == SIGWINCH) {
      if (relay_) {
        relay_->resize();
      }
    } else if (options_.sig_proxy) {
      const bool deaf = options_.end_if_deaf && !sys::signal_arrives(record_.process.pid, signal);
      static_cast<void>(sys::send_signal(process_.get(), deaf ? SIGKILL : signal));
    } else {
      code_ = 128 + signal;
      loop_.stop();
    }
  }

  void show() {
    if (Status shown = output_->pass_on(); !shown) {
      end(std::move(shown));
    }
  }

  void receive() {
    for (;;) {
      auto event = watch_.try_next();
      if (!event) {
        return end(std::move(event).error());
      }
      if (!*event) {
        return watch_.closed() ? end(make_error(Code::kSystem, "the project's supervisor has died")) : void();
      }
      const supervisor::Event& news = **event;
      if (news.type == supervisor::EventType::kContainer && news.container == record_.name && news.state != "running" &&
          news.state != "created" && news.state != "paused") {
        code_ = news.exit_code;
        return end(output_ ? output_->pass_on() : Status());
      }
    }
  }

  void end(Status status) {
    status_ = std::move(status);
    loop_.stop();
  }

  supervisor::EventLoop& loop_;
  std::optional<RawOutput> output_;
  supervisor::Client& watch_;
  ContainerRecord record_;
  AttachmentOptions options_;
  UniqueFd process_, controller_, input_;
  std::optional<sys::RawMode> raw_;
  std::optional<sys::SignalQueue> signals_;
  std::optional<TerminalRelay> relay_;
  Status status_;
  int code_ = 0;
};

}  // namespace

Result<int> stay_with(const state::Paths& paths, supervisor::Client& watch, ContainerRecord record,
                      const AttachmentOptions& options) {
  std::optional<RawOutput> output;
  if (record.own_streams) {
    CMP_TRY(output, RawOutput::open(paths, record.name, options.from_beginning));
  }
  CMP_TRY(auto loop, supervisor::EventLoop::create());
  Connection connection(loop, std::move(output), watch, std::move(record), options);
  CMP_CHECK(connection.start(paths));
  CMP_CHECK(loop.run());
  return connection.result();
}

}  // namespace cmp::cli
