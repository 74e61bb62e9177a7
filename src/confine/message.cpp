#include "confine/message.hpp"

#include <cstring>

#include "base/throw.hpp"

namespace earmark::confine {

namespace {

template <typename Value>
std::string_view bytes_of(const Value& value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

template <typename Value>
Value value_of(std::string_view bytes) {
    Value value{};
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

}  // namespace

MessageWriter& MessageWriter::integer(std::int64_t value) {
    bytes_ += bytes_of(value);
    return *this;
}

MessageWriter& MessageWriter::real(double value) {
    bytes_ += bytes_of(value);
    return *this;
}

MessageWriter& MessageWriter::text(std::string_view value) {
    integer(static_cast<std::int64_t>(value.size()));
    bytes_ += value;
    return *this;
}

void MessageReader::refuse() const {
    base::fail(ErrorCode::corrupt, "a message of another process makes no sense. Try again.");
}

std::string_view MessageReader::take(std::size_t size) {
    if (size > bytes_.size() - position_) refuse();
    const std::string_view taken = std::string_view(bytes_).substr(position_, size);
    position_ += size;
    return taken;
}

std::int64_t MessageReader::integer(std::int64_t least, std::int64_t most) {
    const auto value = value_of<std::int64_t>(take(sizeof(std::int64_t)));
    if (value < least || value > most) refuse();
    return value;
}

double MessageReader::real(double least, double most) {
    const auto value = value_of<double>(take(sizeof(double)));
    if (!(value >= least && value <= most)) refuse();
    return value;
}

std::string MessageReader::text(std::size_t longest) {
    const std::int64_t size = integer(0, static_cast<std::int64_t>(longest));
    return std::string(take(static_cast<std::size_t>(size)));
}

void MessageReader::end() const {
    if (position_ != bytes_.size()) refuse();
}

}  // namespace earmark::confine
