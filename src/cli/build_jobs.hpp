#pragma once
// Builds running side by side, under one progress display.

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/build_graph.hpp"
#include "cli/progress_printer.hpp"

namespace cmp::cli {

struct BuildJob {
  std::string service;
  std::string label;                 ///< the image as people know it
  std::vector<std::string> build;    ///< arguments of the build; it writes the image's id into id_file
  std::vector<std::string> export_;  ///< arguments that write an image into `layout`, up to the image's id
  std::string id_file, layout;       ///< layout: an OCI layout, image `latest`
  bool done = false;
  std::optional<Error> failure;
};

/// How much of the builds' output is shown as it comes.
enum class BuildOutput {
  kLines,  ///< all of it, each line with its service
  kSteps,  ///< which step each is at; the rest if it fails
  kNone,   ///< only if it fails
};

/// Runs each job once the services it needs are done, `at_once` at a time, in this directory. After a failure nothing
/// new is begun. Errors: something went wrong with all of it; a job's own failure is in the job.
[[nodiscard]] Status run_build_jobs(std::vector<BuildJob>& jobs, const BuildNeeds& needs, const std::string& directory,
                                    std::size_t at_once, BuildOutput output, ProgressPrinter& printer);

}  // namespace cmp::cli
