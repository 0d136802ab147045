#pragma once
// Gives every described field of a struct a value that is not its default, all the way down; so that a round trip shows
// any field that a codec forgets.

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "base/json_fields.hpp"

namespace cmp::test {

template <typename T>
void fill(T& value);

template <typename T>
struct Filler {
  static void fill(T& value) {
    if constexpr (json::Described<T>) {
      std::apply([&](const auto&... fields) { (test::fill(value.*fields.member), ...); }, json::Fields<T>::list);
    } else if constexpr (std::is_same_v<T, bool>) {
      value = !value;
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(static_cast<int>(value) + 1);
    } else {
      value = static_cast<T>(value + T(3));
    }
  }
};

template <>
struct Filler<std::string> {
  static void fill(std::string& value) { value += "text \"quoted\"\n\xC3\xA4"; }
};

template <>
struct Filler<Nanoseconds> {
  static void fill(Nanoseconds& value) { value += Nanoseconds(1234567891); }
};

template <>
struct Filler<WallTime> {
  static void fill(WallTime& value) { value += Nanoseconds(1234567891); }
};

template <>
struct Filler<Bytes> {
  static void fill(Bytes& value) { value.count += 5; }
};

template <typename T>
struct Filler<std::optional<T>> {
  static void fill(std::optional<T>& value) { test::fill(value.emplace()); }
};

template <typename T>
struct Filler<std::vector<T>> {
  static void fill(std::vector<T>& value) {
    value.emplace_back();
    test::fill(value.emplace_back());
  }
};

template <typename T>
struct Filler<std::map<std::string, T>> {
  static void fill(std::map<std::string, T>& value) {
    value["default"];
    test::fill(value["filled"]);
  }
};

template <typename T>
void fill(T& value) {
  Filler<T>::fill(value);
}

/// True if the described fields leave no room for a further one: each begins where the one before ends, but for what
/// its alignment asks.
template <typename T>
bool describes_every_byte() {
  static const T sample{};
  std::map<std::ptrdiff_t, std::pair<std::size_t, std::size_t>> places;  // offset → size, alignment
  const auto* begin = reinterpret_cast<const char*>(&sample);
  std::apply(
      [&](const auto&... fields) {
        ((places[reinterpret_cast<const char*>(&(sample.*fields.member)) - begin] =
              {sizeof(sample.*fields.member), alignof(std::remove_cvref_t<decltype(sample.*fields.member)>)}),
         ...);
      },
      json::Fields<T>::list);
  std::size_t end = 0;
  for (const auto& [offset, place] : places) {
    const std::size_t wanted = (end + place.second - 1) / place.second * place.second;
    if (static_cast<std::size_t>(offset) != wanted) {
      return false;
    }
    end = wanted + place.first;
  }
  return (end + alignof(T) - 1) / alignof(T) * alignof(T) == sizeof(T);
}

}  // namespace cmp::test
