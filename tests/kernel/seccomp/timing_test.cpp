// What a filter costs. Not part of a normal run: kernel_seccomp --no-skip -tc="measure*".

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "seccomp/library.hpp"
#include "support/temp_dir.hpp"
#include "sys/privilege.hpp"

namespace {

using namespace cmp;
using Clock = std::chrono::steady_clock;

template <typename Work>
double best_of(int rounds, Work work) {
  double best = 1e9;
  for (int i = 0; i < rounds; ++i) {
    best = std::min(best, work());
  }
  return best;
}

double microseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

double install_in_child(const seccomp::Filter& filter) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    static_cast<void>(sys::set_no_new_privs());
    const auto begin = Clock::now();
    const bool done = sys::install_seccomp_filter(filter.program, filter.flags).has_value();
    const double took = done ? microseconds_since(begin) : -1;
    ::_exit(::write(ends[1], &took, sizeof took) == sizeof took ? 0 : 1);
  }
  double took = 0;
  REQUIRE(::read(ends[0], &took, sizeof took) == sizeof took);
  ::close(ends[0]);
  ::close(ends[1]);
  ::waitpid(pid, nullptr, 0);
  return took;
}

}  // namespace

TEST_CASE("measure: compiling, finding and installing the default filter" * doctest::skip()) {
  const cmp::test::TempDir dir;
  int number = 0;
  const auto get = [&](const std::string& folder) {
    const auto begin = Clock::now();
    auto kept = seccomp::Library(folder).get(seccomp::default_profile(), seccomp::Entries::kNativeOnly, {"CAP_KILL"});
    REQUIRE(kept);
    return microseconds_since(begin);
  };
  fmt::print("{:8.1f} us  compiled\n", best_of(5, [&] { return get(fmt::format("{}/{}", dir.path(), ++number)); }));
  fmt::print("{:8.1f} us  found in its file\n", best_of(20, [&] { return get(dir.path() + "/1"); }));
  seccomp::Library library(dir.path() + "/1");
  const auto kept = library.get(seccomp::default_profile(), seccomp::Entries::kNativeOnly, {"CAP_KILL"});
  REQUIRE(kept);
  fmt::print("{:8.1f} us  found by its key\n", best_of(20, [&] {
               const auto begin = Clock::now();
               REQUIRE(library.find(kept->key));
               return microseconds_since(begin);
             }));
  fmt::print("{:8.1f} us  installed ({} instructions)\n", best_of(50, [&] { return install_in_child(kept->filter); }),
             kept->filter.program.size() / 8);
}
