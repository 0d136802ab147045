#include "engine/executor.hpp"

#include <utility>

namespace cmp::engine {

Executor::Executor(plan::Plan plan, Runtime& runtime, OnFailure on_failure)
    : plan_(std::move(plan)),
      runtime_(runtime),
      on_failure_(on_failure),
      phases_(plan_.steps.size(), Phase::kWaiting),
      missing_(plan_.steps.size(), 0),
      dependants_(plan_.steps.size()),
      left_(static_cast<int>(plan_.steps.size())) {
  for (const plan::Step& step : plan_.steps) {
    missing_[index(step.id)] = static_cast<int>(step.needs.size());
    for (const int need : step.needs) {
      dependants_[index(need)].push_back(step.id);
    }
  }
}

void Executor::start() {
  for (const plan::Step& step : plan_.steps) {
    if (step.needs.empty()) {
      ready_.push_back(step.id);
    }
  }
  pump();
}

void Executor::pump() {
  // A runtime may complete a step from within begin(): the outermost call goes on with what that has made ready.
  if (std::exchange(pumping_, true)) {
    return;
  }
  for (std::size_t next = 0; next < ready_.size() && !stopped_; ++next) {
    const int id = ready_[next];
    phases_[index(id)] = Phase::kRunning;
    ++under_way_;
    runtime_.begin(plan_.steps[index(id)]);
  }
  ready_.clear();
  pumping_ = false;
}

void Executor::completed(int step, Status status) {
  if (!running(step)) {
    return;
  }
  --under_way_;
  --left_;
  phases_[index(step)] = status ? Phase::kSucceeded : Phase::kFailed;
  if (!status && !plan_.steps[index(step)].best_effort) {
    errors_.push_back(std::move(status).error());
    if (on_failure_ == OnFailure::kStop) {
      stopped_ = true;
      return;
    }
  }
  for (const int dependant : dependants_[index(step)]) {
    if (--missing_[index(dependant)] == 0) {
      ready_.push_back(dependant);
    }
  }
  pump();
}

void Executor::cancel(Error why) {
  stopped_ = true;
  errors_.push_back(std::move(why));
}

bool Executor::finished() const {
  return under_way_ == 0 && (stopped_ || left_ == 0);
}

bool Executor::running(int step) const {
  return phases_[index(step)] == Phase::kRunning;
}

std::vector<bool> Executor::succeeded() const {
  std::vector<bool> out;
  for (const Phase phase : phases_) {
    out.push_back(phase == Phase::kSucceeded);
  }
  return out;
}

std::vector<bool> Executor::begun() const {
  std::vector<bool> out;
  for (const Phase phase : phases_) {
    out.push_back(phase != Phase::kWaiting);
  }
  return out;
}

}  // namespace cmp::engine
