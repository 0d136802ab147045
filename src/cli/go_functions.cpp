#include <algorithm>
#include <cctype>

#include <fmt/core.h>

#include "cli/container_view.hpp"
#include "cli/go_template.hpp"
#include "cli/human.hpp"

namespace cmp::cli::go_template {

namespace {

using Json = nlohmann::json;
using Arguments = std::vector<Json>;

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : printed(value);
}

std::string mapped(const Json& value, int (*change)(int)) {
  std::string out = text_of(value);
  std::ranges::transform(out, out.begin(),
                         [&](char c) { return static_cast<char>(change(static_cast<unsigned char>(c))); });
  return out;
}

/// The first letter of each word as a capital.
std::string title(const Json& value) {
  std::string out = text_of(value);
  bool begins = true;
  for (char& c : out) {
    c = begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    begins = c == ' ';
  }
  return out;
}

Json split(const Json& value, const Json& separator) {
  const std::string text = text_of(value), between = text_of(separator);
  Json out = Json::array();
  std::size_t at = 0;
  for (std::size_t end = between.empty() ? std::string::npos : text.find(between); end != std::string::npos;
       end = text.find(between, at)) {
    out.push_back(text.substr(at, end - at));
    at = end + between.size();
  }
  out.push_back(text.substr(at));
  return out;
}

std::string joined(const Json& list, const Json& separator) {
  std::vector<std::string> parts;
  for (const Json& part : list) {
    parts.push_back(text_of(part));
  }
  return join(parts, text_of(separator));
}

std::string padded(const Json& value, const Json& before, const Json& after) {
  const auto blanks = [](const Json& number) {
    return std::string(number.is_number() ? static_cast<std::size_t>(std::clamp(number.get<int>(), 0, 1000)) : 0, ' ');
  };
  return blanks(before) + text_of(value) + blanks(after);
}

std::string truncated(const Json& value, const Json& length) {
  return clip(text_of(value), length.is_number() ? static_cast<std::size_t>(std::max(length.get<int>(), 0)) : 0);
}

std::string spaced(const Arguments& arguments) {
  std::vector<std::string> parts;
  std::ranges::transform(arguments, std::back_inserter(parts), printed);
  return join(parts, " ");
}

/// %s, %v, %d and %q of Go.
std::string formatted(const Arguments& arguments) {
  const std::string format = text_of(arguments.front());
  std::string out;
  std::size_t next = 1;
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%' || at + 1 == format.size()) {
      out += format[at];
      continue;
    }
    const char verb = format[++at];
    if (verb == '%') {
      out += '%';
    } else if (next < arguments.size()) {
      out += verb == 'q' ? Json(text_of(arguments[next])).dump() : text_of(arguments[next]);
      ++next;
    } else {
      out += fmt::format("%!{}(MISSING)", verb);
    }
  }
  return out;
}

Json indexed(const Json& list, const Json& which) {
  if (list.is_array() && which.is_number()) {
    const auto at = static_cast<std::size_t>(std::max(which.get<int>(), 0));
    return at < list.size() ? list[at] : Json();
  }
  return list.is_object() && which.is_string() ? list.value(which.get<std::string>(), Json()) : Json();
}

std::size_t length(const Json& value) {
  return value.is_string() ? value.get<std::string>().size() : value.size();
}

struct Function {
  const char* name;
  std::size_t least, most;  ///< arguments
  Json (*run)(const Arguments&);
};

constexpr std::size_t kMany = 100;

const Function kFunctions[] = {
    {"json", 1, 1, [](const Arguments& a) { return Json(a[0].dump(-1, ' ', false, Json::error_handler_t::replace)); }},
    {"lower", 1, 1, [](const Arguments& a) { return Json(mapped(a[0], std::tolower)); }},
    {"upper", 1, 1, [](const Arguments& a) { return Json(mapped(a[0], std::toupper)); }},
    {"title", 1, 1, [](const Arguments& a) { return Json(title(a[0])); }},
    {"join", 2, 2, [](const Arguments& a) { return Json(joined(a[0], a[1])); }},
    {"split", 2, 2, [](const Arguments& a) { return split(a[0], a[1]); }},
    {"pad", 3, 3, [](const Arguments& a) { return Json(padded(a[0], a[1], a[2])); }},
    {"truncate", 2, 2, [](const Arguments& a) { return Json(truncated(a[0], a[1])); }},
    {"println", 0, kMany, [](const Arguments& a) { return Json(spaced(a) + '\n'); }},
    {"print", 0, kMany, [](const Arguments& a) { return Json(spaced(a)); }},
    {"printf", 1, kMany, [](const Arguments& a) { return Json(formatted(a)); }},
    {"len", 1, 1, [](const Arguments& a) { return Json(length(a[0])); }},
    {"index", 2, 2, [](const Arguments& a) { return indexed(a[0], a[1]); }},
    {"eq", 2, kMany,
     [](const Arguments& a) {
       return Json(std::any_of(a.begin() + 1, a.end(), [&](const Json& b) { return a[0] == b; }));
     }},
    {"ne", 2, 2, [](const Arguments& a) { return Json(a[0] != a[1]); }},
    {"lt", 2, 2, [](const Arguments& a) { return Json(a[0] < a[1]); }},
    {"le", 2, 2, [](const Arguments& a) { return Json(a[0] <= a[1]); }},
    {"gt", 2, 2, [](const Arguments& a) { return Json(a[0] > a[1]); }},
    {"ge", 2, 2, [](const Arguments& a) { return Json(a[0] >= a[1]); }},
    {"not", 1, 1, [](const Arguments& a) { return Json(!truth(a[0])); }},
    {"and", 1, kMany,
     [](const Arguments& a) {
       const auto no = std::ranges::find_if(a, [](const Json& value) { return !truth(value); });
       return no == a.end() ? a.back() : *no;
     }},
    {"or", 1, kMany,
     [](const Arguments& a) {
       const auto yes = std::ranges::find_if(a, truth);
       return yes == a.end() ? a.back() : *yes;
     }},
};

}  // namespace

Result<Json> call(const std::string& name, const std::vector<Json>& arguments) {
  std::vector<std::string> names;
  for (const Function& function : kFunctions) {
    if (name != function.name) {
      names.emplace_back(function.name);
      continue;
    }
    if (arguments.size() < function.least || arguments.size() > function.most) {
      return make_error(Code::kInvalid, fmt::format("'{}' takes {} argument{}, not {}", name, function.least,
                                                    function.least == 1 ? "" : "s", arguments.size()));
    }
    return function.run(arguments);
  }
  return make_error(Code::kInvalid, fmt::format("there is no function '{}': {}", name, join(names)));
}

std::string printed(const Json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  if (value.is_null()) {
    return "<no value>";
  }
  if (!value.is_structured()) {
    return value.dump();
  }
  std::vector<std::string> parts;
  for (const auto& [key, part] : value.items()) {
    parts.push_back(value.is_object() ? fmt::format("{}:{}", key, printed(part)) : printed(part));
  }
  return fmt::format("{}[{}]", value.is_object() ? "map" : "", join(parts, " "));
}

bool truth(const Json& value) {
  return value.is_boolean()  ? value.get<bool>()
         : value.is_string() ? !value.get<std::string>().empty()
         : value.is_number() ? value != 0
                             : !value.empty();
}

}  // namespace cmp::cli::go_template
