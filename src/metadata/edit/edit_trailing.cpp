#include "metadata/edit/edit_trailing.hpp"

#include <algorithm>
#include <array>

#include "metadata/id3v1_genres.hpp"
#include "metadata/numbers.hpp"
#include "metadata/text.hpp"

namespace earmark::metadata {

namespace {

constexpr std::uint64_t end_size = 32;

std::string item(const std::string& key, std::uint32_t flags, const std::string& value) {
    return to_little_endian(value.size(), 4) + to_little_endian(flags, 4) + key + '\0' + value;
}

std::string key_of(Field field) {
    return field == Field::mood ? "Mood" : "Genre";
}

}  // namespace

bool describes_track(const ApeTag& tag) {
    static constexpr std::array<std::string_view, 4> keys = {"title", "artist", "album", "genre"};
    return std::ranges::any_of(tag.items, [](const ApeItem& each) {
        return std::ranges::any_of(keys, [&](std::string_view key) { return equals_ignoring_case(each.key, key); });
    });
}

void edit_ape(Splices& splices, const ByteSource& source, const ApeTag& tag, const FieldEdit& edit, bool insert) {
    const auto is_edited = [&](const ApeItem& each) { return field_of(each) == edit.field; };
    const auto old = std::ranges::find_if(tag.items, is_edited);
    if (old == tag.items.end() && (!insert || edit.values.empty())) return;
    std::string added;
    if (!edit.values.empty()) {
        const bool found = old != tag.items.end();
        // Its type becomes text; whether it may be changed is left as it is.
        added = item(found ? old->key : key_of(edit.field), found ? old->flags & ~std::uint32_t{6} : 0,
                     join_with_nul(edit.values));
    }
    std::int64_t count = added.empty() ? 0 : 1;
    bool done = false;
    Splices within;
    for (const ApeItem& each : tag.items) {
        if (!is_edited(each)) continue;
        within.add_difference(each.begin, source.bytes(each.begin, each.end - each.begin), done ? "" : added);
        done = true;
        --count;
    }
    // In front of what cannot be read, so that all find it.
    if (!done) within.add(tag.items_end, tag.items_end, added);
    splices.add(within);
    for (const auto& end : {tag.header, tag.footer}) {
        if (!end) continue;
        const std::string before = source.bytes(*end + 12, 8);
        const auto size =
            static_cast<std::uint64_t>(static_cast<std::int64_t>(little_endian(before, 0, 4)) + within.growth());
        const auto items = static_cast<std::uint64_t>(static_cast<std::int64_t>(little_endian(before, 4, 4)) + count);
        splices.add_difference(*end + 12, before, to_little_endian(size, 4) + to_little_endian(items, 4));
    }
}

std::string new_ape(const FieldEdit& edit, const std::vector<CarriedField>& fields) {
    static constexpr std::array<const char*, 7> keys = {"Title", "Artist",  "Album", "Year",
                                                        "Track", "Comment", "Genre"};
    std::string items;
    for (const CarriedField& field : fields) {
        items += item(keys[static_cast<std::size_t>(field.name)], 0, guess_to_utf8(field.value));
    }
    items += item(key_of(edit.field), 0, join_with_nul(edit.values));
    const auto end = [&](std::uint32_t flags) {
        return "APETAGEX" + to_little_endian(2000, 4) + to_little_endian(items.size() + end_size, 4) +
               to_little_endian(fields.size() + 1, 4) + to_little_endian(flags, 4) + std::string(8, '\0');
    };
    return end(0xA0000000U) + items + end(0x80000000U);
}

void edit_id3v1(Splices& splices, const ByteSource& source, const TrailingTags& tags,
                const std::vector<std::string>& genres) {
    const std::string genre = genres.empty() ? std::string() : genres.front();
    if (tags.id3v1) {
        const std::uint64_t at = *tags.id3v1 + id3v1_genre_offset;
        splices.add_difference(at, source.bytes(at, 1), std::string(1, static_cast<char>(number_of_genre(genre))));
    }
    if (tags.enhanced) {
        const std::uint64_t at = *tags.enhanced + enhanced_genre_offset;
        std::string text = genre.substr(0, enhanced_genre_size);
        text.resize(enhanced_genre_size, '\0');
        splices.add_difference(at, source.bytes(at, enhanced_genre_size), text);
    }
}

}  // namespace earmark::metadata
