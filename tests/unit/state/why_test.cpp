#include "state/why.hpp"

#include <doctest/doctest.h>

#include "state/exit_reason.hpp"

namespace {

using namespace cmp;
using namespace cmp::state;

const WallTime kNow{std::chrono::hours(1000)};

std::string in_words(Nanoseconds duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

ContainerRecord ended(int code, int signal = 0, EndedBy by = EndedBy::kItself) {
  ContainerRecord record;
  record.state = ContainerState::kExited;
  record.exit = sys::ExitStatus{.code = code, .signal = signal};
  record.ended_by = by;
  record.finished_at = kNow - std::chrono::seconds(5);
  return record;
}

TEST_CASE("each way to end has a sentence of its own") {
  struct Row {
    ContainerRecord record;
    const char* text;
  };

  ContainerRecord memory = ended(137, 9);
  memory.oom_killed = true;
  memory.memory_peak = 64U << 20U;
  memory.service_definition.limits.memory = Bytes{64 << 20};
  ContainerRecord unknown = ended(0);
  unknown.exit.reset();
  unknown.exit_unknown = true;
  ContainerRecord broken = ended(127);
  broken.error = "service 'a': no such program";
  ContainerRecord ill = ended(143, 15, EndedBy::kUnhealthy);
  ill.probes = {{.exit_code = 1, .output = "no disk\n"}};
  for (const Row& row : {Row{ended(3), "exited with code 3 of its own 5 s ago"},
                         Row{ended(0), "ended by itself, with success (exit code 0) 5 s ago"},
                         Row{ended(137, 9), "killed from outside by SIGKILL (9) 5 s ago"},
                         Row{ended(139, 11), "crashed with SIGSEGV (11) 5 s ago"},
                         Row{ended(0, 0, EndedBy::kStop), "stopped by a command with SIGTERM, exit code 0 5 s ago"},
                         Row{ended(137, 9, EndedBy::kKill), "killed by a command 5 s ago"},
                         Row{memory, "killed by the kernel, out of memory: peak 64M of 64M 5 s ago"},
                         Row{unknown, "ended while neither guardian nor supervisor was there: how is unknown 5 s ago"},
                         Row{broken, "could not start: service 'a': no such program 5 s ago"},
                         Row{ill, "ended because it was unhealthy: its probe exited 1 (no disk) 5 s ago"}}) {
    CHECK(why(row.record, kNow, in_words) == row.text);
  }
  CHECK(why(ended(137, 9, EndedBy::kGrace), kNow, in_words) ==
        "killed: it did not end within the grace period (10 s) after SIGTERM 5 s ago");
}

TEST_CASE("one that runs says since when, what ended the run before, and what held up its start") {
  ContainerRecord record;
  record.state = ContainerState::kRunning;
  record.started_at = kNow - std::chrono::seconds(7);
  CHECK(why(record, kNow, in_words) == "has been running for 7 s");
  record.restart_count = 2;
  record.last_end = "exited with code 3 of its own";
  record.held_by = "db (healthy after 3.2 s)";
  CHECK(why(record, kNow, in_words) ==
        "has been running for 7 s, started again 2 times; the run before: exited with code 3 of its own; its start "
        "waited for db (healthy after 3.2 s)");
}

TEST_CASE("one that waits for its next start says when that is") {
  ContainerRecord record = ended(1);
  record.state = ContainerState::kRestarting;
  record.crashes = 3;
  record.next_start_at = kNow + std::chrono::seconds(8);
  CHECK(why(record, kNow, in_words) == "exited with code 1 of its own; started again in 8 s (3 in a row)");
}

TEST_CASE("ps and logs have the short form") {
  CHECK(exit_reason(ended(3)).empty());
  CHECK(exit_reason(ended(143, 15, EndedBy::kStop)).empty());
  CHECK(exit_reason(ended(137, 9)) == "SIGKILL from outside");
  CHECK(exit_reason(ended(139, 11)) == "crashed: SIGSEGV");
  CHECK(exit_reason(ended(137, 9, EndedBy::kGrace)) == "killed: the grace period was over");
}

}  // namespace
