// Random damage to small files, with a fixed seed: whatever comes, the reader, the interpolation and the env file
// parser answer with a value or an error, and soon.

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "compose/dotenv.hpp"
#include "compose/phases.hpp"
#include "compose/substitute.hpp"
#include "phase_tree.hpp"
#include "project_folder.hpp"

namespace {

using namespace cmp;           // NOLINT(google-build-using-namespace): a test of this namespace
using namespace cmp::compose;  // NOLINT(google-build-using-namespace)

constexpr std::array<std::string_view, 5> kYaml = {
    "services:\n  web: &w\n    image: \"x:${TAG:-1}\"\n    ports: [\"80:80\", 443]\n    command: |\n      a\n       "
    "b\n",
    "x-a: &a {k: v, l: [1, 2]}\nb:\n  <<: *a\n  c: !reset []\n  'd': !override {e: f}\n---\ng: >-\n  h\n\n  i\n",
    "services: {a: {build: ./x, environment: {A: , B: 1.50, C: 0777}, extends: {file: f, service: b}}}\n",
    "a: ${A:-${B-${C:+$D}}}\nb: $$x $1 ${E?msg}\n? complex\n: value\n",
    "networks:\n  default:\n    ipam: {config: [{subnet: 10.0.0.0/8}]}\nservices:\n  s:\n    depends_on: [t]\n  t: "
    "{image: y}\n",
};

constexpr std::array<std::string_view, 3> kEnv = {
    "export A=1 # c\nB='x\ny'\nC=\"\\n$A${B:-d}\"\nD: e\nF\n",
    "\xEF\xBB\xBFK[0]=v\n#c\n\nX=${Y:?z}\n",
    "J={\"a\": 1}\nP=$$2y$$10\nQ=\"unterminated\n",
};

constexpr std::array<std::string_view, 30> kTokens = {
    "${",         "}", "$",  "$$", ":-", "?", "+", "\n",  "\n  ", "- ", ": ",    "&a ", "*a", "<<: ",     "!reset ",
    "!override ", "'", "\"", "[",  "]",  "{", "}", "|\n", ">",    "#",  "---\n", "\t",  "\\", "\xC3\xA9", "\xFF"};

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string mutate(std::string text) {
    const std::size_t changes = 1 + below(6);
    for (std::size_t i = 0; i < changes; ++i) {
      change(text);
    }
    return text;
  }

  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }

 private:
  void change(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = std::min(below(20), text.size() - at);
    switch (below(5)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, kTokens[below(kTokens.size())]);
        break;
      case 2:
        text.insert(at, text.substr(at, length));
        break;
      case 3:
        text.insert(below(text.size() + 1), text.substr(at, length));
        break;
      default:
        if (at < text.size()) {
          text[at] = static_cast<char>(below(256));
        }
    }
  }

  std::mt19937 random_;
};

/// Runs until the time is over, at least once.
template <typename Step>
void for_a_while(std::chrono::milliseconds time, Step step) {
  const auto end = std::chrono::steady_clock::now() + time;
  do {
    step();
  } while (std::chrono::steady_clock::now() < end);
}

TEST_CASE("damaged yaml is read or refused, its references are replaced or refused") {
  Mutator mutator(20261122);
  const Variables variables = {{"TAG", "2"}, {"A", ""}, {"D", "${A}"}};
  for_a_while(std::chrono::milliseconds(1500), [&] {
    const std::string text = mutator.mutate(std::string(kYaml[mutator.below(kYaml.size())]));
    Result<std::vector<Node>> documents = read_text(text);
    if (!documents) {
      CHECK_FALSE(documents.error().message.empty());
      return;
    }
    for (Node& document : *documents) {
      Problems problems;
      interpolate(document, variables, problems);
      Problems merging;
      const Node twice = merge(document, document, merging);
      CHECK(twice.kind == document.kind);
    }
  });
}

TEST_CASE("damaged env files are read or refused") {
  Mutator mutator(42);
  Lookup lookup;
  lookup.value = [](std::string_view) { return std::optional<std::string>(); };
  for_a_while(std::chrono::milliseconds(500), [&] {
    const std::string text = mutator.mutate(std::string(kEnv[mutator.below(kEnv.size())]));
    for (const EnvFormat format : {EnvFormat::kDotenv, EnvFormat::kRaw}) {
      Variables variables;
      const Status done = parse_env(text, "e", format, lookup, variables);
      CHECK((done || !done.error().message.empty()));
    }
  });
}

TEST_CASE("damaged projects are loaded or refused") {
  Mutator mutator(7);
  ProjectFolder folder;
  for_a_while(std::chrono::milliseconds(1500), [&] {
    std::string text = mutator.mutate(std::string(kYaml[mutator.below(kYaml.size())]));
    folder.options.files = {"-"};
    folder.options.read_stdin = [&text] { return Result<std::string>(text); };
    const Result<Loaded> loaded = folder.load();
    CHECK((loaded || !loaded.error().message.empty()));
  });
}

}  // namespace
