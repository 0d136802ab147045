#include <unistd.h>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/container_files.hpp"
#include "cli/output.hpp"
#include "cli/transfer.hpp"

// `cp` and `export`: cmp opens what is meant, cmp-transfer does the work.

namespace cmp::cli {

namespace {

using state::ContainerRecord;

/// "web:/etc" or a path of this machine; one that begins with "/" or "." is always the latter.
struct CopyWord {
  std::string service;  ///< "" is this machine
  std::string path;
};

CopyWord split(const std::string& word) {
  const std::size_t colon = word.find(':');
  const bool local = word.starts_with('/') || word.starts_with('.') || colon == std::string::npos || colon == 0;
  return local ? CopyWord{.service = "", .path = word}
               : CopyWord{.service = word.substr(0, colon), .path = word.substr(colon + 1)};
}

/// In a container everything is below its root.
std::string inside(const std::string& path) {
  return path.starts_with('/') ? path : "/" + path;
}

class Copying {
 public:
  Copying(const Context& context, const state::Paths& paths, const CpOptions& options)
      : context_(context), paths_(paths), options_(options), from_(split(options.from)), to_(split(options.to)) {
    // Now: whoever opens a stopped container's root is in another directory then.
    for (CopyWord* const word : {&from_, &to_}) {
      if (word->service.empty() && word->path != "-") {
        word->path = path_for_worker(context, word->path, -1);
      }
    }
  }

  Status run() {
    if (!from_.service.empty() && !to_.service.empty()) {
      return make_error(Code::kInvalid, "copying between services is not supported");
    }
    if (from_.service.empty() && to_.service.empty()) {
      return make_error(Code::kInvalid, "unknown copy direction: one of the two must be SERVICE:PATH");
    }
    CMP_CHECK(check_streams());
    const bool out = !from_.service.empty();
    CMP_TRY(auto containers,
            containers_of(context_, paths_, out ? from_.service : to_.service, options_.index, options_.all));
    if (out || from_.path == "-") {
      containers.resize(1);  // a stream is read once, and a file has room for one
    }
    ProgressPrinter printer("copy", printer_options(context_));
    for (const ContainerRecord& record : containers) {
      show(printer, record, "Copying", supervisor::ProgressStatus::kWorking);
      if (!context_.globals.dry_run) {
        CMP_CHECK(copy(record, printer).context(fmt::format("container {}", record.name)));
      }
      show(printer, record, "Copied", supervisor::ProgressStatus::kDone);
    }
    printer.finish(monotonic_now());
    return {};
  }

 private:
  [[nodiscard]] Status check_streams() const {
    if (to_.path == "-" && to_.service.empty() && ::isatty(STDOUT_FILENO) != 0) {
      return make_error(Code::kInvalid, "standard output is a terminal: pipe the archive on, or name a file");
    }
    if (from_.path == "-" && from_.service.empty() && ::isatty(STDIN_FILENO) != 0) {
      return make_error(Code::kInvalid, "standard input is a terminal: pipe an archive in, or name a file");
    }
    return {};
  }

  void show(ProgressPrinter& printer, const ContainerRecord& record, const char* text,
            supervisor::ProgressStatus status) const {
    printer.show({.type = supervisor::EventType::kProgress,
                  .id = "Container " + record.name,
                  .text = text,
                  .status = status,
                  .details = fmt::format("{} to {}", options_.from, options_.to)},
                 monotonic_now());
  }

  Status copy(const ContainerRecord& record, ProgressPrinter& printer) const {
    CMP_TRY(const RootOfContainer root, root_of(paths_, record));
    image::TransferRequest request;
    request.task = image::Task::kCopy;
    request.from = side(from_, root);
    request.to = side(to_, root);
    request.file = path_for_worker(context_, "-", from_.service.empty() ? STDIN_FILENO : STDOUT_FILENO);
    request.keep_owner = options_.archive;
    request.follow_link = options_.follow_link;
    // What comes here is the caller's, what goes there root's.
    request.uid = to_.service.empty() ? ::geteuid() : 0;
    request.gid = to_.service.empty() ? ::getegid() : 0;
    CMP_TRY(const Transferred transferred, transfer(request, printer, {.doing = "Copying", .done = "Copied"}));
    static_cast<void>(transferred);
    return {};
  }

  [[nodiscard]] image::CopySide side(const CopyWord& word, const RootOfContainer& root) const {
    if (!word.service.empty()) {
      return {.root = root.path, .path = inside(word.path)};
    }
    return word.path == "-" ? image::CopySide() : image::CopySide{.root = "/", .path = word.path};
  }

  const Context& context_;
  const state::Paths& paths_;
  const CpOptions& options_;
  CopyWord from_, to_;
};

}  // namespace

Result<int> run_command(const Context& context, const CpOptions& options) {
  CMP_CHECK(need_root("cp"));
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_CHECK(Copying(context, paths, options).run());
  return 0;
}

Result<int> run_command(const Context& context, const ExportOptions& options) {
  CMP_CHECK(need_root("export"));
  if (options.output.empty() && ::isatty(STDOUT_FILENO) != 0) {
    return make_error(Code::kInvalid, "standard output is a terminal: name a file with -o, or pipe it on");
  }
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(const auto containers, containers_of(context, paths, options.service, options.index, false));
  const ContainerRecord& record = containers.front();
  ProgressPrinter printer("export", printer_options(context));
  const auto show = [&](const char* text, supervisor::ProgressStatus status) {
    printer.show(
        {.type = supervisor::EventType::kProgress, .id = "Container " + record.name, .text = text, .status = status},
        monotonic_now());
  };
  show("Exporting", supervisor::ProgressStatus::kWorking);
  if (!context.globals.dry_run) {
    image::TransferRequest request;
    request.task = image::Task::kExport;
    request.file = path_for_worker(context, options.output, STDOUT_FILENO);
    CMP_TRY(const RootOfContainer root, root_of(paths, record));
    request.from = {.root = root.path, .path = "/"};
    CMP_TRY(const Transferred transferred, transfer(request, printer, {.doing = "Exporting", .done = "Exported"}));
    static_cast<void>(transferred);
  }
  show("Exported", supervisor::ProgressStatus::kDone);
  printer.finish(monotonic_now());
  return 0;
}

}  // namespace cmp::cli
