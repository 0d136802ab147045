#include "cli/progress.hpp"

#include <doctest/doctest.h>

#include "cli/human.hpp"

using namespace cmp::cli;
using namespace std::chrono_literals;
using cmp::supervisor::Event;
using cmp::supervisor::ProgressStatus;

namespace {

const cmp::MonotonicTime kStart{};

Event event(const std::string& id, const std::string& text, ProgressStatus status, const std::string& details = {}) {
  Event out;
  out.id = id;
  out.text = text;
  out.status = status;
  out.details = details;
  return out;
}

std::string text_of(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) {
    out += line + "\n";
  }
  return out;
}

ProgressBlock block_of(int done, int working) {
  ProgressBlock block("up");
  for (int i = 0; i < done + working; ++i) {
    const std::string id = "Container shop-service" + std::to_string(i) + "-1";
    block.apply(
        event(id, i < done ? "Started" : "Starting", i < done ? ProgressStatus::kDone : ProgressStatus::kWorking),
        kStart + std::chrono::milliseconds(i));
  }
  return block;
}

}  // namespace

TEST_CASE("the live block has a header and a line with state and time for each resource") {
  ProgressBlock block("up");
  block.apply(event("Network shop_default", "Creating", ProgressStatus::kWorking), kStart);
  block.apply(event("Network shop_default", "Created", ProgressStatus::kDone), kStart + 40ms);
  block.apply(event("Container shop-web-1", "Starting", ProgressStatus::kWorking), kStart + 100ms);
  block.apply(event("Container shop-db-1", "Error", ProgressStatus::kError, "no such program"), kStart + 100ms);
  block.apply(event("Container shop-x-1", "Skipped", ProgressStatus::kWarning), kStart + 100ms);
  CHECK(text_of(block.render({24, 61}, false, kStart + 1200ms)) ==
        "[+] up 3/4\n"
        " ✔ Network shop_default Created                        0.0s\n"
        " ⠙ Container shop-web-1 Starting                       1.1s\n"
        " ✘ Container shop-db-1  Error no such program          0.0s\n"
        " ! Container shop-x-1   Skipped                        0.0s\n");
}

TEST_CASE("colours are escape sequences around glyph, state and time only") {
  ProgressBlock block("up");
  block.apply(event("Volume v", "Created", ProgressStatus::kDone), kStart);
  CHECK(text_of(block.render({24, 31}, true, kStart)) ==
        "[+] up \x1b[32m1/1\x1b[0m\n"
        " \x1b[32m✔\x1b[0m Volume v \x1b[32mCreated\x1b[0m      \x1b[34m0.0s\x1b[0m\n");
}

TEST_CASE("the block never has as many rows as the screen, nor lines as wide") {
  for (const ScreenSize screen : {ScreenSize{24, 80}, {5, 20}, {3, 10}, {2, 5}, {1, 1}, {200, 300}}) {
    for (const int services : {1, 22, 23, 24, 60}) {
      const auto lines = block_of(services / 2, services - services / 2).render(screen, true, kStart + 61s);
      CAPTURE(screen.rows);
      CAPTURE(services);
      CHECK(lines.size() < screen.rows);
      for (const std::string& line : lines) {
        CAPTURE(line);
        CHECK(display_width(line) < screen.columns);
      }
    }
  }
}

TEST_CASE("where not all fit, failures and what is under way are shown, and how many are not") {
  ProgressBlock block = block_of(50, 3);
  block.apply(event("Container shop-bad-1", "Error", ProgressStatus::kError), kStart);
  const auto lines = block.render({10, 80}, false, kStart + 1s);
  REQUIRE(lines.size() == 9);
  const std::string text = text_of(lines);
  CHECK(text.find("shop-bad-1") != std::string::npos);
  CHECK(text.find("shop-service52-1") != std::string::npos);
  // The finished ones that changed last fill the rest.
  CHECK(text.find("shop-service49-1") != std::string::npos);
  CHECK(text.find("shop-service0-1") == std::string::npos);
  CHECK(lines.back() == " ... 47 more");
  CHECK(lines.front() == "[+] up 51/54");
}

TEST_CASE("long names and details are cut, the time stays") {
  ProgressBlock block("up");
  block.apply(event("Container " + std::string(100, 'x'), "Error", ProgressStatus::kError, std::string(200, 'y')),
              kStart);
  const auto lines = block.render({24, 40}, false, kStart);
  REQUIRE(lines.size() == 2);
  CHECK(display_width(lines[1]) == 39);
  CHECK(lines[1].ends_with(" 0.0s"));
}

TEST_CASE("on a narrow screen the name is shown, not what kind of thing has it") {
  ProgressBlock block("up");
  block.apply(event("Container shop-web-1", "Starting", ProgressStatus::kWorking), kStart);
  CHECK(block.render({24, 21}, false, kStart)[1] == " ⠋ shop-web-1   0.0s");
}

TEST_CASE("nothing is drawn before the first event") {
  CHECK(ProgressBlock("up").render({24, 80}, false, kStart).empty());
}

TEST_CASE("plain progress is a line an event, with a blank at both ends") {
  const Event started = event("Container shop-web-1", "Started", ProgressStatus::kDone);
  CHECK(plain_progress(started, false) == " Container shop-web-1 Started \n");
  CHECK(plain_progress(started, true) == " DRY-RUN MODE -  Container shop-web-1 Started \n");
  CHECK(plain_progress(event("Image x", "Error", ProgressStatus::kError, "not found"), false) ==
        " Image x Error not found\n");
}

TEST_CASE("JSON progress is an object a line, without empty fields") {
  CHECK(json_progress(event("Container w", "Started", ProgressStatus::kDone), false) ==
        "{\"id\":\"Container w\",\"status\":\"Done\",\"text\":\"Started\"}\n");
  CHECK(json_progress(event("N", "Creating", ProgressStatus::kWorking, "x"), true) ==
        "{\"details\":\"x\",\"dry-run\":true,\"id\":\"N\",\"status\":\"Working\",\"text\":\"Creating\"}\n");
  CHECK(json_progress_error("say \"no\"\n") == "{\"error\":true,\"message\":\"say \\\"no\\\"\\n\"}\n");
}
