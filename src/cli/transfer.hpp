#pragma once
// Runs the worker program that moves images (image/transfer.hpp).

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/context.hpp"
#include "cli/progress_printer.hpp"
#include "image/transfer.hpp"

namespace cmp::cli {

struct Transferred {
  std::map<std::string, image::TransferEvent> images;  ///< by label: what went well
  std::map<std::string, Error> errors;                 ///< by label
};

/// The worker program: beside this one, as it is built, or where it is installed. Error kNotFound says where it ought
/// to be.
[[nodiscard]] Result<std::string> find_transfer_program();

/// The words of progress: "Pulling" and "Pulled" and the like, for each label once.
struct TransferWords {
  std::string_view doing, done;
};

/// Who asked for an item.
struct Origin {
  std::string noun;  ///< "service 'web'"
  SourcePos where;
};

/// One error for all of them, with whoever asked by label; nothing if there are none.
[[nodiscard]] Status failures_of(const Transferred& transferred, const std::map<std::string, Origin>& origins = {});

/// Runs the request to its end, showing each item as "Image LABEL". Errors: the worker could not be run, or failed as a
/// whole.
[[nodiscard]] Result<Transferred> transfer(const image::TransferRequest& request, ProgressPrinter& printer,
                                           const TransferWords& words);

/// How a command that only moves images goes about it.
struct TransferCommand {
  const char* command;
  TransferWords words;
  bool quiet = false;
  bool ignore_failures = false;                       ///< what fails is a warning
  std::map<std::string, Origin> origins = {};         ///< by label
  std::map<std::string, std::string> buildable = {};  ///< by label: the service that can build what is not fetched
};

/// The whole of such a command: shows its progress, says what failed. \returns the exit code.
[[nodiscard]] Result<int> transfer_to_the_end(const Context& context, const image::TransferRequest& request,
                                              const TransferCommand& command);

}  // namespace cmp::cli
