#include <string>

#include <doctest/doctest.h>

#include "compose/lexical_path.hpp"
#include "compose/port_spec.hpp"
#include "compose/shell_words.hpp"
#include "compose/volume_spec.hpp"

namespace {

using namespace cmp::compose;  // NOLINT(google-build-using-namespace): a test of this namespace

struct Case {
  const char* text;
  const char* expected;
};

std::string words(const char* line) {
  const auto split = split_shell_words(line);
  std::string text;
  for (const std::string& word : split.value_or(std::vector<std::string>{"error"})) {
    text += "<" + word + ">";
  }
  return text;
}

std::string ports(const char* spec) {
  const auto parsed = parse_port_spec(spec);
  if (!parsed) {
    return parsed.error().message;
  }
  std::string text;
  for (const PortSpec& port : *parsed) {
    text += (text.empty() ? "" : " ") + port.host_ip + "|" + port.published + "|" + std::to_string(port.target) + "/" +
            port.protocol;
  }
  return text;
}

std::string volume(const char* spec) {
  const auto parsed = parse_volume_spec(spec);
  if (!parsed) {
    return parsed.error().message;
  }
  return std::string(parsed->bind ? "bind " : "volume ") + parsed->source + " " + parsed->target +
         (parsed->read_only ? " ro" : "") + (parsed->nocopy ? " nocopy" : "") +
         (parsed->propagation.empty() ? "" : " " + parsed->propagation) +
         (parsed->selinux.empty() ? "" : " " + parsed->selinux) + (parsed->bare ? " bare" : "");
}

}  // namespace

TEST_CASE("a command line is split as a shell would, without expanding anything") {
  const Case cases[] = {{"bundle exec thin -p 3000", "<bundle><exec><thin><-p><3000>"},
                        {R"(echo "hello world" '$x y' z\ w)", "<echo><hello world><$x y><z w>"},
                        {"  a\t b\n", "<a><b>"},
                        {"", ""},
                        {"a '' \"\"", "<a><><>"},
                        {"a\"b c\"d", "<ab cd>"},
                        {R"("say \"x\"")", R"(<say "x">)"},
                        {R"('a\b')", R"(<a\b>)"},
                        {R"(a\tb)", "<a\tb>"},
                        {"echo $(date +%s) end", "<echo><$(date +%s)><end>"},
                        {"echo `date x`", "<echo><`date x`>"},
                        {"echo a; rm b", "<echo><a>"},
                        {"echo a > file", "<echo><a>"},
                        {"echo a 2> file", "<echo><a>"},
                        {"a && b", "<a>"},
                        {"echo \"oops", "<error>"},
                        {"echo 'oops", "<error>"},
                        {"echo oops\\", "<error>"},
                        {"echo (x)", "<error>"},
                        {"echo x)", "<error>"},
                        {"echo $(x", "<error>"}};
  for (const Case& one : cases) {
    CHECK_MESSAGE(words(one.text) == one.expected, one.text);
  }
}

TEST_CASE("a port is written with address, host port, container port and protocol") {
  const Case cases[] = {{"80", "||80/tcp"},
                        {"80:8080", "|80|8080/tcp"},
                        {"127.0.0.1:8081:81", "127.0.0.1|8081|81/tcp"},
                        {"127.0.0.1::81", "127.0.0.1||81/tcp"},
                        {"[::1]:80:80/UDP", "::1|80|80/udp"},
                        {"::1:80:80", "::1|80|80/tcp"},
                        {"80-82:8080-8082/udp", "|80|8080/udp |81|8081/udp |82|8082/udp"},
                        {"98-101", "||100/tcp ||101/tcp ||98/tcp ||99/tcp"},
                        {"8000-8010:80", "|8000-8010|80/tcp"},
                        {"80/", "||80/tcp"},
                        {"80/xyz", "invalid proto: xyz (one of tcp, udp, sctp)"},
                        {"tcp", "invalid containerPort: tcp"},
                        {"8a:80", "invalid hostPort: 8a"},
                        {"80:", "no port specified: 80:<empty>"},
                        {"1-2:1-3", "invalid ranges specified for container and host Ports: 1-3 and 1-2"},
                        {"82-80", "invalid containerPort: 82-80"},
                        {"70000", "invalid containerPort: 70000"},
                        {"127.0.1:8080:80", "invalid IP address: 127.0.1"}};
  for (const Case& one : cases) {
    CHECK_MESSAGE(ports(one.text) == one.expected, one.text);
  }
}

TEST_CASE("a volume is a bind when its source looks like a path") {
  const Case cases[] = {{"/path", "volume  /path"},
                        {"/a", "volume  /a bare"},
                        {"./a:/t", "bind ./a /t"},
                        {"~/a:/t", "bind ~/a /t"},
                        {"name:/t:nocopy", "volume name /t nocopy"},
                        {"0:/foo", "volume 0 /foo"},
                        {"/s:/t:ro,z,rslave", "bind /s /t ro rslave z"},
                        {"/s:/t:weird", "bind /s /t"},
                        {"v:/v", "volume  v:/v"},
                        {"C:\\src:D:\\dst:ro", "bind C:\\src D:\\dst ro"},
                        {"\\\\.\\pipe\\x:\\\\.\\pipe\\y", "bind \\\\.\\pipe\\x \\\\.\\pipe\\y"},
                        {"/s/${A:-b:c}:/t", "bind /s/${A:-b:c} /t"},
                        {"", "invalid empty volume spec"},
                        {"/foo::rw", "invalid spec: /foo::rw: empty section between colons"},
                        {"/foo:/foo:ro:x", "invalid spec: /foo:/foo:ro:x: too many colons"}};
  for (const Case& one : cases) {
    CHECK_MESSAGE(volume(one.text) == one.expected, one.text);
  }
}

TEST_CASE("paths are cleaned and joined as text") {
  const Case cases[] = {{"", "."},          {"/", "/"},      {"/a//b/./c/", "/a/b/c"},
                        {"/a/../..", "/"},  {"a/../b", "b"}, {"../../x", "../../x"},
                        {"a/b/../..", "."}, {"/..", "/"}};
  for (const Case& one : cases) {
    CHECK_MESSAGE(clean_path(one.text) == one.expected, one.text);
  }
  CHECK(join_path("/p", "../x/") == "/x");
  CHECK(join_path("/p", "/x/") == "/x/");
  CHECK(is_remote("https://example.org/x.git"));
  CHECK(is_remote("git@example.org:x/y"));
  CHECK(is_remote("docker-image://alpine"));
  CHECK_FALSE(is_remote("./https"));
}
