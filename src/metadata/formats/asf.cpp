#include "metadata/formats/asf.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "metadata/numbers.hpp"
#include "metadata/text.hpp"

namespace earmark::metadata {

namespace {

constexpr std::uint64_t object_header_size = 24;

/// Objects one after the other. @return whether they end at `limit`
bool read_objects(const ByteSource& source, std::uint64_t at, std::uint64_t limit, std::vector<AsfObject>& objects) {
    while (at + object_header_size <= limit && objects.size() < Collector::most_items) {
        const std::string head = source.bytes(at, object_header_size);
        if (head.size() < object_header_size) break;
        const std::uint64_t size = little_endian(head, 16, 8);
        if (size < object_header_size || size > limit - at) break;
        objects.push_back({head.substr(0, 16), at, at + object_header_size, at + size});
        at += size;
    }
    return at == limit;
}

std::string hexadecimal(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return text;
}

}  // namespace

AsfHeader parse_asf(const ByteSource& source, std::uint64_t begin) {
    constexpr std::uint64_t header_size = object_header_size + 6;
    constexpr std::uint64_t extension_size = 22;  // reserved fields, and the size of what follows
    AsfHeader header;
    header.begin = begin;
    const std::uint64_t size = little_endian(source.bytes(begin, header_size), 16, 8);
    header.whole = size >= header_size && size <= source.size() - begin;
    header.end = header.whole ? begin + size : source.size();
    header.whole &= read_objects(source, begin + header_size, header.end, header.objects);
    for (const AsfObject& object : header.objects) {
        if (object.guid != asf::header_extension || object.end < object.content + extension_size) continue;
        header.whole &= read_objects(source, object.content + extension_size, object.end, header.extension);
    }
    return header;
}

std::vector<AsfAttribute> parse_attributes(std::string_view content, bool library, std::size_t& rest) {
    std::vector<AsfAttribute> attributes;
    const std::uint64_t count = little_endian(content, 0, 2);
    std::size_t at = rest = 2;
    for (std::uint64_t i = 0; i < count; ++i) {
        AsfAttribute attribute;
        attribute.begin = at;
        std::size_t name = 0;
        std::uint64_t name_size = 0;
        std::uint64_t value_size = 0;
        if (library) {
            name = at + 12;
            if (name > content.size()) break;
            attribute.language = static_cast<std::uint32_t>(little_endian(content, at, 2));
            attribute.stream = static_cast<std::uint32_t>(little_endian(content, at + 2, 2));
            name_size = little_endian(content, at + 4, 2);
            attribute.type = static_cast<std::uint32_t>(little_endian(content, at + 6, 2));
            value_size = little_endian(content, at + 8, 4);
            if (name_size > content.size() - name) break;
            attribute.value = name + static_cast<std::size_t>(name_size);
        } else {
            name = at + 2;
            if (name > content.size()) break;
            name_size = little_endian(content, at, 2);
            if (name_size > content.size() - name || content.size() - name - name_size < 4) break;
            const std::size_t behind = name + static_cast<std::size_t>(name_size);
            attribute.type = static_cast<std::uint32_t>(little_endian(content, behind, 2));
            value_size = little_endian(content, behind + 2, 2);
            attribute.value = behind + 4;
        }
        if (value_size > content.size() - attribute.value) break;
        const std::string text = utf16_to_utf8(content.substr(name, static_cast<std::size_t>(name_size)));
        attribute.name = text.substr(0, text.find('\0'));
        attribute.end = at = rest = attribute.value + static_cast<std::size_t>(value_size);
        attributes.push_back(std::move(attribute));
    }
    return attributes;
}

Field field_of(const AsfAttribute& attribute) {
    if (equals_ignoring_case(attribute.name, "WM/Genre")) return Field::genre;
    return equals_ignoring_case(attribute.name, "WM/Mood") ? Field::mood : Field::other;
}

namespace {

void collect_attributes(Collector& collector, const AsfObject& object, const char* where, bool library) {
    const std::string content = collector.source().bytes(object.content, object.end - object.content);
    std::size_t rest = 0;
    for (const AsfAttribute& attribute : parse_attributes(content, library, rest)) {
        const std::string_view value =
            std::string_view(content).substr(attribute.value, attribute.end - attribute.value);
        Item& item = collector.add(where, attribute.name, System::asf, value, object.content + attribute.begin);
        item.type = attribute.type | attribute.stream << 8 | attribute.language << 16;
        item.field = field_of(attribute);
    }
    if (rest < content.size()) {
        collector.add(where, "unreadable rest", System::opaque, std::string_view(content).substr(rest),
                      object.content + rest);
    }
}

void collect_description(Collector& collector, const AsfObject& object) {
    static constexpr std::array<const char*, 5> names = {"Title", "Author", "Copyright", "Description", "Rating"};
    const std::string content = collector.source().bytes(object.content, object.end - object.content);
    std::size_t at = 2 * names.size();
    for (std::size_t i = 0; i < names.size() && at <= content.size(); ++i) {
        const auto size = static_cast<std::size_t>(little_endian(content, 2 * i, 2));
        collector.add("content description", names[i], System::asf, std::string_view(content).substr(at, size),
                      object.content + at);
        at += size;
    }
    if (at < content.size()) {
        collector.add("content description", "unreadable rest", System::opaque, std::string_view(content).substr(at),
                      object.content + at);
    }
}

}  // namespace

void collect_asf(Collector& collector, const AsfHeader& header) {
    const auto whole = [&](const AsfObject& object, const char* where) {
        collector.add_range(where, hexadecimal(object.guid), System::opaque, object.content,
                            object.end - object.content, object.begin);
    };
    for (const AsfObject& object : header.objects) {
        if (object.guid == asf::description) {
            collect_description(collector, object);
        } else if (object.guid == asf::extended) {
            collect_attributes(collector, object, "extended content description", false);
        } else if (object.guid != asf::file_properties && object.guid != asf::header_extension &&
                   object.guid != asf::padding) {
            whole(object, "ASF header");
        }
    }
    for (const AsfObject& object : header.extension) {
        if (object.guid == asf::metadata) {
            collect_attributes(collector, object, "metadata object", true);
        } else if (object.guid == asf::metadata_library) {
            collect_attributes(collector, object, "metadata library", true);
        } else if (object.guid != asf::padding) {
            whole(object, "ASF header extension");
        }
    }
    if (!header.whole) collector.add_oddity("ASF: its header cannot be read to its end.");
}

}  // namespace earmark::metadata
