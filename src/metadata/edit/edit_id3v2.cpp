#include "metadata/edit/edit_id3v2.hpp"

#include <algorithm>
#include <array>

#include "base/throw.hpp"
#include "metadata/numbers.hpp"
#include "metadata/text.hpp"

namespace earmark::metadata {

namespace {

constexpr std::uint64_t header_size = 10;
constexpr std::size_t new_padding = 1024;
constexpr std::uint64_t largest_tag = (std::uint64_t{1} << 28) - 1;

/// The content of a text frame. In ID3v2.3 and before, as taggers do, several values stand one after the other, too.
std::string text_content(unsigned version, const std::vector<std::string>& values) {
    const std::string joined = join_with_nul(values);
    if (is_ascii(joined)) return '\0' + joined;
    if (version == 4) return '\3' + joined;
    std::string content = "\1";
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) content.append(2, '\0');
        content += "\xFF\xFE" + utf8_to_utf16(values[i]);
    }
    return content;
}

std::string frame(unsigned version, bool plain_size, const std::string& id, const std::string& content) {
    if (version == 2) return id + to_big_endian(content.size(), 3) + content;
    const bool synchsafe_size = version == 4 && !plain_size;
    return id + (synchsafe_size ? to_synchsafe(content.size()) : to_big_endian(content.size(), 4)) +
           std::string(2, '\0') + content;
}

std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t sum = 0xFFFFFFFFU;
    for (const char c : bytes) {
        sum ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) sum = (sum & 1) != 0 ? sum >> 1 ^ 0xEDB88320U : sum >> 1;
    }
    return ~sum;
}

/// Brings the extended header in line with what follows it.
void update_extended_header(const Id3v2Tag& tag, std::string& body, std::size_t padding) {
    if (tag.frames_begin == 0) return;
    const std::string_view frames = std::string_view(body).substr(tag.frames_begin);
    if (tag.version == 3) {
        if (tag.frames_begin >= 10) body.replace(6, 4, to_big_endian(padding, 4));
        const bool has_sum = (big_endian(body, 4, 2) & 0x8000) != 0 && tag.frames_begin >= 14;
        if (has_sum) body.replace(10, 4, to_big_endian(crc32(frames.substr(0, frames.size() - padding)), 4));
        return;
    }
    const std::uint64_t flags = big_endian(body, 5, 1);
    if ((flags & 0x20) == 0) return;
    const std::size_t at = (flags & 0x40) != 0 ? 7 : 6;  // behind the length of "tag is an update", which is 0
    if (body[at] != 5 || at + 6 > tag.frames_begin) return;
    const std::uint64_t sum = crc32(frames);
    std::string five(5, '\0');
    for (std::size_t i = 0; i < five.size(); ++i) five[4 - i] = static_cast<char>(sum >> (7 * i) & 0x7F);
    body.replace(at + 1, 5, five);
}

/// The frame of a field. ID3v2.4 alone has one for the mood: before it, taggers give it a name of its own.
std::string field_frame(unsigned version, bool plain_size, const FieldEdit& edit) {
    if (edit.field == Field::genre) {
        return frame(version, plain_size, version == 2 ? "TCO" : "TCON", text_content(version, edit.values));
    }
    if (version == 4) return frame(version, plain_size, "TMOO", text_content(version, edit.values));
    std::vector<std::string> texts{"MOOD"};
    texts.insert(texts.end(), edit.values.begin(), edit.values.end());
    return frame(version, plain_size, version == 2 ? "TXX" : "TXXX", text_content(version, texts));
}

/// The frames with other values of a field.
std::string edited_frames(const Id3v2Tag& tag, const FieldEdit& edit, bool insert) {
    const auto is_edited = [&](const Id3v2Frame& each) { return field_of(tag, each) == edit.field; };
    const bool any = std::ranges::any_of(tag.frames, is_edited);
    std::string made;
    if (!edit.values.empty() && (any || insert)) made = field_frame(tag.version, tag.plain_frame_sizes, edit);
    // Some readers end at an empty frame: what is to be found stands before it.
    const auto empty =
        std::ranges::find_if(tag.frames, [](const Id3v2Frame& each) { return each.content == each.end; });
    const auto old = std::ranges::find_if(tag.frames, is_edited);
    const bool in_front = empty < old || (old == tag.frames.end() && empty != tag.frames.end());
    std::string frames = in_front ? made : std::string();
    bool done = in_front;
    for (const Id3v2Frame& each : tag.frames) {
        if (!is_edited(each)) {
            frames += tag.body.substr(each.begin, each.end - each.begin);
        } else if (!done) {
            frames += made;
            done = true;
        }
    }
    if (!done) frames += made;
    return frames;
}

}  // namespace

void edit_id3v2(Splices& splices, const ByteSource& source, const Id3v2Tag& tag, const FieldEdit& edit, bool insert) {
    const bool compressed = tag.version == 2 && (tag.flags & 0x40) != 0;
    if (compressed || (tag.raw.empty() && tag.end > tag.offset + header_size)) {
        base::fail(ErrorCode::unsupported,
                   "the {} tag at byte {} cannot be read, and so not be changed. Save its tags with another program, "
                   "such as Picard, first.",
                   name_of(tag), tag.offset);
    }
    const auto is_edited = [&](const Id3v2Frame& each) { return field_of(tag, each) == edit.field; };
    if (!insert && std::ranges::none_of(tag.frames, is_edited)) return;
    std::string body = tag.body.substr(0, tag.frames_begin) + edited_frames(tag, edit, insert);
    const auto raw_of = [&](const std::string& bytes) { return tag.unsynchronised ? unsynchronised(bytes) : bytes; };
    if (!tag.padded) body += tag.body.substr(tag.frames_end);
    std::size_t padding = 0;
    if (tag.padded && !tag.footer) {
        const std::size_t used = raw_of(body).size();
        padding = used <= tag.raw.size() ? tag.raw.size() - used : new_padding;
    }
    body.append(padding, '\0');
    update_extended_header(tag, body, padding);
    const std::string raw = raw_of(body);
    if (raw.size() > largest_tag) base::fail(ErrorCode::unsupported, "its ID3v2 tag would grow too large.");
    const std::uint64_t begin = tag.offset + header_size;
    splices.add_difference(begin, tag.raw, raw);
    const std::string size = to_synchsafe(raw.size());
    splices.add_difference(tag.offset + 6, source.bytes(tag.offset + 6, 4), size);
    const std::uint64_t foot = begin + tag.raw.size();
    if (tag.footer && foot + header_size <= tag.end) {
        splices.add_difference(foot + 6, source.bytes(foot + 6, 4), size);
    }
}

std::string new_id3v2(const FieldEdit& edit, const std::vector<CarriedField>& fields) {
    static constexpr std::array<const char*, 7> ids = {"TIT2", "TPE1", "TALB", "TDRC", "TRCK", "COMM", "TCON"};
    std::string body;
    for (const CarriedField& field : fields) {
        const std::string id = ids[static_cast<std::size_t>(field.name)];
        // The bytes stay what they are: Latin-1 and what else is no UTF-8 is marked as Latin-1.
        std::string content(1, !is_ascii(field.value) && is_utf8(field.value) ? '\3' : '\0');
        if (id == "COMM") content += std::string("eng\0", 4);
        body += frame(4, false, id, content + field.value);
    }
    body += field_frame(4, false, edit);
    body.append(new_padding, '\0');
    return std::string("ID3\4\0\0", 6) + to_synchsafe(body.size()) + body;
}

}  // namespace earmark::metadata
