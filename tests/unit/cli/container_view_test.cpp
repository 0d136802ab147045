#include "cli/container_view.hpp"

#include <doctest/doctest.h>

using namespace cmp::cli;
using namespace std::chrono_literals;
using cmp::state::ContainerRecord;
using cmp::state::ContainerState;
using cmp::state::Health;
using cmp::state::PublishedPort;

namespace {

const cmp::WallTime kNow{std::chrono::hours(1000)};

ContainerRecord record(ContainerState state) {
  ContainerRecord out;
  out.state = state;
  out.created_at = kNow - 1h;
  out.started_at = kNow - 3min;
  out.finished_at = kNow - 5s;
  return out;
}

}  // namespace

TEST_CASE("STATUS has the engine's words") {
  auto running = record(ContainerState::kRunning);
  CHECK(describe_status(running, kNow) == "Up 3 minutes");
  running.health = Health::kHealthy;
  CHECK(describe_status(running, kNow) == "Up 3 minutes (healthy)");
  running.health = Health::kStarting;
  CHECK(describe_status(running, kNow) == "Up 3 minutes (health: starting)");
  running.health = Health::kUnhealthy;
  CHECK(describe_status(running, kNow) == "Up 3 minutes (unhealthy)");

  auto exited = record(ContainerState::kExited);
  exited.exit = cmp::sys::ExitStatus{.code = 137, .signal = 9};
  CHECK(describe_status(exited, kNow) == "Exited (137) 5 seconds ago (SIGKILL from outside)");
  exited.oom_killed = true;
  exited.memory_peak = 64U << 20U;
  exited.service_definition.limits.memory = cmp::Bytes{64 << 20};
  CHECK(describe_status(exited, kNow) == "Exited (137) 5 seconds ago (out of memory: peak 64M of 64M)");
  auto restarting = record(ContainerState::kRestarting);
  restarting.exit = cmp::sys::ExitStatus{.code = 1};
  restarting.crashes = 3;
  restarting.next_start_at = kNow + std::chrono::milliseconds(7500);
  CHECK(describe_status(restarting, kNow) == "restarting (3x, next in 8 s, exit 1)");
  CHECK(describe_status(record(ContainerState::kCreated), kNow) == "Created");
  CHECK(describe_status(record(ContainerState::kRemoving), kNow) == "Removal In Progress");
}

TEST_CASE("the exit code is the last run's, unless it runs again; -1 if nobody saw it") {
  auto unseen = record(ContainerState::kExited);
  unseen.exit_unknown = true;
  CHECK(shown_exit_code(unseen) == -1);
  auto running = record(ContainerState::kRunning);
  running.exit = cmp::sys::ExitStatus{.code = 3};
  CHECK(shown_exit_code(running) == 0);
  running.state = ContainerState::kExited;
  CHECK(shown_exit_code(running) == 3);
}

TEST_CASE("ports are told as docker ps tells them") {
  ContainerRecord empty;
  CHECK(describe_ports(empty) == "");
  auto moved = record(ContainerState::kRunning);
  moved.ports = {{"127.0.0.1", 8080, 80, "tcp"}};
  CHECK(describe_ports(moved) == "127.0.0.1:8080->80/tcp");
  moved.state = ContainerState::kExited;
  CHECK(describe_ports(moved) == "");
  auto any = record(ContainerState::kRunning);
  any.ports = {{"", 443, 443, "tcp"}, {"::", 443, 443, "tcp"}};
  CHECK(describe_ports(any) == "0.0.0.0:443->443/tcp, [::]:443->443/tcp");
  auto range = record(ContainerState::kRunning);
  range.ports = {{"0.0.0.0", 8001, 8001, "tcp"},
                 {"0.0.0.0", 8000, 8000, "tcp"},
                 {"0.0.0.0", 8002, 8002, "tcp"},
                 {"0.0.0.0", 8003, 8003, "udp"},
                 {"0.0.0.0", 99, 8004, "tcp"}};
  range.exposed = {9000, 9001};
  CHECK(describe_ports(range) ==
        "0.0.0.0:8000-8002->8000-8002/tcp, 0.0.0.0:8003->8003/udp, 9000-9001/tcp, 0.0.0.0:99->8004/tcp");
}

TEST_CASE("COMMAND is quoted and cut to twenty characters") {
  ContainerRecord web;
  web.command = {"nginx", "-g", "daemon off;"};
  CHECK(describe_command(web, false) == "\"nginx -g 'daemon of…\"");
  CHECK(describe_command(web, true) == "\"nginx -g 'daemon off;'\"");
  web.command = {"sh", "-c", "echo \"a\\b\"\n"};
  CHECK(describe_command(web, true) == "\"sh -c 'echo \\\"a\\\\b\\\"\\n'\"");
  web.command = {"printf", "a\rb\x1b[31m"};
  CHECK(describe_command(web, true) == "\"printf a\\rb\\x1b[31m\"");
  web.command = {};
  CHECK(describe_command(web, false) == "\"\"");
}

TEST_CASE("CREATED counts from the creation") {
  CHECK(describe_age(record(ContainerState::kRunning), kNow) == "About an hour ago");
}
