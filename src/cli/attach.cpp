#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/detach_keys.hpp"
#include "cli/log_session.hpp"
#include "cli/raw_output.hpp"
#include "cli/running_container.hpp"
#include "cli/terminal_relay.hpp"
#include "sys/file.hpp"
#include "sys/signal_queue.hpp"

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

/// One service, connected to this process's terminal or pipes until it ends or the user leaves.
class Attachment {
 public:
  Attachment(supervisor::EventLoop& loop, RawOutput output, supervisor::Client watch, ContainerRecord record)
      : loop_(loop), output_(std::move(output)), watch_(std::move(watch)), record_(std::move(record)) {}

  ~Attachment() {
    loop_.unwatch(output_.fd());
    loop_.unwatch(watch_.fd());
    loop_.unwatch(STDIN_FILENO);
  }

  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;

  Status start(const state::Paths& paths, const AttachOptions& options, DetachKeys keys) {
    sig_proxy_ = options.sig_proxy;
    process_ = sys::open_same_process(record_.process).value_or(UniqueFd());
    CMP_TRY(signals_, sys::SignalQueue::open({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH}));
    CMP_CHECK(loop_.watch(signals_->fd(), EPOLLIN, [this](std::uint32_t) { on_signals(); }));
    CMP_CHECK(loop_.watch(output_.fd(), EPOLLIN, [this](std::uint32_t) { show(); }));
    CMP_CHECK(loop_.watch(watch_.fd(), EPOLLIN, [this](std::uint32_t) { receive(); }));
    if (record_.service_definition.tty) {
      return open_terminal(paths, options, std::move(keys));
    }
    return record_.service_definition.stdin_open && !options.no_stdin ? open_pipe(paths) : Status();
  }

  Result<int> result() {
    CMP_CHECK(std::exchange(status_, Status()));
    return code_;
  }

 private:
  Status open_terminal(const state::Paths& paths, const AttachOptions& options, DetachKeys keys) {
    CMP_TRY(controller_, terminal_of(paths, record_));
    if (const auto size = sys::terminal_size(STDOUT_FILENO)) {
      CMP_CHECK(sys::set_terminal_size(controller_.get(), *size));
    }
    if (options.no_stdin) {
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
      if (*signal == SIGWINCH) {
        if (relay_) {
          relay_->resize();
        }
      } else if (sig_proxy_) {
        static_cast<void>(sys::send_signal(process_.get(), *signal));
      } else {
        code_ = 128 + *signal;
        loop_.stop();
      }
    }
  }

  void show() {
    if (Status shown = output_.pass_on(); !shown) {
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
      if (news.type == supervisor::EventType::kContainer && news.container == record_.name && news.state != "running") {
        code_ = news.exit_code;
        return end(output_.pass_on());
      }
    }
  }

  void end(Status status) {
    status_ = std::move(status);
    loop_.stop();
  }

  supervisor::EventLoop& loop_;
  RawOutput output_;
  supervisor::Client watch_;
  ContainerRecord record_;
  UniqueFd process_, controller_, input_;
  std::optional<sys::SignalQueue> signals_;
  std::optional<TerminalRelay> relay_;
  bool sig_proxy_ = true;
  Status status_;
  int code_ = 0;
};

}  // namespace

Result<int> run_command(const Context& context, const AttachOptions& options) {
  CMP_TRY(DetachKeys keys, DetachKeys::parse(options.detach_keys));
  CMP_CHECK(need_root("attach"));
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(const auto containers, current_containers(paths));
  CMP_CHECK(check_services(context, {options.service}, containers));
  CMP_TRY(ContainerRecord record, running_container(containers, options.service, options.index));
  CMP_TRY(auto watch, watch_project(paths));
  CMP_TRY(auto output, RawOutput::open(paths, record.name));
  CMP_TRY(auto loop, supervisor::EventLoop::create());
  Attachment attachment(loop, std::move(output), std::move(watch), std::move(record));
  CMP_CHECK(attachment.start(paths, options, std::move(keys)));
  CMP_CHECK(loop.run());
  return attachment.result();
}

}  // namespace cmp::cli
