#pragma once
// The options of each command, as CLI11 takes them: what --help shows. The kinds of options that commands have in
// common stand first.

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/options.hpp"

namespace cmp::cli {

/// A check for CLI11: "" if the value is a whole number from `lowest` up, else what is wrong with it.
[[nodiscard]] std::string check_whole_number(const std::string& value, int lowest);

void add_number(CLI::App& app, const std::string& names, std::optional<int>& value, const std::string& help,
                int lowest = 0);
/// The last one counts.
void add_text(CLI::App& app, const std::string& names, std::string& value, const std::string& help,
              const std::string& kind = "TEXT");
/// An option that may be given several times, one value each time.
void add_list(CLI::App& app, const std::string& names, std::vector<std::string>& values, const std::string& help,
              const std::string& kind = "TEXT");
/// The services after the options.
void add_services(CLI::App& app, std::vector<std::string>& services);
/// --index: 0 is whichever runs.
void add_index(CLI::App& app, int& index);
/// --pull of who starts services.
void add_pull(CLI::App& app, std::string& pull);
/// --dry-run of who changes nothing but containers' states.
void add_dry_run(CLI::App& app, bool& dry_run);
/// -t, --timeout.
void add_stop_timeout(CLI::App& app, std::optional<int>& timeout_s);
/// --no-color, --no-log-prefix, and the name that times have with this command.
void add_log_style(CLI::App& app, LogStyle& style, const std::string& timestamps);

/// --build, --no-build, --pull, --quiet-build, --quiet-pull.
void add_image_choices(CLI::App& app, ImageChoices& choices);

void define(CLI::App& app, Globals& options);
void define(CLI::App& app, UpOptions& options);
void define(CLI::App& app, PlanOptions& options);
void define(CLI::App& app, DownOptions& options);
void define(CLI::App& app, StopOptions& options);
void define(CLI::App& app, StartOptions& options);
void define(CLI::App& app, RestartOptions& options);
void define(CLI::App& app, CreateOptions& options);
void define(CLI::App& app, ScaleOptions& options);
void define(CLI::App& app, RemoveOptions& options);
void define(CLI::App& app, PauseOptions& options);
void define(CLI::App& app, UnpauseOptions& options);
void define(CLI::App& app, RunOptions& options);
void define(CLI::App& app, WaitOptions& options);
void define(CLI::App& app, PortOptions& options);
void define(CLI::App& app, NetworkOptions& options);
void define(CLI::App& app, VolumesOptions& options);
void define(CLI::App& app, VolumeOptions& options);
void define(CLI::App& app, GraphOptions& options);
void define(CLI::App& app, WhyOptions& options);
void define(CLI::App& app, InspectOptions& options);
void define(CLI::App& app, ResumeOptions& options);
void define(CLI::App& app, EnableOptions& options);
void define(CLI::App& app, DisableOptions& options);
void define(CLI::App& app, EventsOptions& options);
void define(CLI::App& app, CpOptions& options);
void define(CLI::App& app, ExportOptions& options);
void define(CLI::App& app, WatchOptions& options);
void define(CLI::App& app, StatsOptions& options);
void define(CLI::App& app, TopOptions& options);
void define(CLI::App& app, KillOptions& options);
void define(CLI::App& app, PsOptions& options);
void define(CLI::App& app, LogsOptions& options);
void define(CLI::App& app, ExecOptions& options);
void define(CLI::App& app, AttachOptions& options);
void define(CLI::App& app, ConfigOptions& options);
void define(CLI::App& app, VersionOptions& options);
void define(CLI::App& app, LsOptions& options);
void define(CLI::App& app, PullOptions& options);
void define(CLI::App& app, PushOptions& options);
void define(CLI::App& app, BuildOptions& options);
void define(CLI::App& app, ImagesOptions& options);
void define(CLI::App& app, LoadOptions& options);
void define(CLI::App& app, SaveOptions& options);
void define(CLI::App& app, RmiOptions& options);
void define(CLI::App& app, GcOptions& options);
void define(CLI::App& app, DoctorOptions& options);
void define(CLI::App& app, HistoryOptions& options);
void define(CLI::App& app, DiffOptions& options);
void define(CLI::App& app, RollbackOptions& options);

}  // namespace cmp::cli
