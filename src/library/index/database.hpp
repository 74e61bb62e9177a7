#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace earmark::library {

/// Bytes as they stand in a column of type BLOB.
using Bytes = std::span<const std::uint8_t>;

class Statement;

/// An SQLite database in a file. Failures are Errors that name the file: cannot_write (no place, no permission, in
/// use), corrupt (no database, a damaged one). Not thread-safe.
class Database {
  public:
    enum class Mode {
        existing,  ///< the file must be there
        create,    ///< it is made when it is not
    };

    /// @throws Error not_found besides
    Database(std::filesystem::path path, Mode mode);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }

    /// Runs statements that return nothing of interest.
    void run(const std::string& sql);
    Statement prepare(std::string_view sql);
    /// The number that a statement returns.
    std::int64_t number(std::string_view sql);

    std::int64_t last_row() const noexcept;
    /// Rows that the last INSERT, UPDATE or DELETE changed.
    std::int64_t changes() const noexcept;

    [[noreturn]] void raise(int code) const;

  private:
    struct Delete {
        void operator()(sqlite3* handle) const noexcept;
    };

    std::filesystem::path path_;
    std::unique_ptr<sqlite3, Delete> handle_;
};

/// A prepared statement, which can be run again and again. Belongs to its database, which must outlive it.
class Statement {
  public:
    Statement(const Database& database, sqlite3_stmt* handle) : database_(&database), handle_(handle) {}

    /// Begins anew with these values in place of the question marks. What they refer to must live until the statement
    /// has run.
    template <typename... Values>
    Statement& bind(const Values&... values) {
        begin();
        int place = 0;
        (set(++place, values), ...);
        return *this;
    }

    /// The next row. @return false when there is none
    bool step();
    /// Runs a statement that returns no rows.
    void run();

    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    double real(int column) const;
    std::string text(int column) const;
    Bytes bytes(int column) const;  ///< valid until the next step

  private:
    struct Delete {
        void operator()(sqlite3_stmt* handle) const noexcept;
    };

    void begin();
    void set(int place, std::int64_t value);
    void set(int place, int value) { set(place, std::int64_t{value}); }
    void set(int place, bool value) { set(place, std::int64_t{value}); }
    void set(int place, const char* value) = delete;  // would be taken for a bool
    void set(int place, double value);
    void set(int place, std::string_view value);
    void set(int place, const std::string& value) { set(place, std::string_view(value)); }
    void set(int place, Bytes value);
    void set(int place, const std::filesystem::path& value);  // as bytes
    template <typename Value>
    void set(int place, const std::optional<Value>& value) {
        value ? set(place, *value) : set_null(place);
    }
    void set_null(int place);
    void check(int code) const;

    const Database* database_;
    std::unique_ptr<sqlite3_stmt, Delete> handle_;
};

/// What is written while it lives is written whole by `commit`, or not at all.
class Transaction {
  public:
    explicit Transaction(Database& database);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit();

  private:
    Database& database_;
    bool open_ = true;
};

}  // namespace earmark::library
