#include "library/tags/tag_formats.hpp"

#include <apetag.h>
#include <asftag.h>
#include <flacpicture.h>
#include <fmt/format.h>
#include <id3v1genres.h>
#include <id3v1tag.h>
#include <id3v2frame.h>
#include <id3v2tag.h>
#include <infotag.h>
#include <mp4tag.h>
#include <textidentificationframe.h>
#include <xiphcomment.h>

#include <algorithm>
#include <initializer_list>
#include <memory>

namespace earmark::library {

namespace {

constexpr const char* xiph_genre = "GENRE";  // of Vorbis comments and APE items alike
constexpr const char* mp4_genre = "\251gen";
constexpr const char* asf_genre = "WM/Genre";

TagLib::String text(const std::string& utf8) {
    return {utf8, TagLib::String::UTF8};
}

TagLib::StringList list_of(std::span<const std::string> values) {
    TagLib::StringList list;
    for (const std::string& value : values) list.append(text(value));
    return list;
}

std::vector<std::string> words_of(const TagLib::StringList& list) {
    std::vector<std::string> words;
    for (const TagLib::String& value : list) {
        if (!value.isEmpty()) words.push_back(value.to8Bit(true));
    }
    return words;
}

std::string bytes_of(const TagLib::ByteVector& bytes) {
    return {bytes.data(), bytes.size()};
}

std::string line(const char* kind, const TagLib::String& name, const std::string& value) {
    return fmt::format("{} {}={}", kind, name.to8Bit(true), value);
}

/// The value of an MP4 item. TagLib's items do not tell of what type they are, and hold chance in all other types;
/// atoms with numbers are known by their names, as TagLib reads them.
std::string value_of(const TagLib::String& name, const TagLib::MP4::Item& item) {
    std::string value = item.toStringList().toString("\n").to8Bit(true);
    for (const TagLib::ByteVector& each : item.toByteVectorList()) value.append(1, '\n').append(bytes_of(each));
    for (const TagLib::MP4::CoverArt& art : item.toCoverArtList()) value.append(1, '\n').append(bytes_of(art.data()));
    if (!value.empty()) return value;
    const auto is = [&](std::initializer_list<const char*> names) {
        return std::ranges::any_of(names, [&](const char* each) { return name == each; });
    };
    if (is({"trkn", "disk"})) return fmt::format("{}/{}", item.toIntPair().first, item.toIntPair().second);
    if (is({"cpil", "pgap", "pcst", "shwm", "hdvd"})) return item.toBool() ? "true" : "false";
    if (is({"stik", "rtng", "akID"})) return std::to_string(item.toByte());
    if (is({"plID"})) return std::to_string(item.toLongLong());
    if (is({"tvsn", "tves", "cnID", "sfID", "atID", "geID", "cmID"})) return std::to_string(item.toUInt());
    if (is({"tmpo", "\251mvi", "\251mvc"})) return std::to_string(item.toInt());
    return "";
}

// Vorbis comments

std::vector<std::string> read_genres(const TagLib::Ogg::XiphComment& tag) {
    const auto& fields = tag.fieldListMap();
    return fields.contains(xiph_genre) ? words_of(fields[xiph_genre]) : std::vector<std::string>();
}

void write_genres(TagLib::Ogg::XiphComment& tag, const TagLib::StringList& genres) {
    tag.removeFields(xiph_genre);
    for (const TagLib::String& genre : genres) tag.addField(xiph_genre, genre, false);
}

void collect(TagLib::Ogg::XiphComment& tag, std::vector<std::string>& others) {
    for (const auto& [name, values] : tag.fieldListMap()) {
        if (name != xiph_genre) others.push_back(line("Xiph", name, values.toString("\n").to8Bit(true)));
    }
    for (TagLib::FLAC::Picture* picture : tag.pictureList()) others.push_back(line_of_picture("Xiph", *picture));
}

// MP4

std::vector<std::string> read_genres(const TagLib::MP4::Tag& tag) {
    return tag.contains(mp4_genre) ? words_of(tag.item(mp4_genre).toStringList()) : std::vector<std::string>();
}

void write_genres(TagLib::MP4::Tag& tag, const TagLib::StringList& genres) {
    if (genres.isEmpty()) {
        tag.removeItem(mp4_genre);
    } else {
        tag.setItem(mp4_genre, genres);
    }
}

void collect(const TagLib::MP4::Tag& tag, std::vector<std::string>& others) {
    for (const auto& [name, item] : tag.itemMap()) {
        if (name != mp4_genre) others.push_back(line("MP4", name, value_of(name, item)));
    }
}

// ASF

std::vector<std::string> read_genres(const TagLib::ASF::Tag& tag) {
    TagLib::StringList genres;
    if (tag.contains(asf_genre)) {
        for (const TagLib::ASF::Attribute& value : tag.attribute(asf_genre)) genres.append(value.toString());
    }
    return words_of(genres);
}

void write_genres(TagLib::ASF::Tag& tag, const TagLib::StringList& genres) {
    tag.removeItem(asf_genre);
    for (const TagLib::String& genre : genres) tag.addAttribute(asf_genre, genre);
}

void collect(TagLib::ASF::Tag& tag, std::vector<std::string>& others) {
    for (const auto& [name, values] : tag.attributeListMap()) {
        if (name == asf_genre) continue;
        std::string value;
        for (const TagLib::ASF::Attribute& each : values) {
            value.append(each.toString().to8Bit(true))
                .append(1, '\n')
                .append(bytes_of(each.toByteVector()))
                .append(1, '\n');
        }
        others.push_back(line("ASF", name, value));
    }
    others.push_back(line("ASF", "title", tag.title().to8Bit(true)));
    others.push_back(line("ASF", "artist", tag.artist().to8Bit(true)));
    others.push_back(line("ASF", "comment", tag.comment().to8Bit(true)));
    others.push_back(line("ASF", "copyright", tag.copyright().to8Bit(true)));
}

// ID3v2

/// ID3v2 names genres by number, too, alone or in brackets.
std::vector<std::string> read_genres(const TagLib::ID3v2::Tag& tag) {
    TagLib::StringList genres;
    for (const TagLib::ID3v2::Frame* frame : tag.frameList("TCON")) {
        const auto* const named = dynamic_cast<const TagLib::ID3v2::TextIdentificationFrame*>(frame);
        if (named == nullptr) continue;
        for (const TagLib::String& each : named->fieldList()) {
            bool number = false;
            const int index = each.toInt(&number);
            genres.append(number && index >= 0 && index <= 255 ? TagLib::ID3v1::genre(index) : each);
        }
    }
    return words_of(genres);
}

void write_genres(TagLib::ID3v2::Tag& tag, const TagLib::StringList& genres) {
    tag.removeFrames("TCON");
    if (genres.isEmpty()) return;
    auto frame = std::make_unique<TagLib::ID3v2::TextIdentificationFrame>("TCON", TagLib::String::UTF8);
    frame->setText(genres);
    tag.addFrame(frame.release());
}

void add_other(std::vector<std::string>& others, const TagLib::ID3v2::Frame& frame) {
    const TagLib::String name(frame.frameID());
    const auto* const words = dynamic_cast<const TagLib::ID3v2::TextIdentificationFrame*>(&frame);
    if (words == nullptr || frame.frameID().startsWith("TXXX")) {
        others.push_back(line("ID3v2", name, bytes_of(frame.render())));
    } else if (const std::string value = words->fieldList().toString("\n").to8Bit(true); !value.empty()) {
        // As text, since TagLib writes dates of ID3v2.3 in another encoding.
        others.push_back(line("ID3v2", name, value));
    }
}

/// Whether a frame holds a part of a date of ID3v2.3 that TDRC holds, too: TagLib brings the parts together there, and
/// then lists them or does not, as they were encoded.
bool is_part_of_date(const TagLib::ID3v2::Tag& tag, const TagLib::ByteVector& name) {
    const TagLib::ID3v2::FrameList dates = tag.frameList("TDRC");
    const std::size_t length = dates.isEmpty() ? 0 : dates.front()->toString().size();
    constexpr std::size_t year = 4;  // 2001
    constexpr std::size_t day = 10;  // 2001-02-03
    return (name == "TDAT" && length > year) || (name == "TIME" && length > day);
}

void collect(const TagLib::ID3v2::Tag& tag, std::vector<std::string>& others) {
    for (const TagLib::ID3v2::Frame* frame : tag.frameList()) {
        const TagLib::ByteVector name = frame->frameID();
        if (name != "TCON" && !is_part_of_date(tag, name)) add_other(others, *frame);
    }
}

// APE

std::vector<std::string> read_genres(const TagLib::APE::Tag& tag) {
    const auto& items = tag.itemListMap();
    return items.contains(xiph_genre) ? words_of(items[xiph_genre].values()) : std::vector<std::string>();
}

void write_genres(TagLib::APE::Tag& tag, const TagLib::StringList& genres) {
    tag.removeItem(xiph_genre);
    if (!genres.isEmpty()) tag.setItem(xiph_genre, TagLib::APE::Item(xiph_genre, genres));
}

void collect(const TagLib::APE::Tag& tag, std::vector<std::string>& others) {
    for (const auto& [name, item] : tag.itemListMap()) {
        if (name.upper() != xiph_genre) others.push_back(line("APE", name, bytes_of(item.render())));
    }
}

// RIFF and ID3v1, which hold one genre

template <typename Tag>
std::vector<std::string> read_genres(const Tag& tag) {
    return words_of(tag.genre());
}

template <typename Tag>
void write_genres(Tag& tag, const TagLib::StringList& genres) {
    tag.setGenre(genres.isEmpty() ? TagLib::String() : genres.front());
}

void collect(const TagLib::RIFF::Info::Tag& tag, std::vector<std::string>& others) {
    for (const auto& [name, value] : tag.fieldListMap()) {
        if (name != "IGNR") others.push_back(line("RIFF", TagLib::String(name), value.to8Bit(true)));
    }
}

void collect(const TagLib::ID3v1::Tag& tag, std::vector<std::string>& others) {
    others.push_back(line("ID3v1", tag.title(), tag.artist().to8Bit(true)));
    others.push_back(line("ID3v1", tag.album(), tag.comment().to8Bit(true)));
    others.push_back(fmt::format("ID3v1 {} {}", tag.year(), tag.track()));
}

}  // namespace

std::vector<std::string> genres_of(const AnyTag& tag) {
    return std::visit([](auto* each) { return read_genres(*each); }, tag);
}

void set_genres(const AnyTag& tag, std::span<const std::string> genres) {
    const TagLib::StringList list = list_of(genres);
    std::visit([&](auto* each) { write_genres(*each, list); }, tag);
}

void add_others(const AnyTag& tag, std::vector<std::string>& others) {
    std::visit([&](auto* each) { collect(*each, others); }, tag);
}

std::string line_of_picture(const char* kind, const TagLib::FLAC::Picture& picture) {
    return line(kind, "picture", bytes_of(picture.render()));
}

}  // namespace earmark::library
