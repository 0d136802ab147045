#include "net/resolv_conf.hpp"

#include <algorithm>

#include "base/words.hpp"

namespace cmp::net {

namespace {

void take_line(const std::vector<std::string_view>& words, ResolvConf& out) {
  const std::string_view keyword = words.front();
  if (keyword == "nameserver" && words.size() > 1) {
    out.nameservers.emplace_back(words[1]);
  } else if (keyword == "search") {
    out.search.assign(words.begin() + 1, words.end());
  } else if (keyword == "domain" && words.size() > 1) {
    out.search = {std::string(words[1])};
  } else if (keyword == "options") {
    out.options.insert(out.options.end(), words.begin() + 1, words.end());
  }
}

std::string line_of(std::string_view keyword, const std::vector<std::string>& words) {
  std::string line(keyword);
  for (const std::string& word : words) {
    line += ' ' + word;
  }
  return line + '\n';
}

bool is_ndots(const std::string& option) {
  return option.starts_with("ndots:");
}

}  // namespace

ResolvConf parse_resolv_conf(std::string_view text) {
  ResolvConf out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto words = words_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!words.empty() && words[0][0] != '#' && words[0][0] != ';') {
      take_line(words, out);
    }
  }
  return out;
}

std::string container_resolv_conf(const ResolvConf& host, const std::vector<std::string>& service_search,
                                  const std::vector<std::string>& service_options) {
  std::vector<std::string> search = service_search.empty() ? host.search : service_search;
  if (search == std::vector<std::string>{"."}) {
    search.clear();
  }
  std::vector<std::string> options = service_options;
  if (service_options.empty()) {
    options = host.options;
    std::erase_if(options, is_ndots);
  }
  if (std::ranges::none_of(options, is_ndots)) {
    options.emplace_back("ndots:0");
  }
  std::string out = "nameserver 127.0.0.11\n";
  if (!search.empty()) {
    out += line_of("search", search);
  }
  return out + line_of("options", options);
}

}  // namespace cmp::net
