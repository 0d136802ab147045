#include "cli/json_template.hpp"

#include <doctest/doctest.h>

#include "cli/unit_file.hpp"

namespace {

using namespace cmp;
using namespace cmp::cli;

TEST_CASE("a template's fields are filled in") {
  const std::string data = R"({"Name": "/a", "State": {"Pid": 7, "Running": true}, "Mounts": ["x"]})";
  const auto fill = [&](const char* text) {
    const auto filled = fill_template(text, data);
    return filled ? *filled : "error: " + filled.error().message;
  };
  CHECK(fill("{{.Name}}: {{ .State.Pid }}\\t{{.State.Running}}") == "/a: 7\ttrue");
  CHECK(fill("{{json .Name}} {{json .State}}") == "\"/a\" {\"Pid\":7,\"Running\":true}");
  CHECK(fill("{{.State.Nothing}}") == "<no value>");
  CHECK(fill("{{range .Mounts}}") == "error: --format: {{range .Mounts}} is neither {{.FIELD}} nor {{json .FIELD}}");
  CHECK(fill("{{.Name") == "error: --format: '{{' without '}}'");
}

TEST_CASE("a unit's words are quoted as systemd reads them") {
  const std::string text = unit_file("shop", "/opt/my cmp", {{"CMP_STATE_DIR", "/srv/100%/\"x\""}});
  CHECK(text.find("ExecStart=\"/opt/my cmp\" --project-name shop resume\n") != std::string::npos);
  CHECK(text.find("Environment=\"CMP_STATE_DIR=/srv/100%%/\\\"x\\\"\"\n") != std::string::npos);
  CHECK(unit_name("shop") == "cmp-shop.service");
}

}  // namespace
