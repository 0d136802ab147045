#include "runtime/lifecycle.hpp"

#include <poll.h>

#include <csignal>

#include <fmt/core.h>

#include "init/hooks.hpp"
#include "init/init.hpp"
#include "runtime/conversation.hpp"
#include "runtime/groups.hpp"
#include "sys/packet.hpp"

namespace cmp::runtime {

namespace {

Error wrong_state(const Container& container, ContainerStatus status, std::string_view deed) {
  return make_error(Code::kConflict,
                    fmt::format("cannot {} container '{}': it is {}", deed, container.record.id, to_string(status)));
}

Status signal_process(const oci::Record& record, int signal) {
  const auto process = sys::open_same_process({record.pid, record.start_ticks});
  return process ? sys::send_signal(process->get(), signal) : Status();
}

void wait_until_gone(const oci::Record& record) {
  if (const auto process = sys::open_same_process({record.pid, record.start_ticks})) {
    constexpr int kPatienceMs = 10'000;
    pollfd item{.fd = process->get(), .events = POLLIN, .revents = 0};
    ::poll(&item, 1, kPatienceMs);
  }
}

/// Nobody can be killed who is stopped by the freezer.
void thaw(const oci::Record& record) {
  if (is_frozen(record)) {
    if (const auto layout = cgroup::detect_everything()) {
      [[maybe_unused]] const auto thawed = cgroup::freeze(*layout, {record.cgroup}, false);
    }
  }
}

Status freeze(const Store& store, const std::string& id, bool frozen) {
  CMP_TRY(const Container container, store.load(id));
  const ContainerStatus status = status_of(store, container);
  const bool fits = frozen ? status == ContainerStatus::kRunning || status == ContainerStatus::kCreated
                           : status == ContainerStatus::kPaused;
  if (!fits) {
    return wrong_state(container, status, frozen ? "pause" : "resume");
  }
  CMP_TRY(const cgroup::Layout layout, cgroup::detect_everything());
  return cgroup::freeze(layout, {container.record.cgroup}, frozen);
}

Status destroy(const Store& store, const Container& container, std::vector<std::string>& warnings) {
  const oci::Record& record = container.record;
  CMP_CHECK(remove_group(record.cgroup));
  CMP_CHECK(store.remove(record.id));
  const auto hooks = oci::with_state("poststop", container.config.hooks.poststop, record, "stopped");
  for (const container::Hook& hook : hooks.hooks) {
    if (auto ran = init::run_hook(hooks, hook, record.pid); !ran) {
      warnings.push_back(ran.error().message);
    }
  }
  return {};
}

/// The end of the socket without a word is the program's execution.
Status let_go(int sync) {
  CMP_CHECK(sys::send_packet(sync, init::encode({.type = init::Message::kGo, .exit_code = 0, .error = {}})));
  CMP_TRY(const std::string packet, sys::receive_packet(sync));
  if (packet.empty()) {
    return {};
  }
  CMP_TRY(init::Report report, init::decode(packet));
  return std::move(report.error);
}

}  // namespace

Status start(const Store& store, const std::string& id, std::vector<std::string>& warnings) {
  CMP_TRY(const Container container, store.load(id));
  const ContainerStatus status = status_of(store, container);
  if (status != ContainerStatus::kCreated) {
    return wrong_state(container, status, "start");
  }
  if (!container.config.process) {
    CMP_CHECK(signal_process(container.record, SIGKILL));  // it can be nothing but deleted
    wait_until_gone(container.record);
    return make_error(Code::kInvalid, fmt::format("cannot start container '{}': its config has no process", id));
  }
  CMP_TRY(const UniqueFd sync, store.connect_to_start(id));
  auto started = let_go(sync.get());
  store.forget_start(id);
  CMP_CHECK(std::move(started));
  const auto hooks = oci::with_state("poststart", container.config.hooks.poststart, container.record, "running");
  if (auto ran = init::run_hooks(hooks, container.record.pid); !ran) {
    CMP_CHECK(signal_process(container.record, SIGKILL));
    wait_until_gone(container.record);
    CMP_CHECK(destroy(store, container, warnings));
    return ran;
  }
  return {};
}

Status kill(const Store& store, const std::string& id, int signal, bool all) {
  CMP_TRY(const Container container, store.load(id));
  const ContainerStatus status = status_of(store, container);
  const oci::Record& record = container.record;
  const bool shares_pids = container.config.find_namespace("pid") == nullptr;
  const bool whole_group = all || (shares_pids && signal == SIGKILL);
  CMP_TRY(const cgroup::Layout layout, cgroup::detect_everything());
  // Without a namespace of their own, other processes may live on when the first one has ended.
  const auto left = whole_group ? cgroup::processes(layout, {record.cgroup}) : std::vector<int>();
  if (status == ContainerStatus::kStopped && !all && (!left || left->empty())) {
    Error error = wrong_state(container, status, "kill");
    error.message += " (container not running)";  // the words by which engines know it
    return error;
  }
  if (!whole_group) {
    return signal_process(record, signal);
  }
  if (signal == SIGKILL) {
    CMP_CHECK(cgroup::kill_all(layout, {record.cgroup}));
    return signal_process(record, signal);
  }
  CMP_TRY(const auto pids, cgroup::processes(layout, {record.cgroup}));
  for (const int pid : pids) {
    if (const auto process = sys::open_pidfd(pid)) {
      CMP_CHECK(sys::send_signal(process->get(), signal));
    }
  }
  return {};
}

Status remove(const Store& store, const std::string& id, Force force, std::vector<std::string>& warnings) {
  auto container = store.load(id);
  if (!container) {
    if (force == Force::kNo || container.error().code != Code::kNotFound) {
      return container.error();
    }
    return Store::check_id(id) ? store.remove(id) : Status();  // what a creation that died has left
  }
  const ContainerStatus status = status_of(store, *container);
  if (status != ContainerStatus::kStopped) {
    // As runc has it: one that was never started has nothing to lose.
    if (force == Force::kNo && status != ContainerStatus::kCreated) {
      return wrong_state(*container, status, "delete");
    }
    thaw(container->record);
    CMP_CHECK(signal_process(container->record, SIGKILL));
    wait_until_gone(container->record);
  }
  return destroy(store, *container, warnings);
}

Status pause(const Store& store, const std::string& id) {
  return freeze(store, id, true);
}

Status resume(const Store& store, const std::string& id) {
  return freeze(store, id, false);
}

Result<std::vector<std::string>> update(const Store& store, const std::string& id, const cgroup::Resources& resources) {
  CMP_TRY(const Container container, store.load(id));
  const ContainerStatus status = status_of(store, container);
  if (status == ContainerStatus::kStopped) {
    return wrong_state(container, status, "update");
  }
  CMP_TRY(const cgroup::Layout layout, cgroup::detect_everything());
  return cgroup::apply_resources(layout, {container.record.cgroup}, resources);
}

Result<cgroup::Statistics> statistics(const Container& container) {
  CMP_TRY(const cgroup::Layout layout, cgroup::detect_everything());
  return cgroup::statistics(layout, {container.record.cgroup});
}

Result<std::vector<int>> processes(const Store& store, const std::string& id) {
  CMP_TRY(const Container container, store.load(id));
  CMP_TRY(const cgroup::Layout layout, cgroup::detect_everything());
  return cgroup::processes(layout, {container.record.cgroup});
}

}  // namespace cmp::runtime
