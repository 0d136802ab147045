#include "cli/operation.hpp"

#include <sys/epoll.h>

#include <csignal>
#include <utility>

#include "sys/signal_queue.hpp"

namespace cmp::cli {

namespace {

constexpr int kMostAttempts = 3;

}  // namespace

Operation::Operation(supervisor::EventLoop& loop, const state::Paths& paths, supervisor::Request request,
                     ProgressPrinter& printer, std::function<void()> done, std::vector<int> attached)
    : loop_(loop),
      paths_(paths),
      request_(std::move(request)),
      printer_(printer),
      done_(std::move(done)),
      attached_(std::move(attached)) {}

Operation::~Operation() {
  loop_.cancel(tick_);
  if (client_) {
    loop_.unwatch(client_->fd());
  }
}

Result<std::unique_ptr<Operation>> Operation::start(supervisor::EventLoop& loop, const state::Paths& paths,
                                                    supervisor::Request request, ProgressPrinter& printer,
                                                    std::function<void()> done, std::vector<int> attached) {
  std::unique_ptr<Operation> operation(
      new Operation(loop, paths, std::move(request), printer, std::move(done), std::move(attached)));
  CMP_CHECK(operation->connect());
  operation->schedule_tick();
  return operation;
}

Status Operation::connect() {
  ++attempts_;
  CMP_TRY(client_,
          supervisor::Client::connect_to_this_build(paths_, [this](const std::string& what) { printer_.warn(what); }));
  CMP_CHECK(client_->send(request_, attached_));
  return loop_.watch(client_->fd(), EPOLLIN, [this](std::uint32_t) { receive(); });
}

void Operation::receive() {
  while (!finished_) {
    auto event = client_->try_next();
    if (!event) {
      return fail(std::move(event).error());
    }
    if (!*event) {
      break;
    }
    handle(**event);
  }
  if (!finished_ && client_->closed()) {
    reconnect();
  }
}

void Operation::handle(const supervisor::Event& event) {
  switch (event.type) {
    case supervisor::EventType::kProgress:
      return printer_.show(event, monotonic_now());
    case supervisor::EventType::kWarning:
      return printer_.warn(event.message);
    case supervisor::EventType::kContainer:
    case supervisor::EventType::kHappened:
    case supervisor::EventType::kHello:
      return;
    case supervisor::EventType::kDone:
      // A supervisor that died may have done something before.
      outcome_.changed = event.changed || attempts_ > 1;
      outcome_.errors = event.errors;
      return finish();
  }
}

void Operation::reconnect() {
  loop_.unwatch(client_->fd());
  client_.reset();
  if (cancelled_ || attempts_ >= kMostAttempts) {
    return cancelled_ ? finish() : fail(make_error(Code::kInternal, "the project's supervisor has died"));
  }
  if (auto status = connect(); !status) {
    fail(std::move(status).error());
  }
}

void Operation::cancel() {
  cancelled_ = true;
  if (client_ && !finished_) {
    if (auto status = client_->cancel(); !status) {
      fail(std::move(status).error());
    }
  }
}

void Operation::fail(Error error) {
  outcome_.errors.push_back(std::move(error));
  finish();
}

void Operation::finish() {
  if (!std::exchange(finished_, true)) {
    loop_.cancel(tick_);
    printer_.tick(monotonic_now());
    done_();
  }
}

void Operation::schedule_tick() {
  if (printer_.live() && !finished_) {
    tick_ = loop_.after(ProgressPrinter::kInterval, [this] {
      printer_.tick(monotonic_now());
      schedule_tick();
    });
  }
}

Result<Outcome> perform(const state::Paths& paths, supervisor::Request request, ProgressPrinter& printer,
                        std::optional<Nanoseconds> deadline, std::vector<int> attached) {
  CMP_TRY(auto loop, supervisor::EventLoop::create());
  CMP_TRY(const auto operation,
          Operation::start(
              loop, paths, std::move(request), printer, [&loop] { loop.stop(); }, std::move(attached)));
  CMP_TRY(auto signals, sys::SignalQueue::open({SIGINT, SIGTERM}));
  CMP_CHECK(loop.watch(signals.fd(), EPOLLIN, [&](std::uint32_t) {
    while (const auto signal = signals.next()) {
      operation->outcome().signal = *signal;
      if (std::exchange(operation->outcome().interrupted, true)) {
        loop.stop();
      } else {
        operation->cancel();
      }
    }
  }));
  if (deadline) {
    loop.after(*deadline, [&] {
      operation->outcome().timed_out = true;
      operation->cancel();
    });
  }
  CMP_CHECK(loop.run());
  printer.finish(monotonic_now());
  return std::move(operation->outcome());
}

}  // namespace cmp::cli
