#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/human.hpp"
#include "cli/ignore_patterns.hpp"
#include "cli/images_in_use.hpp"
#include "cli/output.hpp"
#include "cli/own_program.hpp"
#include "compose/watch_rules.hpp"
#include "engine/container_root.hpp"
#include "engine/file_sync.hpp"
#include "image/garbage.hpp"
#include "supervisor/event_loop.hpp"
#include "sys/file.hpp"
#include "sys/signal_queue.hpp"
#include "sys/tree_watch.hpp"
#include "sys/wait.hpp"

namespace cmp::cli {

namespace {

using compose::WatchAction;
using compose::WatchRule;
using state::ContainerRecord;

/// Several writes of one change are taken together.
constexpr Milliseconds kGathering{20};

/// What editors leave for a moment, and git's own files.
const std::vector<std::string> kAlwaysIgnored = {"**/.git",         "**/*~",           "**/.*.sw?",
                                                 "**/4913",         "**/.#*",          "**/#*#",
                                                 "**/___jb_tmp___", "**/___jb_old___", "**/.*.cmp-sync"};

/// "" if `path` is `base` itself; nothing if it does not lie in it.
std::optional<std::string> relative_to(const std::string& base, const std::string& path) {
  if (path == base) {
    return "";
  }
  const bool below = path.size() > base.size() && path.starts_with(base) && path[base.size()] == '/';
  return below ? std::optional(path.substr(base.size() + 1)) : std::nullopt;
}

/// One rule of one service, ready to be asked.
struct Watched {
  std::string service;
  WatchRule rule;
  IgnorePatterns ignored, included;
  std::string context;  ///< of the service's build; "" has none
  IgnorePatterns dockerignore;

  [[nodiscard]] bool concerns(const std::string& path) const {
    const auto within = relative_to(rule.path, path);
    if (!within) {
      return false;
    }
    const auto in_context = context.empty() ? std::nullopt : relative_to(context, path);
    const bool left_out = (!within->empty() && ignored.matches(*within)) ||
                          (in_context && !in_context->empty() && dockerignore.matches(*in_context));
    return !left_out && (rule.include.empty() || within->empty() || included.matches(*within));
  }

  [[nodiscard]] bool syncs() const {
    return rule.action != WatchAction::kRebuild && rule.action != WatchAction::kRestart;
  }

  [[nodiscard]] std::string target_of(const std::string& path) const {
    const std::string within = relative_to(rule.path, path).value_or("");
    const bool into = rule.target.ends_with('/');
    const std::string target = into ? rule.target.substr(0, rule.target.size() - 1) : rule.target;

    struct stat info {};

    const bool file_into = into && within.empty() && ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
    return file_into ? target + path.substr(path.rfind('/')) : within.empty() ? target : target + "/" + within;
  }
};

/// What is to be done for one service after some changes.
struct Work {
  std::map<std::string, std::string> files;  ///< path here → path in the containers
  bool rebuild = false, restart = false;
  std::vector<const WatchRule*> execs;
};

Status say(const std::string& text) {
  return print(fmt::format(" ⦿ {}\n", text));
}

std::string listed(const std::vector<std::string>& names) {
  return fmt::format("[\"{}\"]", join(names, "\" \""));
}

Result<std::vector<Watched>> watched_of(const compose::Loaded& loaded, const std::vector<std::string>& services) {
  std::vector<Watched> out;
  std::vector<compose::Warning> warnings;
  for (const auto& [name, service] : loaded.project.services) {
    if (!is_wanted(services, name)) {
      continue;
    }
    const std::string context = service.build ? service.build->context : "";
    const std::string ignore_file = context.empty() ? "" : sys::read_file(context + "/.dockerignore").value_or("");
    for (WatchRule& rule : compose::watch_rules(loaded.tree, name, warnings)) {
      std::vector<std::string> ignored = kAlwaysIgnored;
      ignored.insert(ignored.end(), rule.ignore.begin(), rule.ignore.end());
      const IgnorePatterns included(rule.include);
      out.push_back({.service = name,
                     .rule = std::move(rule),
                     .ignored = IgnorePatterns(ignored),
                     .included = included,
                     .context = context,
                     .dockerignore = IgnorePatterns(IgnorePatterns::lines_of(ignore_file))});
    }
  }
  print_warnings(warnings);
  if (out.empty()) {
    return make_error(Code::kInvalid,
                      "none of the selected services is configured for watch, consider setting a 'develop' section");
  }
  return out;
}

class Watcher {
 public:
  Watcher(const Context& context, const WatchOptions& options, std::string project, std::vector<Watched> watched,
          sys::TreeWatch tree)
      : context_(context),
        options_(options),
        paths_(state::roots_from_environment(), std::move(project)),
        watched_(std::move(watched)),
        tree_(std::move(tree)) {}

  Result<int> run() {
    for (const Watched& one : watched_) {
      CMP_CHECK(tree_.add(one.rule.path).context(fmt::format("service '{}': watch", one.service)));
    }
    CMP_CHECK(sync_at_first());
    CMP_TRY(auto loop, supervisor::EventLoop::create());
    CMP_TRY(auto signals, sys::SignalQueue::open({SIGINT, SIGTERM}));
    CMP_CHECK(loop.watch(signals.fd(), EPOLLIN, [&](std::uint32_t) { loop.stop(); }));
    Status failed;
    bool gathering = false;
    CMP_CHECK(loop.watch(tree_.fd(), EPOLLIN, [&](std::uint32_t) {
      changed_.merge(tree_.take());
      if (std::exchange(gathering, true)) {
        return;
      }
      loop.after(kGathering, [&] {
        gathering = false;
        changed_.merge(tree_.take());
        failed = react();
        if (!failed) {
          loop.stop();
        }
      });
    }));
    CMP_CHECK(say("Watch enabled"));
    CMP_CHECK(loop.run());
    CMP_CHECK(std::move(failed));
    return 130;
  }

 private:
  [[nodiscard]] std::map<std::string, Work> work_for(const std::set<std::string>& changed) const {
    std::map<std::string, Work> out;
    for (const std::string& path : changed) {
      for (const Watched& one : watched_) {
        if (!one.concerns(path)) {
          continue;
        }
        Work& work = out[one.service];
        work.rebuild = work.rebuild || one.rule.action == WatchAction::kRebuild;
        work.restart =
            work.restart || one.rule.action == WatchAction::kRestart || one.rule.action == WatchAction::kSyncRestart;
        if (one.syncs()) {
          work.files[path] = one.target_of(path);
        }
        if (one.rule.action == WatchAction::kSyncExec && std::ranges::find(work.execs, &one.rule) == work.execs.end()) {
          work.execs.push_back(&one.rule);
        }
      }
    }
    return out;
  }

  /// A failure of one service's update is told, and watching goes on.
  Status react() {
    const auto work = work_for(std::exchange(changed_, {}));
    std::vector<std::string> rebuilt, restarted;
    for (const auto& [service, one] : work) {
      if (one.rebuild) {
        rebuilt.push_back(service);
        continue;
      }
      if (Status done = update(service, one); !done) {
        print_error(fmt::format("error: service '{}': {}\n", service, done.error().str()));
      } else if (one.restart) {
        restarted.push_back(service);
      }
    }
    CMP_CHECK(rebuild(rebuilt));
    return restart(restarted);
  }

  Status update(const std::string& service, const Work& work) {
    if (work.files.empty()) {
      return {};
    }
    CMP_CHECK(say(fmt::format("Syncing service \"{}\" after {} changes were detected", service, work.files.size())));
    CMP_TRY(const auto containers, state::read_containers(paths_));
    for (const ContainerRecord& record : containers) {
      if (record.service == service && record.state == state::ContainerState::kRunning && !state::is_one_off(record)) {
        CMP_CHECK(update(record, work));
      }
    }
    return {};
  }

  Status update(const ContainerRecord& record, const Work& work) {
    CMP_TRY(const UniqueFd root, engine::open_container_root(paths_, record));
    for (const auto& [source, target] : work.files) {
      CMP_CHECK(engine::sync_path(source, root.get(), target));
    }
    for (const WatchRule* rule : work.execs) {
      CMP_CHECK(exec(record, rule->exec));
    }
    return {};
  }

  Status exec(const ContainerRecord& record, const WatchRule::Exec& exec) {
    std::vector<std::string> words = {"exec", "-T", "--index", std::to_string(record.number)};
    const auto add = [&](const char* option, const std::string& value) {
      if (!value.empty()) {
        words.insert(words.end(), {option, value});
      }
    };
    add("-u", exec.user);
    add("-w", exec.working_dir);
    for (const auto& [name, value] : exec.environment) {
      add("-e", name + "=" + value);
    }
    if (exec.privileged) {
      words.emplace_back("--privileged");
    }
    words.push_back(record.service);
    words.insert(words.end(), exec.command.begin(), exec.command.end());
    CMP_TRY(const sys::Child child, start_own_program(context_, paths_.project(), std::move(words)));
    CMP_TRY(const auto status, sys::wait_for_child(child.pid));
    return status.code == 0 ? Status()
                            : make_error(Code::kSystem,
                                         fmt::format("exec: '{}' ended with {}", join(exec.command, " "), status.code));
  }

  /// By another process: what it reads and says is that of `up`.
  Status rebuild(const std::vector<std::string>& services) {
    if (services.empty()) {
      return {};
    }
    CMP_CHECK(say(fmt::format("Rebuilding service(s) {} after changes were detected...", listed(services))));
    std::vector<std::string> words = {"up", "-d", "--no-deps", "--build"};
    if (options_.quiet) {
      words.emplace_back("--quiet-build");
    }
    words.insert(words.end(), services.begin(), services.end());
    CMP_TRY(const sys::Child child, start_own_program(context_, paths_.project(), std::move(words)));
    CMP_TRY(const auto status, sys::wait_for_child(child.pid));
    if (status.code != 0) {
      return say(fmt::format("service(s) {} failed to build", listed(services)));
    }
    prune();
    return say(fmt::format("service(s) {} successfully built", listed(services)));
  }

  /// Images without a name; while others use the store they stay for the next time.
  void prune() const {
    const state::Roots roots = state::roots_from_environment();
    const auto in_use = options_.prune ? images_in_use(roots) : make_error(Code::kInvalid, "");
    const auto store = image::Store::open(roots);
    if (in_use && store) {
      static_cast<void>(image::collect_garbage(*store, *in_use));
    }
  }

  Status restart(const std::vector<std::string>& services) {
    if (services.empty()) {
      return {};
    }
    std::vector<std::string> words = {"restart"};
    words.insert(words.end(), services.begin(), services.end());
    CMP_TRY(const sys::Child child, start_own_program(context_, paths_.project(), std::move(words)));
    CMP_TRY(const auto status, sys::wait_for_child(child.pid));
    return say(fmt::format("service(s) {} {}", listed(services), status.code == 0 ? "restarted" : "failed to restart"));
  }

  /// initial_sync: what is newer here than the container's own.
  Status sync_at_first() {
    std::set<std::string> found;
    for (const Watched& one : watched_) {
      if (one.rule.initial_sync && one.syncs()) {
        gather(one, one.rule.path, found);
      }
    }
    std::map<std::string, Work> work;
    for (const std::string& path : found) {
      for (const Watched& one : watched_) {
        if (one.rule.initial_sync && one.syncs() && one.concerns(path)) {
          work[one.service].files[path] = one.target_of(path);
        }
      }
    }
    for (const auto& [service, one] : work) {
      CMP_CHECK(update(service, one).context(fmt::format("service '{}'", service)));
    }
    return {};
  }

  static void gather(const Watched& one, const std::string& path, std::set<std::string>& found) {
    struct stat info {};

    if (!one.concerns(path) || ::lstat(path.c_str(), &info) != 0) {
      return;
    }
    found.insert(path);
    const auto names = S_ISDIR(info.st_mode) ? sys::list_directory(path) : std::vector<std::string>();
    for (const std::string& name : names ? *names : std::vector<std::string>()) {
      gather(one, path + "/" + name, found);
    }
  }

  const Context& context_;
  const WatchOptions& options_;
  state::Paths paths_;
  std::vector<Watched> watched_;
  sys::TreeWatch tree_;
  std::set<std::string> changed_;
};

}  // namespace

Result<int> run_command(const Context& context, const WatchOptions& options) {
  CMP_CHECK(need_root("watch"));
  CMP_TRY(const auto loaded, compose::load(load_options(context, options.services)));
  for (const std::string& name : options.services) {
    if (!loaded.project.services.contains(name)) {
      return make_error(Code::kNotFound, fmt::format("no such service: {}", name));
    }
  }
  CMP_TRY(auto watched, watched_of(loaded, options.services));
  if (!options.no_up) {
    UpOptions up;
    up.services = options.services;
    up.detach = true;
    up.images.build = true;
    up.images.quiet_build = options.quiet;
    CMP_TRY(const int code, run_command(context, up));
    if (code != 0) {
      return code;
    }
  }
  const auto left_out = [watched](const std::string& path) {
    return std::ranges::none_of(watched, [&](const Watched& one) {
      const auto within = relative_to(one.rule.path, path);
      return within && (within->empty() || !one.ignored.matches(*within));
    });
  };
  CMP_TRY(auto tree, sys::TreeWatch::open(left_out));
  return Watcher(context, options, loaded.project.name, std::move(watched), std::move(tree)).run();
}

}  // namespace cmp::cli
