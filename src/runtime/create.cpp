#include <fcntl.h>
#include <linux/sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <iterator>

#include <climits>
#include <fmt/core.h>

#include "base/scope_exit.hpp"
#include "cgroup/resources.hpp"
#include "container/capabilities.hpp"
#include "init/hooks.hpp"
#include "init/init.hpp"
#include "oci/compile.hpp"
#include "runtime/conversation.hpp"
#include "runtime/facts.hpp"
#include "runtime/groups.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime/prepared_mounts.hpp"
#include "runtime/spawn.hpp"
#include "sys/file.hpp"
#include "sys/packet.hpp"
#include "sys/terminal.hpp"
#include "sys/user_names.hpp"

namespace cmp::runtime {

namespace {

struct Bundle {
  std::string path, text;
  oci::Config config;
};

Result<std::string> real_path(const std::string& path) {
  char* const resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) {
    return sys_error(fmt::format("'{}'", path));
  }
  std::string out = resolved;
  ::free(resolved);  // NOLINT(cppcoreguidelines-no-malloc): realpath has made it
  return out;
}

Result<Bundle> read_bundle(const CreateRequest& request) {
  Bundle bundle;
  CMP_TRY(bundle.path, real_path(request.bundle).context("bundle"));
  const std::string file = request.config_file.empty() ? bundle.path + "/config.json" : request.config_file;
  CMP_TRY(bundle.text, sys::read_file(file, 16U << 20U));
  CMP_TRY(bundle.config, oci::parse_config(bundle.text).context(request.config_file.empty() ? "config.json" : file));
  return bundle;
}

Result<std::string> find_rootfs(const Bundle& bundle) {
  const std::string& path = bundle.config.root_path;
  CMP_TRY(std::string resolved, real_path(path.starts_with('/') ? path : bundle.path + "/" + path));

  struct stat info {};

  if (::stat(resolved.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return make_error(Code::kInvalid, fmt::format("'{}' is not a directory", path));
  }
  if (resolved == "/") {
    return make_error(Code::kInvalid, "the host's own root cannot be a container's");
  }
  return resolved;
}

Status check_terminal(const oci::Config& config, const Streams& streams) {
  const bool terminal = config.process && config.process->terminal;
  if (terminal && streams.console_socket.empty() && !streams.keep_terminal) {
    return make_error(Code::kInvalid, "process.terminal: nobody to give the terminal to: --console-socket is needed");
  }
  if (!terminal && !streams.console_socket.empty()) {
    return make_error(Code::kInvalid, "--console-socket: process.terminal is not set");
  }
  return {};
}

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32] = {};
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string owner_name() {
  const auto names = sys::user_names();
  const auto found = names.find(::geteuid());
  return found == names.end() ? fmt::format("{}", ::geteuid()) : found->second;
}

/// What is made, in order, and what of it has to be taken back when something fails.
class Creation {
 public:
  Creation(const Store& store, const CreateRequest& request) : store_(store), request_(request) {}

  Result<Created> run() {
    CMP_CHECK(Store::check_id(request_.id));
    CMP_TRY(bundle_, read_bundle(request_));
    CMP_CHECK(check_terminal(bundle_.config, request_.streams));
    CMP_CHECK(fill_record());
    CMP_CHECK(store_.make(request_.id));
    ScopeExit undo([this] { take_back(); });
    CMP_CHECK(make_cgroup());
    CMP_TRY(launch_, oci::compile_create(bundle_.config, facts_, record_));
    std::ranges::copy(request_.streams.more_env, std::back_inserter(launch_.spec.exec.env));
    if (bundle_.config.process) {
      CMP_CHECK(confine(launch_.spec.credentials, bundle_.config, *bundle_.config.process));
    }
    CMP_CHECK(launch());
    CMP_CHECK(finish());
    undo.release();
    std::ranges::move(launch_.warnings, std::back_inserter(created_.warnings));
    return std::move(created_);
  }

 private:
  Status fill_record() {
    record_.oci_version = bundle_.config.oci_version;
    record_.id = request_.id;
    record_.bundle = bundle_.path;
    CMP_TRY(record_.rootfs, find_rootfs(bundle_).context("root.path"));
    record_.created = now_text();
    record_.owner = owner_name();
    record_.annotations = bundle_.config.annotations;
    return {};
  }

  Status make_cgroup() {
    CMP_TRY(layout_, cgroup::detect_everything());
    CMP_TRY(record_.cgroup, group_path(bundle_.config.linux_part.cgroups_path, request_.id, request_.systemd_cgroup));
    facts_ = gather_facts(bundle_.config, layout_, record_);
    facts_.no_pivot = request_.no_pivot;
    CMP_TRY(const auto inside, cgroup::processes(layout_, {record_.cgroup}));
    if (!inside.empty()) {
      std::string taken;
      taken.swap(record_.cgroup);  // somebody else's: nothing of it is taken back
      return make_error(Code::kConflict, fmt::format("the container's cgroup is not empty: '{}' holds {} process(es)",
                                                     taken, inside.size()));
    }
    if (cgroup::is_frozen(layout_, {record_.cgroup})) {
      std::string taken;
      taken.swap(record_.cgroup);
      return make_error(Code::kConflict, fmt::format("the container's cgroup unexpectedly frozen: '{}'", taken));
    }
    CMP_TRY(created_.warnings, make_group(layout_, record_.cgroup, bundle_.config));
    return {};
  }

  Status launch() {
    const Streams& streams = request_.streams;
    CMP_TRY(const UniqueFd listener, store_.listen_for_start(request_.id));
    CMP_TRY(auto mounts, prepare_mounts(launch_));
    CMP_TRY(auto sync, sys::packet_pair());
    CMP_TRY(created_.child, spawn(launch_, bundle_.config.linux_part.time_offsets));
    if (created_.child.pid == 0) {
      sync.first.reset();
      init::Files files{.sync = sync.second.get(), .in = 0, .out = 1, .err = 2, .listener = listener.get()};
      files.inherited = streams.preserved;
      files.own_keyring = streams.own_keyring;
      for (const UniqueFd& mount : mounts) {
        files.mounts.push_back(mount.get());
      }
      init::run(launch_.spec, files, true);
    }
    sync.second.reset();
    const Answers answers{.at_birth = [this] { return at_birth(); },
                          .before_pivot = [this] { return run_runtime_hooks(); },
                          .with_controller = [this](UniqueFd fd) { return take_controller(std::move(fd)); }};
    CMP_TRY(const Ended ended, converse(sync.first.get(), answers));
    return ended == Ended::kPrepared ? Status()
                                     : make_error(Code::kInternal, "the container's first process has ended");
  }

  Status at_birth() {
    record_.pid = created_.child.pid;
    record_.start_ticks = sys::start_ticks(record_.pid).value_or(0);
    CMP_CHECK(store_.save_config(request_.id, bundle_.text));
    CMP_CHECK(store_.save(record_));
    const oci::Linux& linux_part = bundle_.config.linux_part;
    CMP_CHECK(write_id_mappings(record_.pid, linux_part.uid_mappings, linux_part.gid_mappings));
    return cgroup::move_into(layout_, {record_.cgroup}, record_.pid);
  }

  Status run_runtime_hooks() {
    hooks_have_run_ = true;
    const oci::Hooks& hooks = bundle_.config.hooks;
    CMP_CHECK(init::run_hooks(oci::with_state("prestart", hooks.prestart, record_, "created"), record_.pid));
    return init::run_hooks(oci::with_state("createRuntime", hooks.create_runtime, record_, "created"), record_.pid);
  }

  Status take_controller(UniqueFd controller) {
    const oci::Process& process = *bundle_.config.process;
    if (process.rows && process.columns) {
      CMP_CHECK(sys::set_terminal_size(controller.get(), {static_cast<unsigned short>(*process.rows),
                                                          static_cast<unsigned short>(*process.columns)}));
    }
    if (request_.streams.keep_terminal) {
      if (request_.streams.plain_line_ends) {
        CMP_CHECK(sys::keep_line_ends(controller.get()));
      }
      created_.controller = std::move(controller);
      return {};
    }
    return send_to_console(request_.streams.console_socket, controller);
  }

  Status finish() {
    if (bundle_.config.process) {
      CMP_CHECK(limit_process(*bundle_.config.process, record_.pid));
    }
    CMP_CHECK(store_.mark_ready(request_.id));
    CMP_CHECK(write_pid_file(request_.streams.pid_file, record_.pid));
    return send_pidfd(request_.streams.pidfd_socket, created_.child.pidfd);
  }

  void take_back() {
    if (created_.child.pid > 0) {
      put_down(created_.child);
    }
    [[maybe_unused]] const auto group = remove_group(record_.cgroup);
    [[maybe_unused]] const auto directory = store_.remove(request_.id);
    if (hooks_have_run_) {
      [[maybe_unused]] const auto hooks =
          init::run_hooks(oci::with_state("poststop", bundle_.config.hooks.poststop, record_, "stopped"), record_.pid);
    }
  }

  const Store& store_;
  const CreateRequest& request_;
  Bundle bundle_;
  oci::Record record_;
  cgroup::Layout layout_;
  oci::Facts facts_;
  oci::Launch launch_;
  Created created_;
  bool hooks_have_run_ = false;
};

}  // namespace

Result<Created> create(const Store& store, const CreateRequest& request) {
  return Creation(store, request).run();
}

}  // namespace cmp::runtime
