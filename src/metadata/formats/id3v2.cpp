#include "metadata/formats/id3v2.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "metadata/numbers.hpp"
#include "metadata/text.hpp"

namespace earmark::metadata {

namespace {

constexpr std::size_t header_size = 10;
constexpr unsigned unsynchronisation_flag = 0x80;
constexpr unsigned extended_header_flag = 0x40;
constexpr unsigned footer_flag = 0x10;

/// Larger tags are left as they stand: nothing but a forged size asks for so much.
constexpr std::uint64_t largest_body = std::uint64_t{1} << 27;

std::size_t frame_header_size(unsigned version) {
    return version == 2 ? 6 : 10;
}

bool is_zero(std::string_view bytes) {
    return bytes.find_first_not_of('\0') == std::string_view::npos;
}

std::string without_unsynchronisation(std::string_view bytes) {
    std::string result;
    result.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        result += bytes[i];
        if (bytes[i] == '\xFF' && i + 1 < bytes.size() && bytes[i + 1] == '\0') ++i;
    }
    return result;
}

bool is_frame_id(std::string_view id) {
    if (id.empty() || id[0] < 'A' || id[0] > 'Z') return false;
    // iTunes wrote names of ID3v2.2 into later tags, with a blank or a zero behind.
    return std::ranges::all_of(id.substr(0, 3),
                               [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }) &&
           (id.size() < 4 || (id[3] >= 'A' && id[3] <= 'Z') || (id[3] >= '0' && id[3] <= '9') || id[3] == ' ' ||
            id[3] == '\0');
}

std::size_t skip_extended_header(const Id3v2Tag& tag) {
    if ((tag.flags & extended_header_flag) == 0 || tag.version == 2) return 0;
    const std::uint64_t size = tag.version == 3 ? big_endian(tag.body, 0, 4) + 4 : synchsafe(tag.body, 0);
    return static_cast<std::size_t>(std::min<std::uint64_t>(size, tag.body.size()));
}

/// Lists the frames. @return whether they end where the tag or its padding does
bool walk(Id3v2Tag& tag) {
    const std::size_t header = frame_header_size(tag.version);
    tag.frames.clear();
    tag.frames_begin = tag.frames_end = skip_extended_header(tag);
    for (std::size_t at = tag.frames_begin; at + header <= tag.body.size();) {
        Id3v2Frame frame;
        frame.id = tag.body.substr(at, tag.version == 2 ? 3 : 4);
        if (!is_frame_id(frame.id)) break;
        std::uint64_t size = 0;
        if (tag.version == 2) {
            size = big_endian(tag.body, at + 3, 3);
        } else {
            size = tag.version == 4 && !tag.plain_frame_sizes ? synchsafe(tag.body, at + 4)
                                                              : big_endian(tag.body, at + 4, 4);
            frame.flags = static_cast<std::uint32_t>(big_endian(tag.body, at + 8, 2));
        }
        if (size > tag.body.size() - at - header || tag.frames.size() >= Collector::most_items) break;
        frame.begin = at;
        frame.content = at + header;
        frame.end = at = frame.content + static_cast<std::size_t>(size);
        tag.frames_end = at;
        tag.frames.push_back(std::move(frame));
    }
    tag.padded = is_zero(std::string_view(tag.body).substr(tag.frames_end));
    return tag.padded;
}

/// Reads the body of a tag that is `size` bytes long. @return as `walk`
bool read_body(const ByteSource& source, Id3v2Tag& tag, std::uint64_t size, std::uint64_t limit) {
    const std::uint64_t begin = tag.offset + header_size;
    size = std::min(size, limit > begin ? limit - begin : 0);
    tag.end = begin + size;
    if (tag.footer) tag.end = std::min(tag.end + header_size, limit);
    if (size > largest_body) return false;
    tag.raw = source.bytes(begin, size);
    tag.unsynchronised = tag.version < 4 && (tag.flags & unsynchronisation_flag) != 0;
    tag.body = tag.unsynchronised ? without_unsynchronisation(tag.raw) : tag.raw;
    if (tag.version == 2 && (tag.flags & extended_header_flag) != 0) return false;  // compressed, nobody knows how
    tag.plain_frame_sizes = false;
    if (walk(tag)) return true;
    if (tag.version != 4) return false;
    tag.plain_frame_sizes = true;
    if (walk(tag)) return true;
    tag.plain_frame_sizes = false;
    return walk(tag);
}

/// Ends a tag whose size cannot be trusted where its padding does, if sound begins there.
void end_at_sound(Id3v2Tag& tag) {
    const std::size_t end = tag.raw.find_first_not_of('\0', tag.frames_end);
    if (tag.padded || tag.footer || tag.unsynchronised || end == std::string::npos || end + 1 >= tag.raw.size()) return;
    if (tag.raw[end] != '\xFF' || (tag.raw[end + 1] & 0xE0) != 0xE0) return;
    tag.end -= tag.raw.size() - end;
    tag.raw.resize(end);
    tag.body = tag.raw;
    tag.padded = true;
}

/// "TXXX:FOO" for frames that carry a name of their own.
std::string key_of(const Id3v2Frame& frame, const std::string& content) {
    if (frame.id != "TXXX" && frame.id != "TXX" && frame.id != "WXXX" && frame.id != "WXX") return frame.id;
    if (content.empty()) return frame.id;
    const auto encoding = static_cast<unsigned char>(content[0]);
    const std::string_view text = std::string_view(content).substr(1);
    std::string name;
    if (encoding == 1 || encoding == 2) {
        std::size_t end = 0;
        while (end + 1 < text.size() && (text[end] != '\0' || text[end + 1] != '\0')) end += 2;
        name = utf16_to_utf8(text.substr(0, end), encoding == 2);
    } else {
        name = guess_to_utf8(text.substr(0, text.find('\0')));
    }
    return frame.id + ":" + name;
}

}  // namespace

bool is_id3v2(std::string_view head) {
    return head.size() >= header_size && head.starts_with("ID3") && head[3] >= 2 && head[3] <= 4 && head[4] != '\xFF';
}

std::string unsynchronised(std::string_view bytes) {
    std::string result;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        result += bytes[i];
        if (bytes[i] != '\xFF') continue;
        const bool last = i + 1 == bytes.size();
        if (last || bytes[i + 1] == '\0' || (bytes[i + 1] & 0xE0) == 0xE0) result += '\0';
    }
    return result;
}

std::optional<Id3v2Tag> parse_id3v2(const ByteSource& source, std::uint64_t offset, std::uint64_t limit) {
    const std::string head = source.bytes(offset, header_size);
    if (!is_id3v2(head) || offset + header_size > limit) return std::nullopt;
    Id3v2Tag tag;
    tag.offset = offset;
    tag.version = static_cast<unsigned char>(head[3]);
    tag.flags = static_cast<unsigned char>(head[5]);
    tag.footer = tag.version == 4 && (tag.flags & footer_flag) != 0;
    const std::uint64_t size = synchsafe(head, 6);
    const std::uint64_t plain = big_endian(head, 6, 4);
    tag.synchsafe = is_ascii(std::string_view(head).substr(6, 4));
    if (!tag.synchsafe) {
        read_body(source, tag, plain, limit);
        end_at_sound(tag);
        return tag;
    }
    if (read_body(source, tag, size, limit) || plain == size || plain > limit - offset) return tag;
    Id3v2Tag other = tag;
    other.synchsafe = false;
    return read_body(source, other, plain, limit) ? other : tag;
}

std::optional<Id3v2Tag> parse_appended_id3v2(const ByteSource& source, std::uint64_t end) {
    if (end < 2 * header_size) return std::nullopt;
    const std::string foot = source.bytes(end - header_size, header_size);
    if (!foot.starts_with("3DI")) return std::nullopt;
    const std::uint64_t whole = synchsafe(foot, 6) + 2 * header_size;
    if (whole > end) return std::nullopt;
    auto tag = parse_id3v2(source, end - whole, end);
    if (!tag || !tag->footer || tag->end != end) return std::nullopt;
    return tag;
}

std::vector<Id3v2Tag> parse_id3v2_tags(const ByteSource& source, std::uint64_t offset, std::uint64_t limit) {
    constexpr std::size_t most_tags = 64;
    std::vector<Id3v2Tag> tags;
    while (tags.size() < most_tags) {
        auto tag = parse_id3v2(source, offset, limit);
        if (!tag) {
            // Between two tags some taggers leave zeros.
            constexpr std::uint64_t most_zeros = 4096;
            const std::string gap = tags.empty() ? "" : source.bytes(offset, std::min(most_zeros, limit - offset));
            const std::size_t zeros = std::min(gap.find_first_not_of('\0'), gap.size());
            if (zeros == 0 || zeros == gap.size() || !is_id3v2(source.bytes(offset + zeros, header_size))) break;
            offset += zeros;
            continue;
        }
        offset = tag->end;
        tags.push_back(*std::move(tag));
    }
    return tags;
}

std::string name_of(const Id3v2Tag& tag) {
    return fmt::format("ID3v2.{}", tag.version);
}

Field field_of(const Id3v2Tag& tag, const Id3v2Frame& frame) {
    if (frame.id == "TCON" || frame.id == "TCO") return Field::genre;
    if (frame.id == "TMOO") return Field::mood;
    if (frame.id != "TXXX" && frame.id != "TXX") return Field::other;
    const std::optional<std::string> content = plain_content(tag, frame);
    if (!content) return Field::other;
    const bool mood = equals_ignoring_case(key_of(frame, *content), frame.id + ":mood");
    return mood ? Field::mood : Field::other;
}

std::optional<std::string> plain_content(const Id3v2Tag& tag, const Id3v2Frame& frame) {
    std::string content = tag.body.substr(frame.content, frame.end - frame.content);
    if (tag.version == 2) return content;
    const bool v4 = tag.version == 4;
    if ((frame.flags & (v4 ? 0x0CU : 0xC0U)) != 0) return std::nullopt;
    std::size_t skip = 0;
    if ((frame.flags & (v4 ? 0x40U : 0x20U)) != 0) skip += 1;  // the group
    if (v4 && (frame.flags & 0x01U) != 0) skip += 4;           // the length
    content.erase(0, std::min(skip, content.size()));
    const bool every = v4 && (tag.flags & unsynchronisation_flag) != 0;
    if (v4 && (every || (frame.flags & 0x02U) != 0)) content = without_unsynchronisation(content);
    return content;
}

void collect_id3v2(Collector& collector, const Id3v2Tag& tag, const std::string& where) {
    const std::uint64_t begin = tag.offset + header_size;
    if (!tag.synchsafe) collector.add_oddity(where + ": its size is not written as ID3v2 asks for (synchsafe).");
    if (tag.raw.empty() && tag.end > begin) {
        collector.add_range(where, "", System::opaque, tag.offset, tag.end - tag.offset, tag.offset);
        collector.add_oddity(where + ": is larger than a tag can be, or damaged.");
        return;
    }
    if (tag.frames_begin > 0) {
        // Its length of padding and its checksum follow from the rest.
        collector.add_oddity(where + ": has an extended header.");
    }
    for (const Id3v2Frame& frame : tag.frames) {
        const std::string whole = tag.body.substr(frame.content, frame.end - frame.content);
        const std::optional<std::string> content = plain_content(tag, frame);
        Item& item =
            collector.add(where, content ? key_of(frame, *content) : frame.id, content ? System::id3v2 : System::opaque,
                          content.value_or(whole), begin + frame.begin);
        item.type = frame.flags;
        item.field = field_of(tag, frame);
        if (frame.end == frame.content) {
            collector.add_oddity(fmt::format("{}: its frame {} is empty.", where, frame.id));
        }
    }
    if (!tag.padded) {
        collector.add(where, "unreadable rest", System::opaque, std::string_view(tag.body).substr(tag.frames_end),
                      begin + tag.frames_end);
        collector.add_oddity(where + ": its end cannot be read.");
    }
}

}  // namespace earmark::metadata
