#include "cli/process_row.hpp"

#include <doctest/doctest.h>

using namespace cmp::cli;

TEST_CASE("a process's name may hold what it likes") {
  const auto stat = parse_process_stat(
      "4242 (a) b (c) S 7 4242 4242 34817 4242 4194560 100 0 0 0 150 50 0 0 20 0 1 0 123456 9000000 500 "
      "18446744073709");
  REQUIRE(stat);
  CHECK(stat->name == "a) b (c");
  CHECK(stat->parent == 7);
  CHECK(stat->cpu_ticks == 200);
  CHECK(stat->start_ticks == 123456);
  CHECK(terminal_name(stat->terminal) == "pts/1");
  CHECK_FALSE(parse_process_stat("").has_value());
  CHECK_FALSE(parse_process_stat("1 (x) S 2").has_value());
}

TEST_CASE("terminals and times as ps shows them") {
  CHECK(terminal_name(0) == "?");
  CHECK(terminal_name((4 << 8) | 1) == "tty1");
  CHECK(cpu_time(0) == "00:00:00");
  CHECK(cpu_time(3725) == "01:02:05");
}
