#include "state/log_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/temp_dir.hpp"
#include "sys/file.hpp"

namespace {

using namespace cmp::state;  // NOLINT(google-build-using-namespace): a test of this namespace
using cmp::Nanoseconds;
using cmp::UniqueFd;
using cmp::WallTime;

WallTime at(std::int64_t time) {
  return WallTime(Nanoseconds(time));
}

/// A pipe with a log behind it.
struct Stream {
  std::string file;
  UniqueFd in, out;
  LogWriter writer;

  Stream(std::string path, WallTime now) : file(std::move(path)), writer(open_writer(file, now)) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    out = UniqueFd(ends[0]);
    in = UniqueFd(ends[1]);
  }

  static LogWriter open_writer(const std::string& file, WallTime now, const LogBounds& bounds = {}) {
    auto writer = LogWriter::open(file, bounds, now);
    REQUIRE(writer);
    return std::move(*writer);
  }

  /// The service writes, the supervisor moves it into the log.
  void write(const std::string& text, std::int64_t time) {
    REQUIRE(cmp::sys::write_all(in.get(), text));
    CHECK(writer.drain(out.get(), at(time)).value() == text.size());
  }

  /// The service writes, the supervisor moves it and dies before it can mark the time.
  void write_and_crash(const std::string& text, std::int64_t recovery_time) {
    REQUIRE(cmp::sys::write_all(in.get(), text));
    const auto data = cmp::sys::open_file(file, O_WRONLY);
    REQUIRE(data);
    loff_t offset = ::lseek(data->get(), 0, SEEK_END);
    REQUIRE(::splice(out.get(), nullptr, data->get(), &offset, text.size(), 0) == static_cast<ssize_t>(text.size()));
    writer = open_writer(file, at(recovery_time));
  }
};

struct Place {
  cmp::test::TempDir dir;
  Paths paths{{dir / "run", dir / "state"}, "shop"};

  Place() { REQUIRE(cmp::sys::make_directories(paths.logs_dir())); }

  [[nodiscard]] Stream stream(const std::string& name) const { return {paths.log_file("web", name), at(0)}; }
};

std::vector<std::string> texts(const std::vector<LogLine>& lines) {
  std::vector<std::string> out;
  for (const LogLine& line : lines) {
    out.push_back((line.is_stderr ? "err " : "out ") + line.text);
  }
  return out;
}

using Texts = std::vector<std::string>;

TEST_CASE("lines come back in order with the time they were captured") {
  const Place place;
  auto out = place.stream("out");
  out.write("one\ntwo\n", 10);
  out.write("three\n", 20);
  const auto lines = LogReader(place.paths, "web").read(false).value();
  REQUIRE(texts(lines) == Texts{"out one", "out two", "out three"});
  CHECK(lines[0].time == at(10));
  CHECK(lines[1].time == at(10));
  CHECK(lines[2].time == at(20));
}

TEST_CASE("both streams are merged by time") {
  const Place place;
  auto out = place.stream("out");
  auto err = place.stream("err");
  out.write("a\n", 10);
  err.write("b\n", 20);
  out.write("c\nd\n", 30);
  err.write("e\n", 25);
  CHECK(texts(LogReader(place.paths, "web").read(false).value()) == Texts{"out a", "err b", "err e", "out c", "out d"});
}

TEST_CASE("an unfinished line waits for its newline, or for the end") {
  const Place place;
  auto out = place.stream("out");
  LogReader reader(place.paths, "web");
  out.write("whole\nhal", 10);
  CHECK(texts(reader.read(false).value()) == Texts{"out whole"});
  out.write("f\nrest", 20);
  const auto lines = reader.read(false).value();
  CHECK(texts(lines) == Texts{"out half"});
  CHECK(lines[0].time == at(10));
  CHECK(lines[0].complete);
  const auto last = reader.read(true).value();
  REQUIRE(texts(last) == Texts{"out rest"});
  CHECK_FALSE(last[0].complete);
  CHECK(reader.read(true).value().empty());
}

TEST_CASE("following is asking again") {
  const Place place;
  LogReader reader(place.paths, "web");
  CHECK(reader.read(false).value().empty());
  auto out = place.stream("out");
  out.write("1\n", 10);
  CHECK(texts(reader.read(false).value()) == Texts{"out 1"});
  CHECK(reader.read(false).value().empty());
  out.write("2\n", 20);
  CHECK(texts(reader.read(false).value()) == Texts{"out 2"});
}

TEST_CASE("a crash between moving and marking loses and doubles nothing") {
  const Place place;
  auto out = place.stream("out");
  out.write("before\n", 10);
  out.write_and_crash("during\n", 50);
  out.write("after\n", 60);
  const auto lines = LogReader(place.paths, "web").read(false).value();
  REQUIRE(texts(lines) == Texts{"out before", "out during", "out after"});
  CHECK(lines[1].time >= at(10));
  CHECK(lines[1].time <= at(60));
  CHECK(lines[2].time == at(60));
}

TEST_CASE("a crash before the first mark gives the line the time of the recovery") {
  const Place place;
  auto out = place.stream("out");
  out.write_and_crash("first\n", 50);
  const auto lines = LogReader(place.paths, "web").read(false).value();
  REQUIRE(texts(lines) == Texts{"out first"});
  CHECK(lines[0].time == at(50));
}

TEST_CASE("a writer that is opened again goes on at the end") {
  const Place place;
  auto out = place.stream("out");
  out.write("old\n", 10);
  out.writer = Stream::open_writer(out.file, at(15));
  out.write("new\n", 20);
  CHECK(cmp::sys::read_file(out.file).value() == "old\nnew\n");
}

TEST_CASE("an empty pipe moves nothing and marks nothing") {
  const Place place;
  auto out = place.stream("out");
  CHECK(out.writer.drain(out.out.get(), at(10)).value() == 0);
  CHECK(cmp::sys::read_file(out.file + ".idx").value().empty());
}

TEST_CASE("bytes are kept as they are: carriage returns, zeros, long lines") {
  const Place place;
  auto out = place.stream("out");
  const std::string odd = std::string("a\0b\r", 4);
  out.write(odd + "\n\n" + std::string(50000, 'x') + "\n", 10);
  const auto lines = LogReader(place.paths, "web").read(false).value();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].text == odd);
  CHECK(lines[1].text.empty());
  CHECK(lines[2].text.size() == 50000);
}

/// Twenty lines "line 10" to "line 29" of 8 bytes, each captured by itself.
void write_lines(Stream& out, int from, int to) {
  for (int number = from; number < to; ++number) {
    out.write("line " + std::to_string(number) + "\n", number);
  }
}

TEST_CASE("a bounded log keeps the last files, and every line once") {
  const Place place;
  auto out = place.stream("out");
  out.writer = Stream::open_writer(out.file, at(0), {.max_bytes = 16, .files = 3});
  write_lines(out, 10, 30);
  CHECK(texts(LogReader(place.paths, "web").read(false).value()) ==
        Texts{"out line 24", "out line 25", "out line 26", "out line 27", "out line 28", "out line 29"});
  CHECK(cmp::sys::exists(out.file + ".2"));
  CHECK_FALSE(cmp::sys::exists(out.file + ".3"));
  REQUIRE(remove_log(out.file));
  CHECK(LogReader(place.paths, "web").read(true).value().empty());
}

TEST_CASE("one chunk is spread over files where it is larger than one") {
  const Place place;
  auto out = place.stream("out");
  out.writer = Stream::open_writer(out.file, at(0), {.max_bytes = 10, .files = 4});
  out.write("0123456\n89abcde\nghijklm\n", 5);
  CHECK(texts(LogReader(place.paths, "web").read(false).value()) == Texts{"out 0123456", "out 89abcde", "out ghijklm"});
}

TEST_CASE(
    "a reader that follows sees every line of files that are put aside, and of those it has missed what is left") {
  const Place place;
  auto out = place.stream("out");
  out.writer = Stream::open_writer(out.file, at(0), {.max_bytes = 16, .files = 3});
  LogReader reader(place.paths, "web");
  Texts seen;
  for (int number = 10; number < 30; ++number) {
    write_lines(out, number, number + 1);
    const auto lines = texts(reader.read(false).value());
    REQUIRE(lines.size() == 1);
    CHECK(lines.front() == "out line " + std::to_string(number));
  }
  write_lines(out, 30, 50);  // the file the reader has open is gone before it looks again
  const auto late = texts(reader.read(false).value());
  REQUIRE_FALSE(late.empty());
  CHECK(late.front() == "out line 44");
  CHECK(late.back() == "out line 49");
}

TEST_CASE("one file is begun anew when it is full") {
  const Place place;
  auto out = place.stream("out");
  out.writer = Stream::open_writer(out.file, at(0), {.max_bytes = 16, .files = 1});
  write_lines(out, 10, 15);
  CHECK(texts(LogReader(place.paths, "web").read(false).value()) == Texts{"out line 14"});
}

TEST_CASE("a crash between putting a file and its index aside is mended") {
  const Place place;
  auto out = place.stream("out");
  const LogBounds bounds{.max_bytes = 16, .files = 3};
  out.writer = Stream::open_writer(out.file, at(0), bounds);
  write_lines(out, 10, 12);
  REQUIRE(::rename(out.file.c_str(), (out.file + ".1").c_str()) == 0);
  out.writer = Stream::open_writer(out.file, at(20), bounds);
  write_lines(out, 12, 13);
  const auto lines = LogReader(place.paths, "web").read(false).value();
  REQUIRE(texts(lines) == Texts{"out line 10", "out line 11", "out line 12"});
  CHECK(lines[1].time == at(11));
  CHECK(lines[2].time == at(12));
}

}  // namespace
