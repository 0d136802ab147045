#include "cli/attached_up.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include <fmt/core.h>

#include "cli/human.hpp"
#include "cli/operation.hpp"
#include "cli/output.hpp"
#include "sys/signal_queue.hpp"
#include "sys/terminal.hpp"

namespace cmp::cli {

namespace {

/// What cmp exits with in the name of a service that ended while nobody could see how.
constexpr int kUnknownExit = 255;

class Attachment {
 public:
  Attachment(const Context& context, const state::Paths& paths, AttachedUpOptions options, supervisor::EventLoop& loop,
             supervisor::Client watch)
      : paths_(paths),
        options_(std::move(options)),
        loop_(loop),
        printer_("stop", printer_options(context)),
        session_(loop, paths, std::move(watch), LogPrefixes(paths.project(), context.style.colour_out, options_.log),
                 printer_) {}

  [[nodiscard]] Status start(const std::vector<state::ContainerRecord>& containers) {
    CMP_TRY(signals_, sys::SignalQueue::open({SIGINT, SIGTERM}));
    CMP_CHECK(loop_.watch(signals_->fd(), EPOLLIN, [this](std::uint32_t) { on_signals(); }));
    LogSessionOptions options{.services = options_.followed, .shown = options_.shown, .announce = true};
    options.filter.since = options_.since;
    CMP_CHECK(session_.start(
        containers, std::move(options),
        {.on_exit = [this](const supervisor::Event& event) { on_exit(event); }, .on_idle = [this] { on_idle(); }}));
    if (options_.stop_at_once) {
      interrupt();
    }
    return {};
  }

  [[nodiscard]] Result<int> result() {
    CMP_CHECK(Status(session_.status()));
    if (stopping_ && !stopping_->outcome().errors.empty()) {
      return std::move(stopping_->outcome().errors.front());
    }
    CMP_CHECK(read_exit_code_from());
    return interrupts_ > 0 ? 130 : code_.value_or(0);
  }

 private:
  void on_signals() {
    while (signals_->next()) {
      interrupt();
    }
  }

  void interrupt() {
    ++interrupts_;
    if (interrupts_ == 1) {
      // Over the ^C that the terminal has echoed.
      say(std::string(sys::is_terminal(STDERR_FILENO) ? "\r\x1b[K" : "") +
          "Gracefully Stopping... press Ctrl+C again to force\n");
      ask(supervisor::Operation::kStop, stopping_);
    } else if (interrupts_ == 2) {
      ask(supervisor::Operation::kKill, killing_);
    } else {
      loop_.stop();
    }
  }

  void on_exit(const supervisor::Event& event) {
    const bool failed = event.exit_unknown || event.exit_code != 0;
    const bool aborts = options_.abort_on == AbortOn::kExit || (options_.abort_on == AbortOn::kFailure && failed);
    if (aborts && !stopping_ && event.state == "exited") {
      code_ = event.exit_unknown ? kUnknownExit : event.exit_code;
      say("Aborting on container exit...\n");
      ask(supervisor::Operation::kStop, stopping_);
    }
  }

  void on_idle() {
    if (!stopping_ || !session_.status()) {
      loop_.stop();
    }
  }

  void ask(supervisor::Operation what, std::unique_ptr<Operation>& operation) {
    supervisor::Request request;
    request.operation = what;
    request.services = options_.services;
    request.timeout_s = options_.stop_timeout_s;
    request.signal = "SIGKILL";
    request.who = who("up");
    const bool last = what == supervisor::Operation::kStop;
    auto started = Operation::start(loop_, paths_, std::move(request), printer_, [this, last] {
      if (last) {
        printer_.finish(monotonic_now());
        session_.show_rest();
        loop_.stop();
      }
    });
    if (started) {
      operation = *std::move(started);
    } else {
      print_error(fmt::format("error: {}\n", started.error().message));
      loop_.stop();
    }
  }

  /// --exit-code-from: how that service has ended, whoever has ended it.
  [[nodiscard]] Status read_exit_code_from() {
    if (options_.exit_code_from.empty()) {
      return {};
    }
    CMP_TRY(const auto containers, current_containers(paths_));
    for (const state::ContainerRecord& record : containers) {
      if (record.service == options_.exit_code_from && (record.exit || record.exit_unknown)) {
        code_ = record.exit ? record.exit->code : kUnknownExit;
      }
    }
    return {};
  }

  void say(const std::string& text) {
    printer_.print_above([&] { print_error(text); });
  }

  const state::Paths& paths_;
  AttachedUpOptions options_;
  supervisor::EventLoop& loop_;
  ProgressPrinter printer_;
  LogSession session_;
  std::optional<sys::SignalQueue> signals_;
  std::unique_ptr<Operation> stopping_, killing_;
  int interrupts_ = 0;
  std::optional<int> code_;
};

/// "Attaching to db-1, web-1".
Status announce(const std::vector<state::ContainerRecord>& containers, const AttachedUpOptions& options,
                const LogPrefixes& prefixes) {
  std::vector<std::string> names;
  for (const state::ContainerRecord& record : containers) {
    if (!state::is_one_off(record) && is_wanted(options.followed, record.service) && options.shown(record)) {
      names.push_back(prefixes.short_name(record.name));
    }
  }
  return print(fmt::format("Attaching to {}\n", join(names)));
}

}  // namespace

Result<int> stay_attached(const Context& context, const state::Paths& paths, supervisor::Client watch,
                          AttachedUpOptions options) {
  CMP_TRY(const auto containers, current_containers(paths));
  if (!options.stop_at_once) {
    CMP_CHECK(announce(containers, options, LogPrefixes(paths.project(), false, options.log)));
  }
  CMP_TRY(auto loop, supervisor::EventLoop::create());
  Attachment attachment(context, paths, std::move(options), loop, std::move(watch));
  CMP_CHECK(attachment.start(containers));
  CMP_CHECK(loop.run());
  return attachment.result();
}

}  // namespace cmp::cli
