#include "cli/transfer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include <fmt/core.h>

#include "base/combined.hpp"
#include "cli/human.hpp"
#include "cli/output.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"
#include "sys/wait.hpp"

namespace cmp::cli {

namespace {

struct Worker {
  sys::Child child;
  UniqueFd events;
};

[[noreturn]] void exec_worker(const std::string& program, int in, int out) {
  if (::dup2(in, STDIN_FILENO) < 0 || ::dup2(out, STDOUT_FILENO) < 0) {
    ::_exit(126);
  }
  ::execl(program.c_str(), program.c_str(), nullptr);
  ::_exit(127);
}

Result<Worker> start_worker(const std::string& request) {
  CMP_TRY(const std::string program, find_transfer_program());
  // A file and not a pipe: however long the request is, nobody waits.
  const UniqueFd in(::memfd_create("request", MFD_CLOEXEC));
  std::array<int, 2> ends{};
  if (!in || ::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return sys_error("make pipe");
  }
  Worker worker;
  worker.events = UniqueFd(ends[0]);
  const UniqueFd out(ends[1]);
  CMP_CHECK(sys::write_all(in.get(), request));
  if (::lseek(in.get(), 0, SEEK_SET) != 0) {
    return sys_error("rewind the request");
  }
  CMP_TRY(worker.child, sys::clone_process({}));
  if (worker.child.pid == 0) {
    exec_worker(program, in.get(), out.get());
  }
  return worker;
}

/// "12.3MB/45.6MB"
std::string amount(const image::TransferEvent& event) {
  if (event.total == 0) {
    return "";
  }
  return fmt::format("{}/{}", human_size(event.current), human_size(event.total));
}

class Listener {
 public:
  Listener(ProgressPrinter& printer, const TransferWords& words) : printer_(printer), words_(words) {}

  Status take(std::string_view bytes) {
    buffer_ += bytes;
    for (std::size_t end = buffer_.find('\n'); end != std::string::npos; end = buffer_.find('\n')) {
      CMP_TRY(const image::TransferEvent event, image::decode_transfer_event(buffer_.substr(0, end)));
      buffer_.erase(0, end + 1);
      handle(event);
    }
    return {};
  }

  [[nodiscard]] Transferred& result() { return result_; }

  [[nodiscard]] std::optional<Error>& failure() { return failure_; }

 private:
  void handle(const image::TransferEvent& event) {
    switch (event.kind) {
      case image::TransferEventKind::kProgress:
        return show(event.label, event.text, supervisor::ProgressStatus::kWorking, amount(event));
      case image::TransferEventKind::kImage:
        result_.images[event.label] = event;
        return show(event.label, words_.done, supervisor::ProgressStatus::kDone, "");
      case image::TransferEventKind::kWarning:
        return printer_.warn(event.text);
      case image::TransferEventKind::kError:
        break;
    }
    if (event.label.empty()) {
      failure_ = make_error(event.code, event.text);
      return;
    }
    result_.errors[event.label] = make_error(event.code, event.text);
    show(event.label, "Error", supervisor::ProgressStatus::kError, event.text);
  }

  void show(const std::string& label, std::string_view text, supervisor::ProgressStatus status, std::string details) {
    // Plain lines say what has begun and what is done, not every megabyte.
    if (!printer_.live() && status == supervisor::ProgressStatus::kWorking && !begun_.emplace(label, text).second) {
      return;
    }
    printer_.show({.type = supervisor::EventType::kProgress,
                   .id = "Image " + label,
                   .text = std::string(text),
                   .status = status,
                   .details = std::move(details)},
                  monotonic_now());
  }

  ProgressPrinter& printer_;
  TransferWords words_;
  std::string buffer_;
  std::map<std::string, std::string> begun_;
  Transferred result_;
  std::optional<Error> failure_;
};

Status listen(int fd, Listener& listener, ProgressPrinter& printer) {
  std::array<char, 64U << 10U> buffer{};
  for (;;) {
    pollfd polled{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&polled, 1, static_cast<int>(ProgressPrinter::kInterval.count()));
    if (ready == 0) {
      printer.tick(monotonic_now());
      continue;
    }
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got == 0) {
      return {};
    }
    if (got > 0) {
      CMP_CHECK(listener.take({buffer.data(), static_cast<std::size_t>(got)}));
    } else if (errno != EINTR) {
      return sys_error("read from cmp-transfer");
    }
  }
}

/// Docker's words.
void say_what_to_build(const Transferred& transferred, const std::map<std::string, std::string>& buildable) {
  std::string services;
  for (const auto& [label, service] : buildable) {
    services += transferred.errors.contains(label) ? " " + service : "";
  }
  if (!services.empty()) {
    print_error(fmt::format("warning: Some service image(s) must be built from source by running:\n    cmp build{}\n",
                            services));
  }
}

}  // namespace

Result<std::string> find_transfer_program() {
  std::array<char, 4096> text{};
  const ssize_t length = ::readlink("/proc/self/exe", text.data(), text.size());
  const std::string own(text.data(), static_cast<std::size_t>(length > 0 ? length : 0));
  const std::string directory = own.substr(0, own.rfind('/'));
  for (const char* place : {"/cmp-transfer", "/../libexec/cmp/cmp-transfer"}) {
    if (::access((directory + place).c_str(), X_OK) == 0) {
      return directory + place;
    }
  }
  return make_error(Code::kNotFound,
                    fmt::format("the program cmp-transfer, which fetches images, is neither in '{}' nor in "
                                "'{}/../libexec/cmp'",
                                directory, directory));
}

Status failures_of(const Transferred& transferred, const std::map<std::string, Origin>& origins) {
  std::vector<Error> errors;
  for (const auto& [label, error] : transferred.errors) {
    Error named = Error(error).context(fmt::format("image '{}'", label));
    const auto origin = origins.find(label);
    errors.push_back(origin == origins.end() ? std::move(named)
                                             : std::move(named).context(origin->second.noun).at(origin->second.where));
  }
  return combined(std::move(errors));
}

Result<Transferred> transfer(const image::TransferRequest& request, ProgressPrinter& printer,
                             const TransferWords& words) {
  Listener listener(printer, words);
  for (const image::TransferItem& item : request.items) {
    printer.show({.type = supervisor::EventType::kProgress,
                  .id = "Image " + item.label,
                  .text = std::string(words.doing),
                  .status = supervisor::ProgressStatus::kWorking},
                 monotonic_now());
  }
  CMP_TRY(Worker worker, start_worker(encode(request)));
  CMP_CHECK(listen(worker.events.get(), listener, printer));
  CMP_TRY(const sys::ExitStatus status, sys::wait_for_child(worker.child.pid));
  if (listener.failure()) {
    return *listener.failure();
  }
  if (status.code != 0) {
    return make_error(status.signal == SIGINT ? Code::kInterrupted : Code::kSystem,
                      fmt::format("cmp-transfer ended with {}", status.code));
  }
  return std::move(listener.result());
}

Result<int> transfer_to_the_end(const Context& context, const image::TransferRequest& request,
                                const TransferCommand& command) {
  PrinterOptions look = printer_options(context);
  look.mode = command.quiet ? ProgressMode::kQuiet : look.mode;
  ProgressPrinter printer(command.command, look);
  auto transferred = transfer(request, printer, command.words);
  printer.finish(monotonic_now());
  if (!transferred) {
    return std::move(transferred).error();
  }
  say_what_to_build(*transferred, command.buildable);
  Status failed = failures_of(*transferred, command.origins);
  if (!failed && command.ignore_failures) {
    print_error(fmt::format("warning: {}\n", failed.error().str()));
    return 0;
  }
  CMP_CHECK(std::move(failed));
  return 0;
}

}  // namespace cmp::cli
