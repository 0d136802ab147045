// usage: fuzz_loader SECONDS SEED [FOLDER…]: loads damaged compose files, and prints what it loaded in every form,
// until the time is over. Texts come from the folders, where they exist, and from below. A crash, an input that takes
// more than a few seconds, memory beyond a bound or a failure without a message is the failure of the test; the folder
// with the input stays and is named.

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "compose/explain.hpp"
#include "compose/listing.hpp"
#include "compose/load.hpp"
#include "compose/phases.hpp"
#include "fuzz/mutator.hpp"
#include "unit/compose/tree_text.hpp"

namespace {

namespace fs = std::filesystem;
using cmp::compose::Loaded;
using cmp::compose::LoadOptions;
using cmp::fuzz::Mutator;

constexpr unsigned kMostSeconds = 10;               // for one input, under sanitizers and on a busy machine
constexpr long kMostKilobytes = 2L * 1024L * 1024;  // of resident memory, for all inputs together

constexpr const char* kTexts[] = {
    "services:\n  web: &w\n    image: \"x:${TAG:-1}\"\n    ports: [\"80:80\", 443]\n    command: |\n      a\n      b\n",
    "x-a: &a {k: v, l: [1, 2]}\nservices:\n  web:\n    <<: *a\n    labels: !override {e: f}\n---\nservices: {}\n",
    "services: {web: {build: ./x, environment: {A: , B: 1.50, C: 0777}, extends: {file: other.yaml, service: web}}}\n",
    "include: [other.yaml]\nnetworks: {n: {ipam: {config: [{subnet: 10.0.0.0/8}]}}}\nservices: {s: {image: y}}\n",
};

/// Where the input lies, for the handler.
char g_folder[256];

void say(const char* text) {
  static_cast<void>(::write(STDERR_FILENO, text, std::strlen(text)));
}

void fail_in_handler(int signal) {
  say(signal == SIGALRM ? "not ok fuzz loader: no end in sight for the files in " : "not ok fuzz loader: died of ");
  say(g_folder);
  say("\n");
  ::_exit(1);
}

[[noreturn]] void fail(const std::string& why) {
  std::cout << fmt::format("not ok fuzz loader: {}: {}\n", why, g_folder) << std::flush;
  std::_Exit(1);
}

std::vector<std::string> read_texts(const std::vector<std::string>& folders) {
  constexpr std::uintmax_t kMostBytes = 20'000;
  std::vector<std::string> texts(std::begin(kTexts), std::end(kTexts));
  for (const std::string& folder : folders) {
    std::error_code missing;
    for (const auto& entry : fs::recursive_directory_iterator(folder, missing)) {
      const std::string ending = entry.path().extension().string();
      if (entry.is_regular_file() && (ending == ".yaml" || ending == ".yml") && entry.file_size() < kMostBytes) {
        std::ifstream file(entry.path());
        texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
      }
    }
  }
  return texts;
}

void write(const std::string& name, const std::string& text) {
  std::ofstream(std::string(g_folder) + "/" + name) << text;
}

LoadOptions choose_options(Mutator& mutator) {
  LoadOptions options;
  options.cwd = g_folder;
  options.environment = {{"HOME", "/home/tester"}, {"TAG", "2"}, {"A", "${B}"}};
  options.files = {"compose.yaml"};
  if (mutator.below(4) == 0) {
    options.files.emplace_back("other.yaml");
  }
  if (mutator.below(2) == 0) {
    options.profiles = {"*"};
  }
  options.interpolate = mutator.below(6) != 0;
  options.normalize = mutator.below(8) != 0;
  options.resolve_paths = mutator.below(8) != 0;
  options.check_consistency = mutator.below(4) != 0;
  options.all_resources = mutator.below(4) == 0;
  options.explain = mutator.below(4) == 0;
  return options;
}

void print_all(const Loaded& loaded) {
  using namespace cmp::compose;  // NOLINT(google-build-using-namespace): all of its printers
  const std::size_t printed = render_yaml(loaded.tree).size() + render_json(loaded.tree).size() +
                              render_json(loaded.tree, Printing::kVerbatim).size() +
                              explain_text(loaded, g_folder).size() + services_in_order(loaded.project).size();
  if (printed == 0) {
    fail("nothing is printed of what was loaded");
  }
  static_cast<void>(unsupported(loaded.tree));
  static_cast<void>(variable_table(variables_in(loaded.tree)));
}

/// What is read of a text, with all places, or what is wrong with it.
std::string read_as(const std::string& text, cmp::compose::Reading reading) {
  cmp::compose::Problems problems;
  const auto documents = cmp::compose::read_yaml(text, "f", problems, reading);
  if (!documents) {
    return documents.error().str();
  }
  std::string all;
  for (const cmp::Error& error : problems.errors) {
    all += error.str() + "\n";
  }
  for (const cmp::compose::Node& document : *documents) {
    all += placed_text(document) + "\n";
  }
  return all;
}

bool try_one(Mutator& mutator) {
  const std::string text = mutator.next();
  write("compose.yaml", text);
  write("other.yaml", mutator.next());
  const LoadOptions options = choose_options(mutator);
  ::alarm(kMostSeconds);
  if (read_as(text, cmp::compose::Reading::kShortened) != read_as(text, cmp::compose::Reading::kWhole)) {
    fail("the parser has not seen what it should");
  }
  const cmp::Result<Loaded> loaded = cmp::compose::load(options);
  if (loaded) {
    print_all(*loaded);
  } else if (loaded.error().message.empty()) {
    fail("an error without a message");
  }
  ::alarm(0);
  struct rusage usage = {};
  if (::getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_maxrss > kMostKilobytes) {
    fail(fmt::format("{} MB of memory", usage.ru_maxrss / 1024));
  }
  return loaded.has_value();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    say("usage: fuzz_loader SECONDS SEED [FOLDER...]\n");
    return 2;
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::strtol(argv[1], nullptr, 10));
  Mutator mutator(static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10)), read_texts({argv + 3, argv + argc}));
  std::string pattern = (fs::temp_directory_path() / "cmp-fuzz-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr || pattern.size() >= sizeof g_folder) {
    return 2;
  }
  std::strcpy(g_folder, pattern.c_str());
  write(".env", "V=1\nW=\"a\nb\"\nX=${V}\n");
  static_cast<void>(std::signal(SIGALRM, fail_in_handler));
  std::size_t inputs = 0;
  std::size_t loaded = 0;
  do {
    ++inputs;
    loaded += try_one(mutator) ? 1U : 0U;
  } while (std::chrono::steady_clock::now() < end);
  fs::remove_all(g_folder);
  std::cout << fmt::format("{} inputs of seed {}, {} of them loaded\nok fuzz loader\n", inputs, argv[2], loaded);
  return 0;
}
