#include "cli/stats_view.hpp"

#include <doctest/doctest.h>

using namespace cmp;
using namespace cmp::cli;

TEST_CASE("what devices other than lo have moved is counted") {
  const auto bytes = network_bytes_in(
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs\n"
      "    lo:  999  9 0 0 0 0 0 0  999 9 0 0 0 0 0 0\n"
      "  eth0: 1200 10 0 0 0 0 0 0  3400 20 0 0 0 0 0 0\n"
      "  eth1:  100  1 0 0 0 0 0 0   200 2 0 0 0 0 0 0\n");
  CHECK(bytes.received == 1300);
  CHECK(bytes.sent == 3600);
  const auto device =
      device_bytes_in("rchar: 5\nwchar: 6\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 1\n");
  CHECK(device.read == 4096);
  CHECK(device.written == 8192);
}

TEST_CASE("a row has the columns of docker stats") {
  StatsSample before{.id = "0123456789abcdef", .name = "shop-web-1", .at = MonotonicTime(Nanoseconds(0))};
  before.pids = 1;
  StatsSample now = before;
  now.at = MonotonicTime(std::chrono::seconds(2));
  now.cpu_usec = 500'000;
  now.memory_bytes = 32U << 20U;
  now.limit_bytes = 64U << 20U;
  now.received_bytes = 1500;
  now.pids = 3;
  const auto row = stats_row(before, now, false).fields;
  CHECK(row["CPUPerc"] == "25.00%");
  CHECK(row["MemUsage"] == "32MiB / 64MiB");
  CHECK(row["MemPerc"] == "50.00%");
  CHECK(row["NetIO"] == "1.5kB / 0B");
  CHECK(row["BlockIO"] == "0B / 0B");
  CHECK(row["PIDs"] == "3");
  CHECK(row["ID"] == "0123456789ab");
  CHECK(stats_row(before, now, true).fields["ID"] == "0123456789abcdef");
  CHECK(binary_size(1536) == "1.5KiB");
}
