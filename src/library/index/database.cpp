#include "library/index/database.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

#include "base/throw.hpp"
#include "files/atomic_file.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

void Database::Delete::operator()(sqlite3* handle) const noexcept {
    ::sqlite3_close_v2(handle);
}

Database::Database(fs::path path, Mode mode) : path_(std::move(path)) {
    std::error_code error;
    if (mode == Mode::existing && !fs::exists(path_, error)) files::fail_to_open(path_, ENOENT);
    sqlite3* handle = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (mode == Mode::create ? SQLITE_OPEN_CREATE : 0);
    const int code = ::sqlite3_open_v2(path_.c_str(), &handle, flags, nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK) raise(code);
    ::sqlite3_extended_result_codes(handle, 1);
    ::sqlite3_busy_timeout(handle, 10'000);
    // The file may be another's: its schema calls no function that does something, and damage is looked for.
    ::sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    ::sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    ::sqlite3_exec(handle, "PRAGMA cell_size_check = ON", nullptr, nullptr, nullptr);
}

Database::~Database() = default;

void Database::raise(int code) const {
    const std::string why = handle_ ? ::sqlite3_errmsg(handle_.get()) : ::sqlite3_errstr(code);
    switch (code & 0xFF) {
        case SQLITE_CANTOPEN:
            base::fail(ErrorCode::cannot_write,
                       "{}: cannot be opened or made. Check that its folder is there and yours.", path_.string());
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
        case SQLITE_ERROR:  // its tables are others than those that statements name
        case SQLITE_MISMATCH:
        case SQLITE_CONSTRAINT:
        case SQLITE_TOOBIG:
            base::fail(ErrorCode::corrupt, "{}: is no index, or a damaged one ({}). Move it away, or name another.",
                       path_.string(), why);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            base::fail(ErrorCode::cannot_write, "{}: is in use by another program. Try again when that has ended.",
                       path_.string());
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_READONLY:
        case SQLITE_PERM:
            base::fail(ErrorCode::cannot_write, "{}: cannot be written: {}. Check space and permissions.",
                       path_.string(), why);
        default:
            base::fail(ErrorCode::internal, "{}: {}.", path_.string(), why);
    }
}

void Database::run(const std::string& sql) {
    const int code = ::sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) raise(code);
}

Statement Database::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = ::sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    if (code != SQLITE_OK) raise(code);
    return {*this, statement};
}

std::int64_t Database::number(std::string_view sql) {
    Statement statement = prepare(sql);
    return statement.step() ? statement.integer(0) : 0;
}

std::int64_t Database::last_row() const noexcept {
    return ::sqlite3_last_insert_rowid(handle_.get());
}

std::int64_t Database::changes() const noexcept {
    return ::sqlite3_changes(handle_.get());
}

void Statement::Delete::operator()(sqlite3_stmt* handle) const noexcept {
    ::sqlite3_finalize(handle);
}

void Statement::check(int code) const {
    if (code != SQLITE_OK) database_->raise(code);
}

void Statement::begin() {
    ::sqlite3_reset(handle_.get());  // says again what the last run has said
}

bool Statement::step() {
    const int code = ::sqlite3_step(handle_.get());
    if (code == SQLITE_ROW) return true;
    ::sqlite3_reset(handle_.get());
    if (code != SQLITE_DONE) database_->raise(code);
    return false;
}

void Statement::run() {
    while (step()) {
    }
}

void Statement::set(int place, std::int64_t value) {
    check(::sqlite3_bind_int64(handle_.get(), place, value));
}

void Statement::set(int place, double value) {
    check(::sqlite3_bind_double(handle_.get(), place, value));
}

void Statement::set(int place, std::string_view value) {
    const char* const text = value.data() != nullptr ? value.data() : "";
    check(::sqlite3_bind_text64(handle_.get(), place, text, value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::set(int place, Bytes value) {
    const void* const bytes = value.data() != nullptr ? static_cast<const void*>(value.data()) : "";
    check(::sqlite3_bind_blob64(handle_.get(), place, bytes, value.size(), SQLITE_STATIC));
}

void Statement::set(int place, const fs::path& value) {
    const std::string& text = value.native();
    set(place, Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

void Statement::set_null(int place) {
    check(::sqlite3_bind_null(handle_.get(), place));
}

bool Statement::is_null(int column) const {
    return ::sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
    return ::sqlite3_column_int64(handle_.get(), column);
}

double Statement::real(int column) const {
    return ::sqlite3_column_double(handle_.get(), column);
}

std::string Statement::text(int column) const {
    const Bytes found = bytes(column);
    return {reinterpret_cast<const char*>(found.data()), found.size()};
}

Bytes Statement::bytes(int column) const {
    const void* const data = ::sqlite3_column_blob(handle_.get(), column);
    const int size = ::sqlite3_column_bytes(handle_.get(), column);
    return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

Transaction::Transaction(Database& database) : database_(database) {
    database_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
    if (!open_) return;
    try {
        database_.run("ROLLBACK");
    } catch (const Error&) {
        // SQLite has rolled back by itself, as it does when the disk is full.
    }
}

void Transaction::commit() {
    database_.run("COMMIT");
    open_ = false;
}

}  // namespace earmark::library
