#pragma once
// Reading JSON that a stranger wrote: every value is asked for as what it should be, and the first that is something
// else is remembered with its place. For .cpp files.

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/result.hpp"
#include "oci/config.hpp"

namespace cmp::oci {

using Json = nlohmann::json;

/// The first thing that is wrong with a document.
class Problems {
 public:
  void add(const std::string& path, std::string_view complaint) {
    if (!first_) {
      first_ = make_error(Code::kInvalid, fmt::format("{}: {}", path, complaint));
    }
  }

  [[nodiscard]] Status status() const { return first_ ? Status(*first_) : Status(); }

 private:
  std::optional<Error> first_;
};

/// A place in a document, which may be empty: null is as good as absent.
class Node {
 public:
  Node(const Json* value, std::string path, Problems& problems)
      : value_(value != nullptr && value->is_null() ? nullptr : value), path_(std::move(path)), problems_(&problems) {}

  [[nodiscard]] bool present() const { return value_ != nullptr; }

  [[nodiscard]] const std::string& path() const { return path_; }

  [[nodiscard]] const Json& json() const { return *value_; }

  void complain(std::string_view complaint) const { problems_->add(path_, complaint); }

  [[nodiscard]] Node at(const std::string& key) const {
    const std::string path = path_.empty() ? key : path_ + "." + key;
    if (value_ == nullptr || !expect(value_->is_object(), "an object")) {
      return {nullptr, path, *problems_};
    }
    const auto it = value_->find(key);
    return {it == value_->end() ? nullptr : &*it, path, *problems_};
  }

  void require(std::string_view what) const {
    if (value_ == nullptr) {
      complain(what);
    }
  }

  void read(std::string& into) const {
    if (value_ != nullptr && expect(value_->is_string(), "a string")) {
      into = value_->get<std::string>();
      if (into.find('\0') != std::string::npos) {
        complain("a NUL byte");
      }
    }
  }

  void read(bool& into) const {
    if (value_ != nullptr && expect(value_->is_boolean(), "true or false")) {
      into = value_->get<bool>();
    }
  }

  template <typename T>

  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) void read(T& into) const {
    if (value_ == nullptr || !expect(value_->is_number_integer(), "a whole number")) {
      return;
    }
    const bool fits = value_->is_number_unsigned()
                          ? value_->get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<T>::max())
                          : value_->get<std::int64_t>() >= static_cast<std::int64_t>(std::numeric_limits<T>::min()) &&
                                (std::is_signed_v<T> || value_->get<std::int64_t>() >= 0);
    if (expect(fits, "a number of another range")) {
      into = value_->get<T>();
    }
  }

  template <typename T>
  void read(std::optional<T>& into) const {
    if (value_ != nullptr) {
      read(into.emplace());
    }
  }

  template <typename T>
  void read(std::vector<T>& into) const {
    each([&](const Node& item) { item.read(into.emplace_back()); });
  }

  template <typename T>
  void read(std::map<std::string, T>& into) const {
    each_entry([&](const std::string& key, const Node& item) { item.read(into[key]); });
  }

  template <typename F>
  void each(F visit) const {
    if (value_ == nullptr || !expect(value_->is_array(), "an array")) {
      return;
    }
    for (std::size_t i = 0; i < value_->size(); ++i) {
      visit(Node(&(*value_)[i], fmt::format("{}[{}]", path_, i), *problems_));
    }
  }

  template <typename F>
  void each_entry(F visit) const {
    if (value_ == nullptr || !expect(value_->is_object(), "an object")) {
      return;
    }
    for (auto it = value_->begin(); it != value_->end(); ++it) {
      visit(it.key(), Node(&it.value(), path_ + "." + it.key(), *problems_));
    }
  }

 private:
  bool expect(bool holds, std::string_view kind) const {
    if (!holds) {
      complain(fmt::format("expected {}", kind));
    }
    return holds;
  }

  const Json* value_;
  std::string path_;
  Problems* problems_;
};

/// The parts of a config.json, each in its own file.
void read_process(const Node& node, Process& process);
void read_scheduler(const Node& node, std::optional<Scheduler>& into);
void read_io_priority(const Node& node, std::optional<std::uint32_t>& into);
void read_affinity(const Node& node, Affinity& into);
void read_mappings(const Node& list, std::vector<IdMapping>& into);
void read_linux(const Node& node, Linux& out);
void read_resources(const Node& node, cgroup::Resources& out);

}  // namespace cmp::oci
