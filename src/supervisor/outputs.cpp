// The part of Containers that moves what services write into their logs.

#include <fcntl.h>
#include <sys/epoll.h>

#include <utility>

#include "engine/logging.hpp"
#include "supervisor/containers.hpp"
#include "sys/pipe.hpp"

namespace cmp::supervisor {

Status Containers::open_logs(Container& container) {
  CMP_TRY(const engine::LogPlan plan, engine::log_plan(container.record.service_definition.logging));
  const auto open = [&](OutputStream& stream, const char* name) -> Status {
    stream.log.reset();
    if (plan.kept) {
      const std::string file = context_.paths.log_file(container.record.name, name);
      CMP_TRY(stream.log, state::LogWriter::open(file, *plan.kept, wall_now()));
    }
    return {};
  };
  CMP_CHECK(open(container.out, "out"));
  CMP_CHECK(open(container.err, "err"));
  if (plan.sent && !container.shipping) {
    container.shipping = std::make_unique<LogShipping>(loop_, context_.paths, *plan.sent, container.record);
    container.shipping->more();  // what an earlier supervisor has not sent
  }
  return {};
}

void Containers::watch_output(Container& container, OutputStream& stream) {
  if (!stream.fifo) {
    return;
  }
  static_cast<void>(loop_.watch(stream.fifo.get(), EPOLLIN, [this, &container, &stream](std::uint32_t events) {
    drain(stream);
    if (container.readiness) {
      container.readiness->output_came();
    }
    if (container.shipping) {
      container.shipping->more();
    }
    if ((events & EPOLLHUP) != 0) {
      close_output(stream);
    }
  }));
}

void Containers::drain(OutputStream& stream) {
  if (stream.fifo && !stream.log) {
    return sys::discard_input(stream.fifo.get());
  }
  if (stream.fifo) {
    static_cast<void>(stream.terminal ? stream.log->copy(stream.fifo.get(), wall_now())
                                      : stream.log->drain(stream.fifo.get(), wall_now()));
  }
}

/// From now on its output comes from there.
void Containers::take_terminal(Container& container, UniqueFd controller) {
  ::fcntl(controller.get(), F_SETFL, O_NONBLOCK);
  close_output(container.out);
  container.out.fifo = std::move(controller);
  container.out.terminal = true;
  watch_output(container, container.out);
  listener_.on_terminal(container, container.out.fifo.get());
}

void Containers::close_outputs(Container& container) {
  close_output(container.out);
  close_output(container.err);
  if (container.shipping) {
    container.shipping->finish();
  }
  if (std::exchange(container.out.terminal, false)) {
    listener_.on_terminal(container, -1);
  }
}

void Containers::close_output(OutputStream& stream) {
  if (stream.fifo) {
    drain(stream);
    loop_.unwatch(stream.fifo.get());
    stream.fifo.reset();
  }
}

}  // namespace cmp::supervisor
