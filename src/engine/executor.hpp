#pragma once
// Walks a Plan: what is ready is begun, completions come in, what has become ready is begun. Carries no decision about
// what is wanted; that was all made while planning. Knows nothing of processes: a Runtime does the work.

#include <optional>
#include <vector>

#include "base/result.hpp"
#include "plan/plan.hpp"

namespace cmp::engine {

class Runtime {
 public:
  Runtime() = default;
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  Runtime(Runtime&&) = delete;
  Runtime& operator=(Runtime&&) = delete;
  virtual ~Runtime() = default;
  /// Begins a step. Its completion is told to the executor later or from within this call.
  virtual void begin(const plan::Step& step) = 0;
};

/// What a failure does to the rest: building up stops, tearing down goes on with everything else.
enum class OnFailure { kStop, kKeepGoing };

class Executor {
 public:
  Executor(plan::Plan plan, Runtime& runtime, OnFailure on_failure);

  /// Begins everything that is ready; call once to start and not again.
  void start();
  /// A step has ended. With kStop, a failure of a step that is not best_effort lets what is under way finish and begins
  /// nothing new.
  void completed(int step, Status status);
  /// Begins nothing new from now on.
  void cancel(Error why);

  [[nodiscard]] const plan::Plan& plan() const { return plan_; }

  /// Nothing is under way and nothing more will begin.
  [[nodiscard]] bool finished() const;

  [[nodiscard]] const std::vector<Error>& errors() const { return errors_; }

  /// By step: it has succeeded.
  [[nodiscard]] std::vector<bool> succeeded() const;
  /// By step: it was begun.
  [[nodiscard]] std::vector<bool> begun() const;
  /// True while `step` is begun and not completed.
  [[nodiscard]] bool running(int step) const;

 private:
  enum class Phase { kWaiting, kRunning, kSucceeded, kFailed };
  void pump();

  [[nodiscard]] std::size_t index(int step) const { return static_cast<std::size_t>(step); }

  plan::Plan plan_;
  Runtime& runtime_;
  OnFailure on_failure_;
  std::vector<Phase> phases_;
  std::vector<int> missing_;  ///< by step: needs not met yet
  std::vector<std::vector<int>> dependants_;
  std::vector<int> ready_;  ///< to begin next, in order
  int under_way_ = 0;
  int left_ = 0;
  bool pumping_ = false;
  bool stopped_ = false;
  std::vector<Error> errors_;
};

}  // namespace cmp::engine
