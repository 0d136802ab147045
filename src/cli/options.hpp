#pragma once
// What the command line says, one plain struct a command, as parse.hpp fills them in. Flags, defaults and meanings are
// Docker Compose's (docs/reference of docker/compose).

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cmp::cli {

/// Options in front of the command.
struct Globals {
  std::vector<std::string> files, env_files, profiles;
  std::string project_name, project_directory;
  std::string ansi;      ///< never | always | auto; "" is: COMPOSE_ANSI decides
  std::string progress;  ///< auto | tty | plain | json | quiet; "" is: COMPOSE_PROGRESS decides
  bool dry_run = false;
  bool all_resources = false;
  bool no_ansi = false;
  bool compatibility = false;   ///< names with "_" in place of "-"
  std::optional<int> parallel;  ///< builds at a time; negative is no limit
  bool verbose = false;         ///< accepted: there is no log for debugging
};

/// Which images a command fetches and builds before it starts anything, and how loudly.
struct ImageChoices {
  std::string pull;  ///< always | missing | never | build; "" or policy is the file's
  bool build = false, no_build = false, quiet_pull = false, quiet_build = false;
};

/// How log lines are shown, by `up` and by `logs`.
struct LogStyle {
  bool no_color = false, no_prefix = false, timestamps = false;
};

struct UpOptions {
  bool menu = false;
  std::vector<std::string> services, scale;
  bool no_deps = false, recreate_deps = false, no_recreate = false, renew_volumes = false, no_start = false;
  bool yes = false;
  std::string command = "up";  ///< or create, scale
  bool detach = false, wait = false, force_recreate = false, remove_orphans = false;
  bool abort_on_exit = false, abort_on_failure = false, attach_dependencies = false, dry_run = false;
  std::string exit_code_from;
  std::vector<std::string> attach, no_attach;
  std::optional<int> timeout_s, wait_timeout_s;
  ImageChoices images;
  bool watch = false;
  bool detailed_exit_code = false;  ///< of `plan`
  bool atomic = false;
  LogStyle log;
};

struct PlanOptions {
  UpOptions up;
};

struct DownOptions {
  std::vector<std::string> services;
  std::string rmi;  ///< all, local; "" removes none
  bool volumes = false, remove_orphans = false, dry_run = false;
  std::optional<int> timeout_s;
};

struct StopOptions {
  std::vector<std::string> services;
  std::optional<int> timeout_s;
  bool dry_run = false;
};

struct StartOptions {
  std::vector<std::string> services;
  bool wait = false, dry_run = false;
  std::optional<int> wait_timeout_s;
};

struct RestartOptions {
  std::vector<std::string> services;
  bool no_deps = false, dry_run = false;
  std::optional<int> timeout_s;
};

struct CreateOptions {
  std::vector<std::string> services, scale;
  bool force_recreate = false, no_recreate = false, remove_orphans = false, dry_run = false, yes = false;
  ImageChoices images;
};

struct ScaleOptions {
  std::vector<std::string> scale;  ///< "web=3"
  bool no_deps = false;
  bool dry_run = false;
};

struct RemoveOptions {
  std::vector<std::string> services;
  bool force = false, stop = false, volumes = false, all = false;
  bool dry_run = false;
};

struct PauseOptions {
  std::vector<std::string> services;
  bool dry_run = false;
};

struct UnpauseOptions {
  std::vector<std::string> services;
  bool dry_run = false;
};

struct KillOptions {
  std::vector<std::string> services;
  bool remove_orphans = false, dry_run = false;
  std::string signal = "SIGKILL";
};

struct PsOptions {
  std::vector<std::string> services, status, filters;
  std::string format;
  bool all = false, quiet = false, only_services = false, no_trunc = false, orphans = true;
};

struct LogsOptions {
  std::vector<std::string> services;
  bool follow = false;
  std::string since, until, tail = "all";
  std::optional<int> index;
  LogStyle log;
};

struct ExecOptions {
  std::string service;
  std::vector<std::string> command;
  std::vector<std::string> env;
  std::string user, workdir;
  int index = 0;
  bool detach = false, no_tty = false, interactive = false, tty = false, privileged = false;
};

struct AttachOptions {
  std::string service;
  std::string detach_keys = "ctrl-p,ctrl-q";
  int index = 0;
  bool no_stdin = false, sig_proxy = true;
};

struct RunOptions {
  std::string service, name, user, workdir;
  std::optional<std::string> entrypoint;
  std::vector<std::string> command, env, env_files, volumes, publish, labels, cap_add, cap_drop;
  bool detach = false, remove = false, no_deps = false, service_ports = false, use_aliases = false;
  bool no_tty = false, tty = false, interactive = true, quiet = false, remove_orphans = false;
  bool dry_run = false;
  ImageChoices images;
};

struct WaitOptions {
  std::vector<std::string> services;
  bool down_project = false;
};

struct PortOptions {
  std::string service, port, protocol = "tcp";
  int index = 0;
};

struct EventsOptions {
  std::vector<std::string> services;
  std::string until;
  bool json = false;
};

struct CpOptions {
  std::string from, to;  ///< SERVICE:PATH, a path, or - for an archive
  int index = 0;
  bool all = false, archive = false, follow_link = false, dry_run = false;
};

struct ExportOptions {
  std::string service, output;
  int index = 0;
  bool dry_run = false;
};

struct WatchOptions {
  std::vector<std::string> services;
  bool no_up = false, prune = true, quiet = false;
};

struct StatsOptions {
  std::vector<std::string> services;
  std::string format;
  bool all = false, no_stream = false, no_trunc = false;
};

struct TopOptions {
  std::vector<std::string> services;
};

struct ConfigOptions {
  std::vector<std::string> services;
  std::string format, output, hash;
  bool quiet = false, list_services = false, list_volumes = false, list_networks = false, list_images = false;
  bool list_profiles = false, list_models = false, environment = false, variables = false, explain = false;
  bool no_interpolate = false, no_normalize = false, no_path_resolution = false, no_consistency = false;
  bool no_env_resolution = false, resolve_digests = false, lock_digests = false, tls_verify = true;
};

struct VersionOptions {
  bool brief = false;
  std::string format;
};

struct WhyOptions {
  std::vector<std::string> services;
};

struct InspectOptions {
  std::vector<std::string> names;
  std::string format;
};

struct ResumeOptions {};

struct EnableOptions {
  std::string unit_dir;
};

struct DisableOptions {
  std::string unit_dir;
};

struct LsOptions {
  bool all = false, quiet = false;
  std::vector<std::string> filters;
  std::string format;
};

struct NetworkOptions {
  std::string action;  ///< ls or inspect
  std::vector<std::string> names;
  std::string format;
  bool quiet = false;
};

struct VolumesOptions {
  std::vector<std::string> services;
  std::string format;
  bool quiet = false;
};

struct VolumeOptions {
  std::string action;  ///< ls, inspect, create, rm, prune, restore, snapshot or fork
  std::vector<std::string> names, labels, options;
  std::string format, driver;
  bool quiet = false, force = false, all = false, trash = false;
};

struct GraphOptions {
  std::string format;
  bool network = false;
};

struct PullOptions {
  std::vector<std::string> services;
  std::string policy;
  bool ignore_buildable = false, ignore_failures = false, include_deps = false, quiet = false, tls_verify = true;
};

struct PushOptions {
  std::vector<std::string> services;
  bool ignore_failures = false, include_deps = false, quiet = false, tls_verify = true;
};

struct BuildOptions {
  std::vector<std::string> services, args, ssh;
  bool no_cache = false, pull = false, push = false, quiet = false, with_dependencies = false;
  std::string memory;                     ///< of each step: "512m"
  std::string builder, provenance, sbom;  ///< of Docker's builders; refused, unless they ask for nothing
  bool check = false, print = false;      ///< the same
  bool compress = false, force_rm = false, no_rm = false, parallel = false;  ///< old, without effect
};

struct ImagesOptions {
  std::vector<std::string> services;
  std::string format;
  bool all = false, quiet = false;
};

struct LoadOptions {
  std::string input;
  bool quiet = false;
};

struct SaveOptions {
  std::vector<std::string> images;
  std::string output;
  bool quiet = false;
};

struct RmiOptions {
  std::vector<std::string> images;
  bool force = false;
};

struct GcOptions {
  bool dry_run = false;
};

struct DoctorOptions {
  std::string format;
};

/// `--help`, `help` or nothing at all: text for standard output.
struct HistoryOptions {
  bool quiet = false;
};

struct DiffOptions {
  std::vector<std::string> generations;  ///< numbers, two at most
};

struct RollbackOptions {
  std::string generation;  ///< a number; "" is the last but one
  bool dry_run = false;
  std::optional<int> timeout_s;
};

struct HelpText {
  std::string text;
};

using CommandOptions =
    std::variant<HelpText, UpOptions, PlanOptions, HistoryOptions, DiffOptions, RollbackOptions, DownOptions,
                 StartOptions, RestartOptions, CreateOptions, ScaleOptions, RemoveOptions, RunOptions, PauseOptions,
                 UnpauseOptions, WaitOptions, PortOptions, EventsOptions, TopOptions, StopOptions, KillOptions,
                 PsOptions, LogsOptions, ExecOptions, AttachOptions, ConfigOptions, VersionOptions, LsOptions,
                 PullOptions, PushOptions, BuildOptions, ImagesOptions, LoadOptions, SaveOptions, RmiOptions, GcOptions,
                 StatsOptions, CpOptions, ExportOptions, WatchOptions, NetworkOptions, GraphOptions, VolumesOptions,
                 VolumeOptions, DoctorOptions, WhyOptions, InspectOptions, ResumeOptions, EnableOptions,
                 DisableOptions>;

struct Invocation {
  Globals globals;
  std::vector<std::string> warnings;  ///< of options that are not to be used any more
  CommandOptions command;
};

}  // namespace cmp::cli
