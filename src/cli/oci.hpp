#pragma once
// `cmp oci`: the command line of an OCI runtime, for tools that want one (man page, section OCI RUNTIME).

#include <string>
#include <vector>

#include "cli/oci_arguments.hpp"
#include "runtime/store.hpp"

namespace cmp::cli {

/// True if the program was called as cmp-oci, or with `oci` as its first argument, which is then taken away.
[[nodiscard]] bool is_oci_runtime(char** argv, std::vector<std::string>& arguments);

/// Does what the arguments say. \returns the exit code: 1 for every failure of the runtime itself, 255 of `exec`.
[[nodiscard]] int run_oci_runtime(const std::vector<std::string>& words);

/// The commands; the result is the exit code.
[[nodiscard]] Result<int> oci_create(const OciArguments& arguments, const runtime::Store& store);
[[nodiscard]] Result<int> oci_run(const OciArguments& arguments, const runtime::Store& store);
[[nodiscard]] Result<int> oci_start(const OciArguments& arguments, const runtime::Store& store);
[[nodiscard]] Result<int> oci_state(const OciArguments& arguments, const runtime::Store& store);
[[nodiscard]] Result<int> oci_kill(const OciArguments& arguments, const runtime::Store& store);
[[nodiscard]] Result<int> oci_delete(const OciArguments& arguments, const runtime::Store& store);
[[nodiscard]] Result<int> oci_exec(const OciArguments& arguments, const runtime::Store& store);
[[nodiscard]] Result<int> oci_list(const OciArguments& arguments, const runtime::Store& store);
[[nodiscard]] Result<int> oci_ps(const OciArguments& arguments, const runtime::Store& store);
[[nodiscard]] Result<int> oci_pause(const OciArguments& arguments, const runtime::Store& store);
[[nodiscard]] Result<int> oci_resume(const OciArguments& arguments, const runtime::Store& store);
[[nodiscard]] Result<int> oci_update(const OciArguments& arguments, const runtime::Store& store);
[[nodiscard]] Result<int> oci_events(const OciArguments& arguments, const runtime::Store& store);
[[nodiscard]] Result<int> oci_features(const OciArguments& arguments, const runtime::Store& store);
[[nodiscard]] Result<int> oci_spec(const OciArguments& arguments, const runtime::Store& store);

/// Prints warnings on standard error and in the log.
void oci_warn(const OciArguments& arguments, const std::vector<std::string>& warnings);

}  // namespace cmp::cli
