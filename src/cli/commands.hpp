#pragma once
// The commands, each in the file of its name. The result is the exit code of the program.

#include "base/result.hpp"
#include "cli/context.hpp"
#include "cli/options.hpp"

namespace cmp::cli {

[[nodiscard]] Result<int> run_command(const Context& context, const UpOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const PlanOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const DownOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const StopOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const StartOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const RestartOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const CreateOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const ScaleOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const RemoveOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const PauseOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const UnpauseOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const RunOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const WaitOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const PortOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const EventsOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const TopOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const CpOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const ExportOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const WatchOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const StatsOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const KillOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const PsOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const LogsOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const ExecOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const AttachOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const ConfigOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const VersionOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const LsOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const NetworkOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const VolumesOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const VolumeOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const GraphOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const WhyOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const InspectOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const ResumeOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const EnableOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const DisableOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const PullOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const PushOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const BuildOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const ImagesOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const LoadOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const SaveOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const RmiOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const GcOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const DoctorOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const HistoryOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const DiffOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const RollbackOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const HelpText& help);

}  // namespace cmp::cli
