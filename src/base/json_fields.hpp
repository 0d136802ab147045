#pragma once
// Structs to JSON and back from one list of fields each: specialise Fields<S>. A field that has its default value is
// not written, and one that is absent keeps its default, so old and new versions read each other's records. For .cpp
// files.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/units.hpp"

namespace cmp::json {

using Json = nlohmann::json;

template <typename S>
struct Fields;  // static constexpr auto list = std::make_tuple(field("name", &S::name), …);

template <typename S, typename M>
struct Field {
  const char* name;
  M S::*member;
};

template <typename S, typename M>
constexpr Field<S, M> field(const char* name, M S::*member) {
  return {name, member};
}

template <typename S>
concept Described = requires {
  Fields<S>::list;
};

template <typename T>
struct Codec;

template <typename T>
Json to_json(const T& value) {
  return Codec<T>::write(value);
}

/// False if the JSON has another shape; `value` is then in part filled.
template <typename T>
[[nodiscard]] bool from_json(const Json& json, T& value) {
  return Codec<T>::read(json, value);
}

template <>
struct Codec<std::string> {
  static Json write(const std::string& value) { return value; }

  static bool read(const Json& json, std::string& value) {
    const auto* text = json.get_ptr<const std::string*>();
    return text != nullptr && (value = *text, true);
  }
};

template <>
struct Codec<bool> {
  static Json write(bool value) { return value; }

  static bool read(const Json& json, bool& value) {
    const auto* flag = json.get_ptr<const bool*>();
    return flag != nullptr && (value = *flag, true);
  }
};

template <typename T>

requires(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) struct Codec<T> {
  static Json write(T value) { return value; }

  static bool read(const Json& json, T& value) { return json.is_number() && (value = json.get<T>(), true); }
};

template <typename T>
requires std::is_enum_v<T>

struct Codec<T> {
  static Json write(T value) { return static_cast<int>(value); }

  static bool read(const Json& json, T& value) {
    return json.is_number_integer() && (value = static_cast<T>(json.get<int>()), true);
  }
};

template <>
struct Codec<Nanoseconds> {
  static Json write(Nanoseconds value) { return value.count(); }

  static bool read(const Json& json, Nanoseconds& value) {
    return json.is_number() && (value = Nanoseconds(json.get<std::int64_t>()), true);
  }
};

template <>
struct Codec<WallTime> {
  static Json write(WallTime value) { return value.time_since_epoch().count(); }

  static bool read(const Json& json, WallTime& value) {
    return json.is_number() && (value = WallTime(Nanoseconds(json.get<std::int64_t>())), true);
  }
};

template <>
struct Codec<Bytes> {
  static Json write(Bytes value) { return value.count; }

  static bool read(const Json& json, Bytes& value) { return from_json(json, value.count); }
};

template <typename T>
struct Codec<std::optional<T>> {
  static Json write(const std::optional<T>& value) { return value ? to_json(*value) : Json(); }

  static bool read(const Json& json, std::optional<T>& value) {
    return json.is_null() ? (value.reset(), true) : from_json(json, value.emplace());
  }
};

template <typename T>
struct Codec<std::vector<T>> {
  static Json write(const std::vector<T>& values) {
    Json out = Json::array();
    for (const T& value : values) {
      out.push_back(to_json(value));
    }
    return out;
  }

  static bool read(const Json& json, std::vector<T>& values) {
    if (!json.is_array()) {
      return false;
    }
    values.clear();
    for (const Json& item : json) {
      if (!from_json(item, values.emplace_back())) {
        return false;
      }
    }
    return true;
  }
};

template <typename T>
struct Codec<std::map<std::string, T>> {
  static Json write(const std::map<std::string, T>& values) {
    Json out = Json::object();
    for (const auto& [key, value] : values) {
      out[key] = to_json(value);
    }
    return out;
  }

  static bool read(const Json& json, std::map<std::string, T>& values) {
    if (!json.is_object()) {
      return false;
    }
    values.clear();
    for (auto it = json.begin(); it != json.end(); ++it) {
      if (!from_json(it.value(), values[it.key()])) {
        return false;
      }
    }
    return true;
  }
};

template <Described S>
struct Codec<S> {
  static Json write(const S& value) {
    static const S defaults{};
    Json out = Json::object();
    std::apply([&](const auto&... fields) { (write_field(out, value, defaults, fields), ...); }, Fields<S>::list);
    return out;
  }

  static bool read(const Json& json, S& value) {
    return json.is_object() &&
           std::apply([&](const auto&... fields) { return (read_field(json, value, fields) && ...); }, Fields<S>::list);
  }

 private:
  template <typename F>
  static void write_field(Json& out, const S& value, const S& defaults, const F& field) {
    if (!(value.*field.member == defaults.*field.member)) {
      out[field.name] = to_json(value.*field.member);
    }
  }

  template <typename F>
  static bool read_field(const Json& json, S& value, const F& field) {
    const auto it = json.find(field.name);
    return it == json.end() || from_json(*it, value.*field.member);
  }
};

}  // namespace cmp::json
