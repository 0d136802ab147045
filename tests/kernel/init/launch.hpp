#pragma once
// Launches containers by hand, as the engine will: clone, follow the reports, say go, collect what they wrote.

#include <optional>
#include <string>
#include <vector>

#include "container/compile.hpp"
#include "init/init.hpp"
#include "model/project.hpp"
#include "sys/process.hpp"

namespace test {

/// Tests of this folder need root. Puts the process into a mount namespace of its own, once, with a tmpfs for its
/// files, so that nothing that is mounted outlives or leaves it. Ends the process with 77 where that cannot be.
const std::string& private_directory();

/// A container on the host's own system, in directories of its own, running `script` in a shell.
struct Box {
  explicit Box(const std::string& script);
  cmp::model::Service service;
  cmp::container::Facts facts;
  [[nodiscard]] cmp::container::LaunchSpec spec() const;
};

/// One launched process.
class Launch {
 public:
  enum class Go { kWait, kAtOnce };
  explicit Launch(const cmp::container::LaunchSpec& spec, Go go = Go::kWait);
  ~Launch();
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;

  /// The next report; nothing at end of file (the program has been executed, or the child is gone).
  std::optional<cmp::init::Report> next();
  /// Reads reports up to kPrepared; anything else fails the test.
  void await_prepared();
  void say_go();

  void close_sync() { sync_.reset(); }

  /// Everything up to the end: \returns the exit code.
  int wait();
  /// What it wrote since the last call, waiting for something.
  std::string first_output();

  [[nodiscard]] const std::string& output_so_far() const { return output_; }

  /// All that it wrote to its standard output and error.
  [[nodiscard]] const std::string& output();

  [[nodiscard]] pid_t pid() const { return child_.pid; }

  [[nodiscard]] int pidfd() const { return child_.pidfd.get(); }

  static const std::uint64_t kContainer;

 private:
  cmp::sys::Child child_;
  cmp::UniqueFd sync_, out_;
  std::string output_;
  bool reaped_ = false;
};

struct Outcome {
  int exit_code = -1;
  std::string output;
  std::string error;  ///< of the last kFailed report
};

/// Launches, goes, and waits for the end.
Outcome run(const cmp::container::LaunchSpec& spec);
/// The same for a shell script on the host's own system.
Outcome run_script(const std::string& script);

}  // namespace test
