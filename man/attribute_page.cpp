// Prints the manual page cmp-compose(5) from the attribute table, so that page and product can't differ.

#include <array>
#include <cstdio>
#include <string>

#include <fmt/core.h>

#include "compose/attributes.hpp"
#include "compose/forms.hpp"
#include "compose/schema_text.hpp"

namespace {

using cmp::compose::Attribute;
using cmp::compose::Support;

constexpr const char* kHead = R"(.\" Made from the attribute table by man/attribute_page.cpp.
.Dd November 22, 2026
.Dt CMP-COMPOSE 5
.Os
.Sh NAME
.Nm cmp-compose
.Nd every attribute of a compose file, and what cmp does about it
.Sh DESCRIPTION
.Xr cmp-compose 1
takes files of the Compose Specification.
This page lists all that they may say.
Every attribute is checked, merged and printed by
.Ql cmp config ;
what
.Ql cmp up
does about it is one of
.Bl -tag -width conditional
.It honoured
It does what the specification says.
.It conditional
It does, for the values or on the hosts that are named.
.It refused
It cannot be done without an engine, a swarm or a cloud; a warning with file and line says so.
.It not yet
It is accepted; a warning with file and line says what happens instead.
.El
.Pp
In a path,
.Ql *
is a name that you choose and
.Ql []
any element of a list.
Keys that start with
.Ql x-
are free; of them
.Ql x-rootfs
of a service is ours:
.Ql host ,
or a directory, instead of an image; and
.Ql x-owner: me
of a volume, and of a mount of type bind or volume: see
.Xr cmp-compose 1 ,
VOLUMES.
)";

constexpr const char* kFoot = R"(.Sh SEE ALSO
.Xr cmp-compose 1
.Sh STANDARDS
The Compose Specification.
)";

/// The table's groups, in its order.
constexpr std::array<const char*, 6> kHeadings = {
    "TOP LEVEL ELEMENTS",        "SERVICES",         "SERVICES: ATTRIBUTES WITH PARTS",
    "SERVICES: BUILD AND WATCH", "SERVICES: DEPLOY", "SERVICES: DEPLOY, RESOURCES"};

std::string word(Support support) {
  switch (support) {
    case Support::kHonoured:
      return "honoured";
    case Support::kConditional:
      return "conditional";
    case Support::kRefused:
      return "refused";
    case Support::kNotYet:
      break;
  }
  return "not yet";
}

/// Text that groff takes as it stands.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c == '\\' ? "\\e" : std::string(1, c);
  }
  return !out.empty() && (out.front() == '.' || out.front() == '\'') ? "\\&" + out : out;
}

std::string entry(const Attribute& row) {
  std::string text = fmt::format(".It Li {}\n{}: {}", escaped(row.path), word(row.support),
                                 escaped(cmp::compose::rule_of(row.form).words));
  std::string choices;
  for (const std::string_view choice : cmp::compose::split_words(row.choices)) {
    choices += (choices.empty() ? "" : ", ") + std::string(choice);
  }
  text += choices.empty() ? "" : fmt::format(", one of {}", escaped(choices));
  return text + (row.note.empty() ? "" : fmt::format(" ({})", escaped(row.note))) + ".\n";
}

}  // namespace

int main() {
  std::string page = kHead;
  std::size_t heading = 0;
  for (const auto group : cmp::compose::attribute_groups()) {
    page += fmt::format(".Sh {}\n.Bl -tag -width 4n\n", heading < kHeadings.size() ? kHeadings[heading] : "OTHERS");
    ++heading;
    for (const Attribute& row : group) {
      page += entry(row);
    }
    page += ".El\n";
  }
  page += kFoot;
  return std::fputs(page.c_str(), stdout) < 0 ? 1 : 0;
}
