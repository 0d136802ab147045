#include "cli/parse.hpp"

#include <doctest/doctest.h>

using namespace cmp::cli;
using Words = std::vector<std::string>;

namespace {

template <typename Options>
Options parsed(const Words& words) {
  auto invocation = parse(words);
  if (!invocation) {
    FAIL(invocation.error().message);
  }
  return std::get<Options>(invocation->command);
}

std::string refused(const Words& words) {
  const auto invocation = parse(words);
  return invocation ? "accepted" : invocation.error().message;
}

}  // namespace

TEST_CASE("global options stand before the command, and its own behind it") {
  const auto invocation = parse({"-f",         "a.yaml",     "--file=b.yaml",
                                 "-p",         "shop",       "--project-directory",
                                 "/x",         "--env-file", "e",
                                 "--profile",  "p1",         "--profile",
                                 "p2",         "--ansi",     "never",
                                 "--progress", "plain",      "--dry-run",
                                 "up",         "-d",         "web"});
  REQUIRE(invocation.has_value());
  const Globals& globals = invocation->globals;
  CHECK(globals.files == Words{"a.yaml", "b.yaml"});
  CHECK(globals.project_name == "shop");
  CHECK(globals.project_directory == "/x");
  CHECK(globals.env_files == Words{"e"});
  CHECK(globals.profiles == Words{"p1", "p2"});
  CHECK(globals.ansi == "never");
  CHECK(globals.progress == "plain");
  CHECK(globals.dry_run);
  const auto& up = std::get<UpOptions>(invocation->command);
  CHECK(up.detach);
  CHECK(up.services == Words{"web"});
}

TEST_CASE("up says who is made anew, and how many") {
  const auto up = parsed<UpOptions>({"up", "-dV", "--scale", "web=3", "--scale=db=0", "--no-deps", "--no-start",
                                     "--no-recreate", "--always-recreate-deps", "-y"});
  CHECK((up.detach && up.renew_volumes && up.no_deps && up.no_start && up.no_recreate && up.recreate_deps && up.yes));
  CHECK(up.scale == Words{"web=3", "db=0"});
  CHECK(parsed<ScaleOptions>({"scale", "a=1", "b=2"}).scale == Words{"a=1", "b=2"});
}

TEST_CASE("run's own options end where the service is named") {
  const auto run =
      parsed<RunOptions>({"run", "--rm", "-e", "A=b", "-v", "/x:/y", "-p", "1:2", "-T", "web", "ls", "-l", "--rm"});
  CHECK((run.remove && run.no_tty && run.interactive));
  CHECK(run.service == "web");
  CHECK(run.command == Words{"ls", "-l", "--rm"});
  CHECK(run.env == Words{"A=b"});
  CHECK(run.volumes == Words{"/x:/y"});
  CHECK(run.publish == Words{"1:2"});
  CHECK_FALSE(parsed<RunOptions>({"run", "--interactive=false", "web"}).interactive);
  CHECK(parsed<RunOptions>({"run", "--entrypoint", "", "web"}).entrypoint == "");
  CHECK(refused({"run"}) == "'run' needs a service: cmp run SERVICE [COMMAND] [ARGS...]");
  CHECK(refused({"run", "--xyzzy", "web"}) == "unknown option '--xyzzy' of 'run'");
}

TEST_CASE("up has its options") {
  const auto up = parsed<UpOptions>({"up", "--wait", "--wait-timeout", "7", "-t", "3", "--force-recreate",
                                     "--remove-orphans", "--no-color", "--no-log-prefix", "--timestamps", "--attach",
                                     "a", "--no-attach", "b", "web", "db"});
  CHECK(up.wait);
  CHECK(up.wait_timeout_s == 7);
  CHECK(up.timeout_s == 3);
  CHECK(up.force_recreate);
  CHECK(up.remove_orphans);
  CHECK((up.log.no_color && up.log.no_prefix && up.log.timestamps));
  CHECK(up.attach == Words{"a"});
  CHECK(up.no_attach == Words{"b"});
  CHECK(up.services == Words{"web", "db"});
  CHECK(parsed<UpOptions>({"up", "-t", "-1"}).timeout_s == -1);
  CHECK(parsed<UpOptions>({"up"}).timeout_s == std::nullopt);
}

TEST_CASE("an option with a list takes one value each time") {
  CHECK(parsed<UpOptions>({"up", "--attach", "a", "b"}).services == Words{"b"});
  const auto exec = parsed<ExecOptions>({"exec", "-e", "A=1", "-e", "B", "web", "env"});
  CHECK(exec.env == Words{"A=1", "B"});
  CHECK(exec.service == "web");
}

TEST_CASE("what follows the service of exec belongs to the command") {
  const auto exec = parsed<ExecOptions>({"exec", "-T", "-u", "nobody", "web", "ls", "-l", "--", "-T", "--help"});
  CHECK(exec.no_tty);
  CHECK(exec.user == "nobody");
  CHECK(exec.service == "web");
  CHECK(exec.command == Words{"ls", "-l", "--", "-T", "--help"});
  CHECK(parsed<ExecOptions>({"exec", "--", "web", "ls"}).command == Words{"ls"});
  CHECK(parsed<ExecOptions>({"exec", "-it", "web", "sh"}).tty);
  CHECK(refused({"exec", "web"}).find("needs a service and a command") != std::string::npos);
  CHECK(refused({"exec", "--wrong", "web", "ls"}).find("'--wrong'") != std::string::npos);
}

TEST_CASE("down, stop, kill, ps, logs, config, version and ls have theirs") {
  const auto down = parsed<DownOptions>({"down", "-v", "-t", "5", "--remove-orphans"});
  CHECK((down.volumes && down.timeout_s == 5 && down.remove_orphans));
  CHECK(parsed<StopOptions>({"stop", "-t", "1", "a"}).services == Words{"a"});
  CHECK(parsed<KillOptions>({"kill", "-s", "HUP"}).signal == "HUP");
  const auto ps = parsed<PsOptions>({"ps", "-aq", "--format", "json", "--status", "running", "--status", "exited"});
  CHECK((ps.all && ps.quiet && ps.format == "json" && ps.status == Words{"running", "exited"} && ps.orphans));
  CHECK_FALSE(parsed<PsOptions>({"ps", "--orphans=false"}).orphans);
  const auto logs = parsed<LogsOptions>({"logs", "-f", "-t", "-n", "5", "--since", "1h", "web"});
  CHECK(
      (logs.follow && logs.log.timestamps && logs.tail == "5" && logs.since == "1h" && logs.services == Words{"web"}));
  const auto config = parsed<ConfigOptions>({"config", "--format", "json", "-q", "-o", "f", "--hash", "*"});
  CHECK((config.format == "json" && config.quiet && config.output == "f" && config.hash == "*"));
  CHECK(parsed<VersionOptions>({"version", "--short"}).brief);
  CHECK(parsed<VersionOptions>({"version", "-f", "json"}).format == "json");
  CHECK(parsed<LsOptions>({"ls", "-a"}).all);
}

TEST_CASE("--dry-run may stand before up and down or behind them") {
  for (const Words& words : {Words{"--dry-run", "up"}, {"up", "--dry-run"}, {"down", "--dry-run", "-v"}}) {
    const auto invocation = parse(words);
    REQUIRE(invocation.has_value());
    CHECK(invocation->globals.dry_run);
  }
  CHECK_FALSE(parse({"up"})->globals.dry_run);
  CHECK(parse({"stop", "--dry-run"})->globals.dry_run);
}

TEST_CASE("a help text has no runs of blank lines and ends with one line end") {
  for (const Words& words : {Words{}, {"help", "up"}, {"version", "-h"}}) {
    const std::string text = parsed<HelpText>(words).text;
    CHECK(text.find("\n\n\n") == std::string::npos);
    CHECK(text.ends_with('\n'));
    CHECK_FALSE(text.ends_with("\n\n"));
  }
}

TEST_CASE("help and version are reached by every usual way") {
  for (const Words& words : {Words{}, {"help"}, {"--help"}, {"-h"}}) {
    CHECK(parsed<HelpText>(words).text.find("Commands:") != std::string::npos);
  }
  for (const Words& words : {Words{"help", "up"}, {"up", "--help"}, {"up", "-h"}}) {
    CHECK(parsed<HelpText>(words).text.find("--force-recreate") != std::string::npos);
  }
  parsed<VersionOptions>({"--version"});
  parsed<VersionOptions>({"-v"});
}

TEST_CASE("what is wrong is said, with the nearest right word") {
  const std::pair<Words, const char*> cases[] = {
      {{"uup"}, "unknown command 'uup', did you mean 'up'?"},
      {{"dwon"}, "unknown command 'dwon', did you mean 'down'?"},
      {{"frobnicate"}, "unknown command 'frobnicate', see 'cmp --help'"},
      {{"help", "frobnicate"}, "unknown command 'frobnicate', see 'cmp --help'"},
      {{"--fiel", "x", "up"}, "unknown option '--fiel', did you mean '--file'?"},
      {{"up", "--detatch"}, "unknown option '--detatch' of 'up', did you mean '--detach'?"},
      {{"up", "--frobnicate"}, "unknown option '--frobnicate' of 'up'"},
      {{"up", "-X"}, "unknown option '-X' of 'up'"},
      {{"ls", "web"}, "'ls' takes no argument 'web'"},
      {{"version", "now"}, "'version' takes no argument 'now'"},
  };
  for (const auto& [words, message] : cases) {
    CHECK(refused(words) == message);
  }
}

TEST_CASE("a value that cannot be is refused with the option's name") {
  for (const Words& words : {Words{"up", "-t", "soon"},
                             {"up", "--timeout", "1.5"},
                             {"up", "--wait-timeout", "-3"},
                             {"exec", "--index", "x", "web", "ls"},
                             {"logs", "--index", "0", "web"},
                             {"up", "-t", ""}}) {
    CAPTURE(words[1]);
    const std::string message = refused(words);
    CHECK(message.find("--") != std::string::npos);
    CHECK(message != "accepted");
  }
  CHECK(refused({"up", "--timeout"}) == "--timeout needs a value");
  CHECK(refused({"-f"}) == "--file needs a value");
}

TEST_CASE("what Docker Compose has and cmp refuses is refused with a reason, never ignored") {
  const std::pair<Words, const char*> cases[] = {
      {{"events", "--since", "1h"}, "events --since: what has happened before is not kept"},
      {{"bridge", "convert"},
       "there is no 'bridge': other systems' files are made by Docker's own images of "
       "transformations"},
  };
  for (const auto& [words, message] : cases) {
    CHECK(refused(words) == message);
    const auto invocation = parse(words);
    CHECK(invocation.error().code == cmp::Code::kUnsupported);
  }
}

TEST_CASE("flags of old are taken, with a warning, and not shown") {
  const auto warned = [](const Words& words) {
    const auto invocation = parse(words);
    return invocation ? invocation->warnings : Words{"refused: " + invocation.error().message};
  };
  CHECK(warned({"up", "--y"}) == Words{"--y is deprecated, use --yes"});
  CHECK(warned({"--workdir", "/x", "ps"}) == Words{"--workdir is deprecated, use --project-directory"});
  CHECK(warned({"run", "--labels=a=b", "web", "x", "--volumes"}) == Words{"--labels is deprecated, use --label"});
  CHECK(warned({"pull", "--parallel"}) == Words{"--parallel has no effect any more"});
  CHECK(warned({"up", "--yes", "-d"}).empty());
  CHECK(parsed<HelpText>({"up", "--help"}).text.find("--y\n") == std::string::npos);
  CHECK(parsed<HelpText>({"run", "--help"}).text.find("--no-TTY") == std::string::npos);
}
