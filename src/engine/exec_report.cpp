#include "engine/exec_report.hpp"

#include "init/init.hpp"
#include "sys/packet.hpp"

namespace cmp::engine {

std::optional<ExecFailure> wait_until_runs(const Running& running) {
  for (;;) {
    auto packet = sys::receive_packet(running.sync.get());
    if (!packet) {
      return ExecFailure{.error = std::move(packet).error()};
    }
    if (packet->empty()) {
      return std::nullopt;
    }
    auto report = init::decode(*packet);
    if (!report) {
      return ExecFailure{.error = std::move(report).error()};
    }
    if (report->type == init::Message::kFailed) {
      return ExecFailure{report->exit_code, std::move(report->error)};
    }
  }
}

}  // namespace cmp::engine
