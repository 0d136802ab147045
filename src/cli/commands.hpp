#pragma once
// The commands, each in the file of its name. The result is the exit code of the program.

#include "base/result.hpp"
#include "cli/context.hpp"
#include "cli/options.hpp"

namespace cmp::cli {

[[nodiscard]] Result<int> run_command(const Context& context, const UpOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const DownOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const StopOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const KillOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const PsOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const LogsOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const ExecOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const AttachOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const ConfigOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const VersionOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const LsOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const PullOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const PushOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const BuildOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const ImagesOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const LoadOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const SaveOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const RmiOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const GcOptions& options);
[[nodiscard]] Result<int> run_command(const Context& context, const HelpText& help);

}  // namespace cmp::cli
