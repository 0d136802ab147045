// What each step of a launch costs. Not part of a normal run: kernel_init --no-skip -tc="measure*".

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "init/replay.hpp"
#include "kernel/init/launch.hpp"
#include "sys/file.hpp"

namespace {

using namespace cmp;
using Clock = std::chrono::steady_clock;

double microseconds(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

/// The best and the middle one: on a busy machine the middle tells more of the others than of us.
struct Summary {
  double best = 0, middle = 0;
};

Summary summary(std::vector<double> values) {
  std::ranges::sort(values);
  return {values.front(), values.at(values.size() / 2)};
}

/// Replays in a child and gives the time of each step.
std::vector<double> replay_times(const container::LaunchSpec& spec) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  auto child = sys::clone_process({.flags = test::Launch::kContainer});
  REQUIRE(child);
  if (child->pid == 0) {
    ::umask(0);
    init::Replay replay(-1);
    std::vector<double> times;
    for (const auto& step : spec.steps) {
      const auto begin = Clock::now();
      if (auto done = replay.apply(step); !done) {
        std::fprintf(stderr, "%s\n", done.error().str().c_str());
        ::_exit(1);
      }
      times.push_back(microseconds(Clock::now() - begin));
    }
    const auto bytes = static_cast<ssize_t>(times.size() * sizeof(double));
    ::_exit(::write(ends[1], times.data(), static_cast<std::size_t>(bytes)) == bytes ? 0 : 1);
  }
  ::close(ends[1]);
  std::vector<double> times(spec.steps.size());
  const auto bytes = static_cast<ssize_t>(times.size() * sizeof(double));
  CHECK(::read(ends[0], times.data(), static_cast<std::size_t>(bytes)) == bytes);
  ::close(ends[0]);
  ::waitpid(child->pid, nullptr, 0);
  return times;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    lines.push_back(text.substr(at, text.find('\n', at) - at));
  }
  return lines;
}

}  // namespace

TEST_CASE("measure: the steps of a launch" * doctest::skip()) {
  constexpr int kRuns = 101;
  std::map<std::size_t, std::vector<double>> times;
  std::vector<std::string> names;
  for (int i = 0; i < kRuns; ++i) {
    const test::Box box("true");
    const auto spec = box.spec();
    names = lines_of(container::render(spec));
    const auto run = replay_times(spec);
    for (std::size_t step = 0; step < run.size(); ++step) {
      times[step].push_back(run[step]);
    }
  }
  Summary total;
  for (const auto& [step, values] : times) {
    const Summary one = summary(values);
    total.best += one.best;
    total.middle += one.middle;
    fmt::print("{:8.1f} {:8.1f} us  {}\n", one.best, one.middle, names.at(step + 1).substr(0, 100));
  }
  fmt::print("{:8.1f} {:8.1f} us  together\n", total.best, total.middle);
}

// Pairs of launches that differ in the filter of system calls, the masks and the read-only paths alone, each in another
// order: what else the machine does meets both alike. The bar is half a millisecond (issue 4; src/README.md, The box).
TEST_CASE("measure: what the box costs a launch" * doctest::skip()) {
  constexpr int kPairs = 200;
  const auto launch_time = [](bool boxed) {
    test::Box box("exit 0");
    if (!boxed) {
      box.service.security_opt = {"seccomp=unconfined", "systempaths=unconfined"};
      box.facts.seccomp = {};
    }
    const auto spec = box.spec();
    CHECK(spec.credentials.seccomp.program.empty() != boxed);
    const auto begin = Clock::now();
    test::Launch launch(spec, test::Launch::Go::kWait);
    launch.await_prepared();
    launch.say_go();
    CHECK(!launch.next());  // the program has been executed
    const double took = microseconds(Clock::now() - begin);
    launch.wait();
    return took;
  };
  std::vector<double> differences, boxes, opens;
  for (int i = 0; i < kPairs; ++i) {
    const bool first = i % 2 == 0;
    const double one = launch_time(first);
    const double other = launch_time(!first);
    boxes.push_back(first ? one : other);
    opens.push_back(first ? other : one);
    differences.push_back(boxes.back() - opens.back());
  }
  fmt::print("{:8.1f} us boxed, {:8.1f} us open, {:8.1f} us is the middle difference of {} pairs\n",
             summary(boxes).middle, summary(opens).middle, summary(differences).middle, kPairs);
}

TEST_CASE("measure: from clone to prepared, and from go to exec" * doctest::skip()) {
  constexpr int kRuns = 101;
  std::vector<double> namespaces, prepared, executed, ended;
  for (int i = 0; i < kRuns; ++i) {
    const test::Box box("exit 0");
    const auto spec = box.spec();
    const auto begin = Clock::now();
    test::Launch launch(spec);
    CHECK(launch.next()->type == init::Message::kNamespaces);
    namespaces.push_back(microseconds(Clock::now() - begin));
    CHECK(launch.next()->type == init::Message::kPrepared);
    prepared.push_back(microseconds(Clock::now() - begin));
    const auto go = Clock::now();
    launch.say_go();
    CHECK(!launch.next());
    executed.push_back(microseconds(Clock::now() - go));
    launch.wait();
    ended.push_back(microseconds(Clock::now() - go));
  }
  const auto show = [](const char* what, const std::vector<double>& values) {
    const Summary one = summary(values);
    fmt::print("{:8.1f} {:8.1f} us  {}\n", one.best, one.middle, what);
  };
  show("clone to namespaces", namespaces);
  show("clone to prepared", prepared);
  show("go to exec", executed);
  show("go to reaped", ended);
}
