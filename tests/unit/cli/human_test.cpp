#include "cli/human.hpp"

#include <doctest/doctest.h>

#include "cli/moment.hpp"
#include "cli/table.hpp"

using namespace cmp::cli;
using namespace std::chrono_literals;

TEST_CASE("durations are told in the words of docker ps") {
  const std::pair<std::chrono::seconds, const char*> cases[] = {
      {-5s, "Less than a second"},
      {0s, "Less than a second"},
      {1s, "1 second"},
      {59s, "59 seconds"},
      {60s, "About a minute"},
      {119s, "About a minute"},
      {120s, "2 minutes"},
      {3599s, "59 minutes"},
      {1h, "About an hour"},
      {89min, "About an hour"},
      {90min, "2 hours"},
      {47h, "47 hours"},
      {48h, "2 days"},
      {24h * 14, "2 weeks"},
      {24h * 60, "2 months"},
      {24h * 365, "12 months"},
      {24h * 365 * 2, "2 years"},
  };
  for (const auto& [duration, text] : cases) {
    CHECK(human_duration(duration) == text);
  }
}

TEST_CASE("times beside progress are short") {
  CHECK(short_duration(-1s) == "0.0s");
  CHECK(short_duration(440ms) == "0.4s");
  CHECK(short_duration(59900ms) == "59.9s");
  CHECK(short_duration(184s) == "3m04s");
}

TEST_CASE("times are written in UTC") {
  const cmp::WallTime time{std::chrono::seconds(1767366245) + 1us};
  CHECK(rfc3339_nanoseconds(time) == "2026-01-02T15:04:05.000001000Z");
  CHECK(go_time(time) == "2026-01-02 15:04:05 +0000 UTC");
}

TEST_CASE("--since takes times, seconds since 1970 and durations") {
  const cmp::WallTime now{std::chrono::seconds(1767366245)};
  const std::pair<const char*, cmp::WallTime> cases[] = {
      {"2026-01-02T15:04:05Z", now},
      {"2026-01-02T15:04:05", now},
      {"2026-01-02T15:04:05.5Z", now + 500ms},
      {"2026-01-02T16:04:05+01:00", now},
      {"2026-01-02T14:34:05-0030", now},
      {"2026-01-02T15:04", now - 5s},
      {"2026-01-02", now - 15h - 4min - 5s},
      {"1767366245", now},
      {"1767366245.25", now + 250ms},
      {"90s", now - 90s},
      {"1h30m", now - 90min},
      {"1.5h", now - 90min},
      {"250ms", now - 250ms},
  };
  for (const auto& row : cases) {
    CAPTURE(row.first);
    const auto moment = parse_moment(row.first, now);
    REQUIRE(moment.has_value());
    CHECK(*moment == row.second);
  }
}

TEST_CASE("what is no time is refused") {
  for (const char* text : {"", "yesterday", "5", "m", "5x", "2026-13-01", "2026-02-30", "2026-01-02T25:00:00Z",
                           "2026-01-02T15:04:05Zz", "2026-01-02T15:04:05.Z", "1h30", "-5m", "1767366245."}) {
    CAPTURE(std::string(text));
    const auto moment = parse_moment(text, {});
    // A small whole number is a time of 1970.
    CHECK(moment.has_value() == (std::string(text) == "5"));
  }
}

TEST_CASE("widths count characters, not bytes and not escape sequences") {
  CHECK(display_width("") == 0);
  CHECK(display_width("naïve ✔") == 7);
  CHECK(display_width("\x1b[36mweb\x1b[0m") == 3);
  CHECK(clip("naïve", 3) == "naï");
  CHECK(clip("abc", 3) == "abc");
  CHECK(clip("abc", 0).empty());
}

TEST_CASE("a table has columns as wide as their widest cell, and nothing behind the last one") {
  CHECK(
      render_table({"NAME", "STATUS", "PORTS"}, {{"shop-web-1", "Up 5 seconds", ""}, {"a", "Exited (0)", "80/tcp"}}) ==
      "NAME         STATUS         PORTS\n"
      "shop-web-1   Up 5 seconds   \n"
      "a            Exited (0)     80/tcp\n");
  CHECK(render_table({"A", "B"}, {}) == "A         B\n");
}

TEST_CASE("joining puts the separator between") {
  CHECK(join({}) == "");
  CHECK(join({"a"}) == "a");
  CHECK(join({"a", "a", "b"}, "|") == "a|a|b");
}
