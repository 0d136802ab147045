#include "cli/go_template.hpp"

#include <doctest/doctest.h>

#include "cli/row_format.hpp"

using namespace cmp::cli;

namespace {

const TemplateRow kWeb = {.fields = {{"Name", "shop-web-1"},
                                     {"State", "running"},
                                     {"ExitCode", 0},
                                     {"Labels", "a=b,c=d"},
                                     {"Publishers", {{{"PublishedPort", 8080}}, {{"PublishedPort", 8081}}}}},
                          .label = [](const std::string& key) { return key == "team" ? "red" : ""; }};

std::string filled(const std::string& text) {
  const auto parsed = Template::parse(text);
  if (!parsed) {
    return "error: " + parsed.error().message;
  }
  const auto out = parsed->render(kWeb);
  return out ? *out : "error: " + out.error().message;
}

std::string listed(const std::string& format) {
  const auto parsed = RowFormat::parse(format);
  if (!parsed) {
    return "error: " + parsed.error().message;
  }
  const Listing listing{.columns = {"Name", "State"}, .headers = {{"State", "STATE NOW"}}, .rows = {kWeb}};
  const auto out = parsed->render(listing);
  return out ? *out : "error: " + out.error().message;
}

}  // namespace

TEST_CASE("templates are filled in as Go does") {
  const std::pair<const char*, const char*> cases[] = {
      {"{{.Name}}", "shop-web-1"},
      {"<{{ .Name }}\t{{.ExitCode}}>", "<shop-web-1\t0>"},
      {"{{.Label \"team\"}}", "red"},
      {"{{.Name | upper}}", "SHOP-WEB-1"},
      {"{{upper .Name | printf \"%s!\"}}", "SHOP-WEB-1!"},
      {"{{title .State}}", "Running"},
      {"{{json .Name}}", "\"shop-web-1\""},
      {"{{json .Publishers}}", "[{\"PublishedPort\":8080},{\"PublishedPort\":8081}]"},
      {"{{range .Publishers}}{{.PublishedPort}};{{end}}", "8080;8081;"},
      {"{{range split .Labels \",\"}}[{{.}}]{{end}}", "[a=b][c=d]"},
      {"{{join (split .Labels \",\") \"+\"}}", "a=b+c=d"},
      {"{{pad .State 1 2}}|", " running  |"},
      {"{{truncate .State 3}}", "run"},
      {"{{println .State .ExitCode}}", "running 0\n"},
      {"{{if eq .State \"running\"}}yes{{else}}no{{end}}", "yes"},
      {"{{if .ExitCode}}bad{{else if .Name}}good{{end}}", "good"},
      {"{{if and (eq .State \"exited\") .Name}}a{{else}}b{{end}}", "b"},
      {"{{with .Publishers}}{{len .}}{{end}}", "2"},
      {"{{with index .Publishers 1}}{{.PublishedPort}}{{end}}", "8081"},
      {"a {{- /* nothing */ -}} b", "ab"},
      {"a {{- \"x\" -}} b", "axb"},
      {"{{.Publishers}}", "[map[PublishedPort:8080] map[PublishedPort:8081]]"},
      {"{{`raw \"text\"`}}", "raw \"text\""},
  };
  // No structured binding: clang 14 cannot capture one.
  for (const auto& row : cases) {
    CAPTURE(row.first);
    CHECK(filled(row.first) == row.second);
  }
}

TEST_CASE("a wrong template says what is wrong") {
  const std::pair<const char*, const char*> cases[] = {
      {"{{.Nam}}", "error: there is no field 'Nam', did you mean 'Name'?"},
      {"{{.Name", "error: '{{.Name' has no '}}'"},
      {"{{if .Name}}x", "error: '{{if .Name}}' has no '{{end}}'"},
      {"{{end}}", "error: '{{end}}' ends nothing"},
      {"{{upper}}", "error: 'upper' takes 1 argument, not 0"},
      {"{{upper (.Name}}", "error: brackets do not match in 'upper (.Name'"},
      {"{{}}", "error: '{{}}' lacks a value"},
      {"{{\"x}}", "error: '{{\"x}}' has no '}}'"},
      {"{{$x := .Name}}", "error: variables in templates ('{{$x := .Name}}')"},
      {"{{.Name .State}}", "error: only functions and '.Label' take arguments"},
  };
  // No structured binding: clang 14 cannot capture one.
  for (const auto& row : cases) {
    CAPTURE(row.first);
    CHECK(filled(row.first) == row.second);
  }
  CHECK(filled("{{frobnicate .Name}}").find("there is no function 'frobnicate'") != std::string::npos);
}

TEST_CASE("listings are tables, JSON or templates") {
  CHECK(listed("") == "NAME         STATE NOW\nshop-web-1   running\n");
  CHECK(listed("table") == listed(""));
  CHECK(listed("json").find("{\"ExitCode\":0,") == 0);
  CHECK(listed("{{.Name}}\\t{{.State}}") == "shop-web-1\trunning\n");
  CHECK(listed("table {{.State}}\\t{{.Label \"com.x.team\"}}\\t{{.ExitCode}}") ==
        "STATE NOW   TEAM      EXIT CODE\nrunning               0\n");
  CHECK(listed("tabel") == "error: --format: 'tabel' is neither table nor json, nor a template such as '{{.Name}}'");
  CHECK(listed("{{.Nam}}") == "error: --format: there is no field 'Nam', did you mean 'Name'?");
}
