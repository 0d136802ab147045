#include <unistd.h>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/container_files.hpp"
#include "cli/output.hpp"
#include "cli/transfer.hpp"
#include "image/reference.hpp"

namespace cmp::cli {

namespace {

Result<Transferred> run(const Context& context, const image::TransferRequest& request, bool quiet,
                        const TransferWords& words) {
  PrinterOptions look = printer_options(context);
  look.mode = quiet ? ProgressMode::kQuiet : look.mode;
  ProgressPrinter printer(request.task == image::Task::kLoad ? "load" : "save", look);
  auto transferred = transfer(request, printer, words);
  printer.finish(monotonic_now());
  return transferred;
}

}  // namespace

Result<int> run_command(const Context& context, const LoadOptions& options) {
  CMP_CHECK(need_root("load"));
  const bool standard = options.input.empty() || options.input == "-";
  if (standard && ::isatty(STDIN_FILENO) != 0) {
    return make_error(Code::kInvalid, "standard input is a terminal: name the archive with -i, or pipe it in");
  }
  image::TransferRequest request;
  request.task = image::Task::kLoad;
  request.file = path_for_worker(context, options.input, STDIN_FILENO);
  CMP_TRY(const Transferred transferred, run(context, request, options.quiet, {.doing = "Loading", .done = "Loaded"}));
  for (const auto& [label, image] : transferred.images) {
    CMP_CHECK(print(fmt::format("Loaded image: {}\n", label)));
  }
  return 0;
}

Result<int> run_command(const Context& context, const SaveOptions& options) {
  CMP_CHECK(need_root("save"));
  const bool standard = options.output.empty() || options.output == "-";
  if (standard && ::isatty(STDOUT_FILENO) != 0) {
    return make_error(Code::kInvalid, "standard output is a terminal: name a file with -o, or pipe it on");
  }
  image::TransferRequest request;
  request.task = image::Task::kSave;
  request.file = path_for_worker(context, options.output, STDOUT_FILENO);
  for (const std::string& name : options.images) {
    CMP_TRY(const image::Reference reference, image::parse_reference(name, load_options(context).cwd));
    request.items.push_back({.name = reference.str(), .platform = "linux", .as = "", .label = reference.familiar()});
  }
  CMP_TRY(const Transferred transferred, run(context, request, options.quiet, {.doing = "Saving", .done = "Saved"}));
  static_cast<void>(transferred);
  return 0;
}

}  // namespace cmp::cli
