#include "library/tags/track_tags.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "library/tags/genre_tags.hpp"
#include "metadata/text.hpp"

namespace earmark::library {

using metadata::Container;
using metadata::Item;
using metadata::Metadata;
using metadata::System;

namespace {

enum class Field { genre, mood, artist, album_artist, title, album, year, track };

struct Key {
    Field field;
    System system;
    std::string_view name;
};

/// The keys of each field, in the order in which they are asked.
constexpr std::array keys = std::to_array<Key>({
    {Field::genre, System::id3v2, "TCON"},
    {Field::genre, System::id3v2, "TCO"},
    {Field::genre, System::ape, "GENRE"},
    {Field::genre, System::vorbis, "GENRE"},
    {Field::genre, System::mp4, "\xc2\xa9gen"},
    {Field::genre, System::mp4, "gnre"},
    {Field::genre, System::mp4, "com.apple.quicktime.genre"},
    {Field::genre, System::mp4, "genre"},
    {Field::genre, System::riff_info, "IGNR"},
    {Field::genre, System::asf, "WM/Genre"},
    {Field::genre, System::asf, "WM/GenreID"},
    {Field::genre, System::id3v1, "genre"},
    {Field::mood, System::id3v2, "TMOO"},
    {Field::mood, System::id3v2, "TXXX:MOOD"},
    {Field::mood, System::id3v2, "TXX:MOOD"},
    {Field::mood, System::ape, "MOOD"},
    {Field::mood, System::vorbis, "MOOD"},
    {Field::mood, System::mp4, "----:com.apple.iTunes:MOOD"},
    {Field::mood, System::mp4, "mood"},
    {Field::mood, System::asf, "WM/Mood"},
    {Field::artist, System::id3v2, "TPE1"},
    {Field::artist, System::id3v2, "TP1"},
    {Field::artist, System::ape, "ARTIST"},
    {Field::artist, System::vorbis, "ARTIST"},
    {Field::artist, System::mp4,
     "\xc2\xa9"
     "ART"},
    {Field::artist, System::mp4, "com.apple.quicktime.artist"},
    {Field::artist, System::mp4, "artist"},
    {Field::artist, System::riff_info, "IART"},
    {Field::artist, System::aiff, "AUTH"},
    {Field::artist, System::asf, "Author"},
    {Field::artist, System::id3v1, "artist"},
    {Field::album_artist, System::id3v2, "TPE2"},
    {Field::album_artist, System::id3v2, "TP2"},
    {Field::album_artist, System::ape, "ALBUM ARTIST"},
    {Field::album_artist, System::ape, "ALBUMARTIST"},
    {Field::album_artist, System::vorbis, "ALBUMARTIST"},
    {Field::album_artist, System::vorbis, "ALBUM ARTIST"},
    {Field::album_artist, System::vorbis, "ALBUM_ARTIST"},
    {Field::album_artist, System::mp4, "aART"},
    {Field::album_artist, System::mp4, "album_artist"},
    {Field::album_artist, System::asf, "WM/AlbumArtist"},
    {Field::title, System::id3v2, "TIT2"},
    {Field::title, System::id3v2, "TT2"},
    {Field::title, System::ape, "TITLE"},
    {Field::title, System::vorbis, "TITLE"},
    {Field::title, System::mp4, "\xc2\xa9nam"},
    {Field::title, System::mp4, "com.apple.quicktime.title"},
    {Field::title, System::mp4, "com.apple.quicktime.displayname"},
    {Field::title, System::mp4, "title"},
    {Field::title, System::riff_info, "INAM"},
    {Field::title, System::aiff, "NAME"},
    {Field::title, System::asf, "Title"},
    {Field::title, System::id3v1, "title"},
    {Field::album, System::id3v2, "TALB"},
    {Field::album, System::id3v2, "TAL"},
    {Field::album, System::ape, "ALBUM"},
    {Field::album, System::vorbis, "ALBUM"},
    {Field::album, System::mp4,
     "\xc2\xa9"
     "alb"},
    {Field::album, System::mp4, "com.apple.quicktime.album"},
    {Field::album, System::mp4, "album"},
    {Field::album, System::riff_info, "IPRD"},
    {Field::album, System::asf, "WM/AlbumTitle"},
    {Field::album, System::id3v1, "album"},
    {Field::year, System::id3v2, "TDRC"},
    {Field::year, System::id3v2, "TYER"},
    {Field::year, System::id3v2, "TYE"},
    {Field::year, System::ape, "YEAR"},
    {Field::year, System::ape, "DATE"},
    {Field::year, System::vorbis, "DATE"},
    {Field::year, System::vorbis, "YEAR"},
    {Field::year, System::mp4,
     "\xc2\xa9"
     "day"},
    {Field::year, System::mp4, "com.apple.quicktime.year"},
    {Field::year, System::mp4, "com.apple.quicktime.creationdate"},
    {Field::year, System::mp4, "date"},
    {Field::year, System::riff_info, "ICRD"},
    {Field::year, System::asf, "WM/Year"},
    {Field::year, System::id3v1, "year"},
    {Field::track, System::id3v2, "TRCK"},
    {Field::track, System::id3v2, "TRK"},
    {Field::track, System::ape, "TRACK"},
    {Field::track, System::ape, "TRACKNUMBER"},
    {Field::track, System::vorbis, "TRACKNUMBER"},
    {Field::track, System::vorbis, "TRACK"},
    {Field::track, System::mp4, "trkn"},
    {Field::track, System::mp4, "track"},
    {Field::track, System::riff_info, "IPRT"},
    {Field::track, System::riff_info, "ITRK"},
    {Field::track, System::asf, "WM/TrackNumber"},
    {Field::track, System::id3v1, "track"},
});

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool same_key(System system, std::string_view a, std::string_view b) {
    // Other keys are what they are to the byte, but for names that taggers give.
    const bool given = b.starts_with("TXX") || b.starts_with("----");
    if (!given && system != System::vorbis && system != System::ape && system != System::asf) return a == b;
    return std::ranges::equal(a, b, {}, upper, upper);
}

/// In what turn players ask a system; the first is 0.
int turn_of(System system, Container container) {
    const bool ape_at_home = container == Container::wavpack || container == Container::monkeys_audio ||
                             container == Container::musepack || container == Container::optim_frog ||
                             container == Container::tak;
    switch (system) {
        case System::vorbis:
        case System::mp4:
        case System::asf:
            return 0;
        case System::id3v2:
            return ape_at_home ? 2 : 1;
        case System::ape:
            return ape_at_home ? 1 : 2;
        case System::riff_info:
        case System::aiff:
            return 3;
        case System::id3v1:
            return 4;
        case System::flac:
        case System::opaque:
            break;
    }
    return 5;
}

bool is_ogg(Container container) {
    return container == Container::ogg_vorbis || container == Container::ogg_opus ||
           container == Container::ogg_speex || container == Container::ogg_flac || container == Container::ogg_other;
}

/// Looks fields up in the items of a file.
class Fields {
  public:
    explicit Fields(const Metadata& metadata) {
        for (const Item& item : metadata.items) {
            // What follows in a chained Ogg file is another track.
            const bool later_link = is_ogg(metadata.container) && item.system == System::vorbis && !items_.empty() &&
                                    item.where != items_.front()->where;
            if (!later_link && item.system != System::opaque && item.system != System::flac) items_.push_back(&item);
        }
        std::ranges::stable_sort(items_, {},
                                 [&](const Item* item) { return turn_of(item->system, metadata.container); });
    }

    /// The values of the first tag that has some.
    std::vector<std::string> values(Field field) const {
        for (std::size_t begin = 0; begin < items_.size();) {
            std::size_t end = begin;
            while (end < items_.size() && items_[end]->where == items_[begin]->where) ++end;
            if (std::vector<std::string> found = values(field, begin, end); !found.empty()) return found;
            begin = end;
        }
        return {};
    }

    std::string text(Field field) const {
        std::string joined;
        for (const std::string& value : values(field)) joined += (joined.empty() ? "" : "; ") + value;
        return joined;
    }

  private:
    /// Of the items of one tag, those of the first key that has some.
    std::vector<std::string> values(Field field, std::size_t begin, std::size_t end) const {
        std::vector<std::string> found;
        for (const Key& key : keys) {
            if (key.field != field) continue;
            for (std::size_t i = begin; i < end; ++i) {
                const Item& item = *items_[i];
                if (item.system != key.system || !same_key(item.system, item.key, key.name)) continue;
                for (std::string& value : metadata::texts_of(item)) take(field, item, std::move(value), found);
            }
            if (!found.empty()) break;
        }
        return found;
    }

    static void take(Field field, const Item& item, std::string value, std::vector<std::string>& found) {
        const auto add = [&](std::string each) {
            if (!each.empty() && std::ranges::find(found, each) == found.end()) found.push_back(std::move(each));
        };
        std::ranges::replace(value, '\n', ' ');  // lines part values in the index
        const std::size_t first = value.find_first_not_of(" \t\r");
        if (first == std::string::npos) return;
        value = value.substr(first, value.find_last_not_of(" \t\r") - first + 1);
        // The names of these numbers are there already.
        const bool numbered = (item.system == System::id3v1 && item.size == 1) || item.key == "gnre";
        if (field != Field::genre || numbered) return add(std::move(value));
        for (std::string& genre : genres_of_value(value, item.system == System::id3v2)) add(std::move(genre));
    }

    std::vector<const Item*> items_;
};

std::string first_of(std::vector<std::string> values) {
    return values.empty() ? std::string() : std::move(values.front());
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// "2001" of "2001-02-03".
std::string year_of(std::string date) {
    if (date.size() > 4 && std::ranges::all_of(date.substr(0, 4), is_digit) && !is_digit(date[4])) date.resize(4);
    return date;
}

/// "3" of "03/12".
std::string number_of(std::string text) {
    text.resize(std::min(text.find('/'), text.size()));
    const std::size_t first = text.find_first_not_of('0');
    if (first == std::string::npos) return {};
    return text.substr(first);
}

}  // namespace

TrackTags track_tags(const Metadata& metadata) {
    const Fields fields(metadata);
    TrackTags tags;
    tags.genres = fields.values(Field::genre);
    tags.moods = fields.values(Field::mood);
    tags.artist = fields.text(Field::artist);
    tags.album_artist = fields.text(Field::album_artist);
    tags.title = fields.text(Field::title);
    tags.album = fields.text(Field::album);
    tags.year = year_of(first_of(fields.values(Field::year)));
    tags.track = number_of(first_of(fields.values(Field::track)));
    return tags;
}

TrackTags track_tags(const std::map<std::string, std::string>& fields) {
    Metadata metadata;
    for (const auto& [name, value] : fields) {
        Item item;
        item.where = "FFmpeg";
        item.key = name;
        item.system = System::vorbis;
        item.value = value;
        item.size = value.size();
        metadata.items.push_back(std::move(item));
    }
    return track_tags(metadata);
}

std::string lines_of(const std::vector<std::string>& values) {
    std::string lines;
    for (std::string value : values) {
        std::ranges::replace(value, '\n', ' ');
        lines += (lines.empty() ? "" : "\n") + value;
    }
    return lines;
}

std::vector<std::string> values_of(std::string_view lines) {
    return metadata::split(lines, '\n');
}

}  // namespace earmark::library
