#pragma once
// Errors as values. A function that can fail returns Result<T> (or Status); each layer adds the noun it
// knows with `.context("service 'web'")`, once. Nothing here prints or throws.

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cmp {

/// A place in a file the user wrote. Lines and columns count from 1; 0 means "not known".
struct SourcePos {
  std::string file;
  int line = 0;
  int column = 0;

  [[nodiscard]] bool known() const { return line > 0; }

  /// `file:line:column`, or just what is known.
  [[nodiscard]] std::string str() const;
  friend bool operator==(const SourcePos&, const SourcePos&) = default;
};

/// What kind of failure it is: decides the exit code and whether a retry makes sense.
enum class Code {
  kInvalid,      ///< what the user wrote is wrong
  kNotFound,     ///< a thing that was named does not exist
  kConflict,     ///< a thing exists or is held by somebody else
  kUnsupported,  ///< this host or this version cannot do it
  kPermission,   ///< the caller may not do it
  kSystem,       ///< the kernel refused; `os_errno` says how
  kInterrupted,  ///< the user or a signal stopped it
  kInternal,     ///< a bug of ours
};

/// One failure. `message` is lower case, has no full stop, and quotes the user's strings in single quotes.
struct Error {
  Code code = Code::kInternal;
  int os_errno = 0;
  std::string message;
  SourcePos where;            ///< the file position to blame, if a file is the cause
  std::vector<Error> others;  ///< further independent failures found in the same pass

  /// Puts `noun: ` in front of the message.
  Error&& context(std::string_view noun) &&;
  /// Says which place in a file is to blame, unless a more precise one is known already.
  Error&& at(const SourcePos& pos) &&;
  /// `file:line:column: message`, one line an error.
  [[nodiscard]] std::string str() const;
};

[[nodiscard]] Error make_error(Code code, std::string message);

/// An error from a failed system call: "`what`: <reason>". Reads errno first, so call it at once.
[[nodiscard]] Error sys_error(std::string_view what, int err = errno);

/// A value or an Error. Spelled like std::expected, which clang 14 with libstdc++ 12 lacks.
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)

  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }

  explicit operator bool() const { return has_value(); }

  [[nodiscard]] T& value() & { return std::get<0>(state_); }

  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }

  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }

  [[nodiscard]] T& operator*() & { return value(); }

  [[nodiscard]] const T& operator*() const& { return value(); }

  [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }

  [[nodiscard]] T* operator->() { return &value(); }

  [[nodiscard]] const T* operator->() const { return &value(); }

  [[nodiscard]] Error& error() & { return std::get<1>(state_); }

  [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }

  [[nodiscard]] Error&& error() && { return std::get<1>(std::move(state_)); }

  [[nodiscard]] T value_or(T other) && { return has_value() ? std::move(*this).value() : std::move(other); }

  /// Adds the noun this layer knows; does nothing to a value.
  Result&& context(std::string_view noun) && {
    if (!has_value()) {
      std::move(error()).context(noun);
    }
    return std::move(*this);
  }

 private:
  std::variant<T, Error> state_;
};

/// Success or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;

  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const { return !error_.has_value(); }

  explicit operator bool() const { return has_value(); }

  [[nodiscard]] Error& error() & { return *error_; }

  [[nodiscard]] const Error& error() const& { return *error_; }

  [[nodiscard]] Error&& error() && { return *std::move(error_); }

  Result&& context(std::string_view noun) && {
    if (error_) {
      std::move(*error_).context(noun);
    }
    return std::move(*this);
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace cmp

#define CMP_CONCAT_INNER(a, b) a##b
#define CMP_CONCAT(a, b) CMP_CONCAT_INNER(a, b)

/// CMP_TRY(auto fd, sys::open_file(...)); binds the value or returns the error from the calling function.
#define CMP_TRY(declaration, expression) CMP_TRY_IMPL(CMP_CONCAT(cmp_try_, __LINE__), declaration, expression)
#define CMP_TRY_IMPL(result, declaration, expression) \
  auto result = (expression);                         \
  if (!result) {                                      \
    return std::move(result).error();                 \
  }                                                   \
  declaration = std::move(result).value()

/// CMP_CHECK(sys::mount(...)); returns the error, if any, from the calling function.
#define CMP_CHECK(expression) CMP_CHECK_IMPL(CMP_CONCAT(cmp_check_, __LINE__), expression)
#define CMP_CHECK_IMPL(result, expression)   \
  if (auto result = (expression); !result) { \
    return std::move(result).error();        \
  }
