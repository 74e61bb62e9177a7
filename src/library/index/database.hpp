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

/// The bytes of a column of type BLOB.
using Bytes = std::span<const std::uint8_t>;

class Statement;

/// An SQLite database in a file. Failures are Errors that name the file: cannot_write (no place, no permission, in
/// use), corrupt (no database, a damaged one). Not thread-safe.
class Database {
  public:
    enum class Mode {
        existing,  ///< the file must exist
        create,    ///< it is created if it does not exist
    };

    /// @throws Error not_found besides
    Database(std::filesystem::path path, Mode mode);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }

    /// Runs statements and ignores their rows.
    void run(const std::string& sql);
    Statement prepare(std::string_view sql);
    /// The integer that a statement returns.
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

    /// Resets the statement and binds these values to its question marks. They must live until the statement has run.
    template <typename... Values>
    Statement& bind(const Values&... values) {
        begin();
        int place = 0;
        (set(++place, values), ...);
        return *this;
    }

    /// Steps to the next row. @return false if there is none
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

/// A transaction: `commit` writes all changes; without it, the destructor discards them.
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
