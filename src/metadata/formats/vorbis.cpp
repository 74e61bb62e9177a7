#include "metadata/formats/vorbis.hpp"

#include <algorithm>

#include "metadata/numbers.hpp"
#include "metadata/text.hpp"

namespace earmark::metadata {

std::optional<VorbisComments> parse_comments(std::string_view bytes) {
    std::size_t at = 0;
    const auto take = [&]() -> std::optional<std::string> {
        if (bytes.size() - at < 4) return std::nullopt;
        const std::uint64_t size = little_endian(bytes, at, 4);
        if (size > bytes.size() - at - 4) return std::nullopt;
        at += 4 + static_cast<std::size_t>(size);
        return std::string(bytes.substr(at - static_cast<std::size_t>(size), static_cast<std::size_t>(size)));
    };
    VorbisComments comments;
    auto vendor = take();
    if (!vendor || bytes.size() - at < 4) return std::nullopt;
    comments.vendor = *std::move(vendor);
    const std::uint64_t count = little_endian(bytes, at, 4);
    at += 4;
    if (count > Collector::most_items || count > (bytes.size() - at) / 4) return std::nullopt;
    for (std::uint64_t i = 0; i < count; ++i) {
        auto field = take();
        if (!field) return std::nullopt;
        comments.fields.push_back(*std::move(field));
    }
    comments.rest = bytes.substr(at);
    return comments;
}

std::string render(const VorbisComments& comments) {
    const auto sized = [](const std::string& text) { return to_little_endian(text.size(), 4) + text; };
    std::string bytes = sized(comments.vendor) + to_little_endian(comments.fields.size(), 4);
    for (const std::string& field : comments.fields) bytes += sized(field);
    return bytes + comments.rest;
}

std::string_view name_of_field(std::string_view field) {
    const std::size_t equals = field.find('=');
    return equals == std::string_view::npos ? std::string_view() : field.substr(0, equals);
}

Field field_of_comment(std::string_view comment) {
    const std::string_view name = name_of_field(comment);
    if (equals_ignoring_case(name, "genre")) return Field::genre;
    return equals_ignoring_case(name, "mood") ? Field::mood : Field::other;
}

void set_values(VorbisComments& comments, Field field, const std::vector<std::string>& values) {
    auto& fields = comments.fields;
    const auto is_field = [&](const std::string& comment) { return field_of_comment(comment) == field; };
    const auto first = std::ranges::find_if(fields, is_field);
    const auto place = first - fields.begin();
    const std::string new_name = field == Field::mood ? "MOOD" : "GENRE";
    const std::string name = first == fields.end() ? new_name : std::string(name_of_field(*first));
    std::erase_if(fields, is_field);
    std::vector<std::string> added;
    for (const std::string& value : values) added.push_back(name + "=" + value);
    fields.insert(fields.begin() + place, added.begin(), added.end());
}

void collect_comments(Collector& collector, std::string_view bytes, const std::string& where, std::uint64_t offset) {
    const auto comments = parse_comments(bytes);
    if (!comments) {
        collector.add(where, "", System::opaque, bytes, offset);
        collector.add_oddity(where + ": its lengths contradict each other.");
        return;
    }
    collector.add(where, "vendor", System::opaque, comments->vendor, offset);
    std::uint64_t at = offset + 8 + comments->vendor.size();
    for (const std::string& field : comments->fields) {
        const std::string_view name = name_of_field(field);
        const bool named = !name.empty();
        const std::string_view value = named ? std::string_view(field).substr(name.size() + 1) : field;
        Item& item = collector.add(where, std::string(name), named ? System::vorbis : System::opaque, value, at);
        item.field = field_of_comment(field);
        at += 4 + field.size();
    }
    if (comments->rest.find_first_not_of(std::string_view("\0\1", 2)) != std::string::npos) {
        collector.add(where, "rest", System::opaque, comments->rest, at);
    }
}

}  // namespace earmark::metadata
