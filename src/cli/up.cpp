#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/core.h>

#include "cli/attached_up.hpp"
#include "cli/caller.hpp"
#include "cli/changed_volumes.hpp"
#include "cli/commands.hpp"
#include "cli/dry_run.hpp"
#include "cli/generation_request.hpp"
#include "cli/granted_files.hpp"
#include "cli/human.hpp"
#include "cli/image_setup.hpp"
#include "cli/orphans.hpp"
#include "cli/other_copy.hpp"
#include "cli/outcome.hpp"
#include "cli/output.hpp"
#include "cli/own_program.hpp"
#include "cli/scale.hpp"
#include "cli/trash.hpp"
#include "compose/listing.hpp"

namespace cmp::cli {

namespace {

using Names = std::vector<std::string>;

/// plan --detailed-exitcode: there is something to do.
constexpr int kChangesAhead = 2;

Error invalid(std::string message) {
  return make_error(Code::kInvalid, std::move(message));
}

Status check_recreation(const UpOptions& options) {
  if (!options.no_recreate) {
    return {};
  }
  return options.force_recreate  ? invalid("--force-recreate and --no-recreate are incompatible")
         : options.renew_volumes ? invalid("--no-recreate and --renew-anon-volumes are incompatible")
         : options.recreate_deps ? Status(invalid("--always-recreate-deps and --no-recreate are incompatible"))
                                 : Status();
}

/// Options that exclude each other, in Docker Compose's words.
Status check_options(const UpOptions& options) {
  const bool aborts = options.abort_on_exit || options.abort_on_failure || !options.exit_code_from.empty();
  const bool attaches = !options.attach.empty() || options.attach_dependencies;
  if (options.detach && (aborts || attaches)) {
    return invalid(
        "--detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --exit-code-from, "
        "--attach or --attach-dependencies");
  }
  if (options.wait && (aborts || attaches)) {
    return invalid(
        "--wait cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --exit-code-from, "
        "--attach or --attach-dependencies");
  }
  if (options.abort_on_exit && options.abort_on_failure) {
    return invalid("--abort-on-container-failure cannot be combined with --abort-on-container-exit");
  }
  if (options.watch && (options.images.no_build || options.detach)) {
    return invalid(options.detach ? "--detach cannot be combined with --watch"
                                  : "--no-build and --watch are incompatible");
  }
  CMP_CHECK(check_recreation(options));
  if (options.wait_timeout_s && !options.wait) {
    return invalid("--wait-timeout needs --wait");
  }
  return {};
}

/// The named services and everything they depend on.
std::set<std::string> with_dependencies(const model::Project& project, const Names& named) {
  std::set<std::string> out;
  Names open = named;
  while (!open.empty()) {
    const std::string name = open.back();
    open.pop_back();
    const auto service = project.services.find(name);
    if (service != project.services.end() && out.insert(name).second) {
      for (const auto& [dependency, how] : service->second.depends_on) {
        open.push_back(dependency);
      }
    }
  }
  return out;
}

Names all_services(const model::Project& project) {
  Names out;
  for (const auto& [name, service] : project.services) {
    out.push_back(name);
  }
  return out;
}

/// Whose lines are shown: --attach, else the services of the command line, less --no-attach and `attach: false`.
std::set<std::string> shown_services(const model::Project& project, const UpOptions& options) {
  Names base = !options.attach.empty() ? options.attach : options.services;
  if (base.empty()) {
    base = all_services(project);
  }
  std::set<std::string> out =
      options.attach_dependencies ? with_dependencies(project, base) : std::set<std::string>(base.begin(), base.end());
  std::erase_if(out, [&](const std::string& name) {
    const auto service = project.services.find(name);
    const bool named = std::find(options.attach.begin(), options.attach.end(), name) != options.attach.end();
    return std::find(options.no_attach.begin(), options.no_attach.end(), name) != options.no_attach.end() ||
           (!named && service != project.services.end() && !service->second.attach);
  });
  return out;
}

Status check_names(const compose::Loaded& loaded, const UpOptions& options) {
  Names named = options.services;
  named.insert(named.end(), options.attach.begin(), options.attach.end());
  named.insert(named.end(), options.no_attach.begin(), options.no_attach.end());
  if (!options.exit_code_from.empty()) {
    named.push_back(options.exit_code_from);
  }
  for (const std::string& name : named) {
    if (!loaded.project.services.contains(name)) {
      return make_error(Code::kNotFound, fmt::format("no such service: {}", name));
    }
  }
  if (loaded.project.services.empty()) {
    Error error = invalid(loaded.disabled_services.empty() ? "no service selected: the file declares none"
                                                           : "no service selected: none has an active profile");
    error.where.file = loaded.files.empty() ? "" : loaded.files.front();
    return error;
  }
  return {};
}

/// Lines of services that this `up` does not touch are `logs`' business.
Status check_attached(const model::Project& project, const UpOptions& options) {
  if (options.services.empty()) {
    return {};
  }
  const Names& named = options.services;
  const auto included =
      options.no_deps ? std::set<std::string>(named.begin(), named.end()) : with_dependencies(project, named);
  Names others;
  std::ranges::copy_if(options.attach, std::back_inserter(others),
                       [&](const std::string& name) { return !included.contains(name); });
  return others.empty() ? Status() : Status(invalid("cannot attach to services not included in up: " + join(others)));
}

supervisor::Request request_of(const UpOptions& options, model::Project project) {
  supervisor::Request request;
  request.operation = supervisor::Operation::kUp;
  request.project = std::move(project);
  request.services = options.services;
  request.remove_orphans = options.remove_orphans;
  request.wait = options.wait || options.atomic;
  request.force_recreate = options.force_recreate;
  request.no_deps = options.no_deps;
  request.recreate_deps = options.recreate_deps;
  request.no_recreate = options.no_recreate;
  request.renew_volumes = options.renew_volumes;
  request.no_start = options.no_start;
  request.timeout_s = options.timeout_s;
  request.who = who(options.command);
  return request;
}

AttachedUpOptions attach_options(const UpOptions& options, std::set<std::string> shown, WallTime since,
                                 bool interrupted) {
  AttachedUpOptions out;
  out.services = options.services;
  out.followed = options.services;
  if (!options.services.empty()) {
    out.followed.insert(out.followed.end(), shown.begin(), shown.end());
  }
  out.shown = [shown = std::move(shown)](const state::ContainerRecord& record) {
    return shown.contains(record.service);
  };
  out.since = since;
  out.log = options.log;
  out.abort_on = options.abort_on_failure                                   ? AbortOn::kFailure
                 : options.abort_on_exit || !options.exit_code_from.empty() ? AbortOn::kExit
                                                                            : AbortOn::kNothing;
  out.exit_code_from = options.exit_code_from;
  out.stop_timeout_s = options.timeout_s;
  out.stop_at_once = interrupted;
  return out;
}

Result<compose::Loaded> load_project(const Context& context, const UpOptions& options) {
  CMP_TRY(auto loaded, load_loudly(load_options(context, options.services)));
  std::vector<compose::Warning> warnings = loaded.warnings;
  const auto unsupported = compose::unsupported(loaded.tree);
  warnings.insert(warnings.end(), unsupported.begin(), unsupported.end());
  print_warnings(warnings);
  CMP_CHECK(check_names(loaded, options));
  CMP_CHECK(check_attached(loaded.project, options));
  CMP_CHECK(apply_scale(loaded.project, options.scale));
  return loaded;
}

Result<ImageSetup> image_setup(const Context& context, const UpOptions& options) {
  CMP_TRY(ImageSetup setup, image_setup_of(context, options.images, options.services));
  setup.no_deps = options.no_deps;
  return setup;
}

std::optional<Nanoseconds> deadline_of(const UpOptions& options) {
  return options.wait_timeout_s.value_or(0) > 0
             ? std::optional<Nanoseconds>(std::chrono::seconds(*options.wait_timeout_s))
             : std::nullopt;
}

/// Not among JSON lines: there, nothing said is nothing done.
void say_if_unchanged(const Context& context, const Outcome& outcome, const std::string& notice) {
  const bool wanted = context.style.progress == ProgressMode::kLive || context.style.progress == ProgressMode::kPlain;
  if (wanted && is_unchanged(outcome)) {
    print_error(notice);
  }
}

/// What goes to the supervisor.
struct Call {
  supervisor::Request request;
  UniqueFd granted;  ///< the bytes of secrets and configs
};

std::vector<int> attached(const Call& call) {
  return call.granted ? std::vector<int>{call.granted.get()} : std::vector<int>();
}

/// --atomic, of an `up` that has failed: what the last one that had not failed has made, or nothing if there was none.
Result<int> return_to_last(const Context& context, const state::Paths& paths, Outcome failed,
                           ProgressPrinter& printer) {
  GenerationRequest made;
  made.request.operation = supervisor::Operation::kDown;
  const auto last = supervisor::last_generation(paths);
  if (last) {
    CMP_TRY(made, request_of(context, *last));
  }
  print_error(last ? fmt::format("It does not come up: returning to generation {}\n", last->number)
                   : std::string("It does not come up: taken down, as there is no generation to return to\n"));
  made.request.who = who("up --atomic");
  CMP_TRY(Outcome returned, perform(paths, std::move(made.request), printer, std::nullopt, attached(made)));
  failed.errors.insert(failed.errors.end(), returned.errors.begin(), returned.errors.end());
  return conclude(std::move(failed));
}

/// -d and --wait: the end of the request is the end of the command.
Result<int> up_detached(const Context& context, const state::Paths& paths, const UpOptions& options, Call call,
                        const std::string& notice) {
  ProgressPrinter printer(options.command, printer_options(context));
  CMP_TRY(Outcome outcome, perform(paths, std::move(call.request), printer, deadline_of(options), attached(call)));
  if (outcome.timed_out) {
    outcome.errors = {
        make_error(Code::kSystem, fmt::format("application not healthy after {}s", *options.wait_timeout_s))};
  }
  if (options.atomic && !outcome.errors.empty() && !outcome.interrupted) {
    return return_to_last(context, paths, std::move(outcome), printer);
  }
  say_if_unchanged(context, outcome, notice);
  purge_trash(paths.roots(), context.environment);
  return conclude(std::move(outcome));
}

/// --watch: by a process that ends with this one.
Result<sys::Child> start_watching(const Context& context, const state::Paths& paths, const UpOptions& options) {
  if (!options.watch) {
    return sys::Child();
  }
  std::vector<std::string> words = {"watch", "--no-up"};
  words.insert(words.end(), options.services.begin(), options.services.end());
  return start_own_program(context, paths.project(), std::move(words));
}

Result<int> up_attached(const Context& context, const state::Paths& paths, const UpOptions& options, Call call,
                        const std::string& notice, UniqueFd hold) {
  const WallTime since = wall_now();
  auto shown = shown_services(*call.request.project, options);
  // Before the services start, so that no exit is missed.
  CMP_TRY(auto watch, watch_project(paths));
  PrinterOptions look = printer_options(context);
  look.hide_starts = true;
  ProgressPrinter printer("up", look);
  CMP_TRY(Outcome outcome, perform(paths, std::move(call.request), printer, std::nullopt, attached(call)));
  // The containers' records name their images now; attached, this may last for days.
  hold.reset();
  // Interrupted before anything of it ran: there is nothing to stay with.
  const bool undone = outcome.interrupted && !supervisor::Client::project_exists(paths);
  if (undone || (!outcome.errors.empty() && !outcome.interrupted)) {
    return conclude(std::move(outcome));
  }
  say_if_unchanged(context, outcome, notice);
  purge_trash(paths.roots(), context.environment);
  CMP_TRY(const auto watching, start_watching(context, paths, options));
  return stay_attached(context, paths, std::move(watch),
                       attach_options(options, std::move(shown), since, outcome.interrupted));
}

}  // namespace

Result<int> run_command(const Context& context, const UpOptions& options) {
  CMP_CHECK(check_options(options));
  CMP_CHECK(need_root(options.command));
  CMP_CHECK(begin_dry_run(context));
  CMP_TRY(auto loaded, load_project(context, options));
  CMP_TRY(const ImageSetup images, image_setup(context, options));
  CMP_TRY(UniqueFd hold, set_up_images(context, loaded.project, images));
  const state::Paths paths(state::roots_from_environment(), loaded.project.name);
  CMP_CHECK(check_other_copy(context, paths, loaded));
  const std::string notice = unchanged_notice(loaded.project.name, options.services, loaded.files);
  CMP_TRY(UniqueFd granted, collect_granted_files(loaded, options.services));
  name_owners(context.environment, loaded.project);
  CMP_TRY(auto recreated, volumes_to_recreate(loaded.project, options.services,
                                              options.yes               ? Answer::kYes
                                              : context.globals.dry_run ? Answer::kNo
                                                                        : Answer::kAsk));
  auto request = request_of(options, loaded.project);
  request.caller = sudo_caller(context.environment);
  request.recreate_volumes = std::move(recreated);
  request.granted = static_cast<bool>(granted);
  request.declared = loaded.disabled_services;
  CMP_CHECK(decide_orphans(loaded.environment, request));
  if (context.globals.dry_run) {
    CMP_TRY(const bool anything, show_plan(paths, request, places_in(loaded)));
    if (!anything) {
      print_error(notice);
    }
    return anything && options.detailed_exit_code ? kChangesAhead : 0;
  }
  Call call{std::move(request), std::move(granted)};
  return options.detach || options.wait || options.no_start || options.atomic
             ? up_detached(context, paths, options, std::move(call), notice)
             : up_attached(context, paths, options, std::move(call), notice, std::move(hold));
}

Result<int> run_command(const Context& context, const PlanOptions& options) {
  Context looking = context;
  looking.globals.dry_run = true;
  return run_command(looking, options.up);
}

}  // namespace cmp::cli
