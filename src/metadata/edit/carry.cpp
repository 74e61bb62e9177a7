#include "metadata/edit/carry.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "metadata/numbers.hpp"
#include "metadata/text.hpp"

namespace earmark::metadata {

namespace {

using Name = CarriedField::Name;

struct Rule {
    System system;
    std::string_view key;
    Name name;
};

constexpr std::array<Rule, 26> rules{{
    {System::ape, "Title", Name::title},        {System::ape, "Artist", Name::artist},
    {System::ape, "Album", Name::album},        {System::ape, "Year", Name::year},
    {System::ape, "Track", Name::track},        {System::ape, "Comment", Name::comment},
    {System::id3v1, "title", Name::title},      {System::id3v1, "artist", Name::artist},
    {System::id3v1, "album", Name::album},      {System::id3v1, "year", Name::year},
    {System::id3v1, "track", Name::track},      {System::id3v1, "comment", Name::comment},
    {System::riff_info, "INAM", Name::title},   {System::riff_info, "IART", Name::artist},
    {System::riff_info, "IPRD", Name::album},   {System::riff_info, "ICRD", Name::year},
    {System::riff_info, "ITRK", Name::track},   {System::riff_info, "IPRT", Name::track},
    {System::riff_info, "ICMT", Name::comment}, {System::aiff, "NAME", Name::title},
    {System::aiff, "AUTH", Name::artist},       {System::aiff, "ANNO", Name::comment},
    {System::aiff, "(c) ", Name::comment},      {System::ape, "Genre", Name::genre},
    {System::id3v1, "genre", Name::genre},      {System::riff_info, "IGNR", Name::genre},
}};

std::string value_of(const Item& item) {
    if (item.system == System::ape) return item.value;
    if (item.system == System::id3v1 && item.key == "genre") {
        const std::vector<std::string> names = texts_of(item);
        return names.empty() ? std::string() : names.front();
    }
    if (item.system == System::id3v1 && item.key == "track") return std::to_string(big_endian(item.value, 0, 1));
    return std::string(trim_padding(item.value));
}

}  // namespace

std::vector<CarriedField> carried_fields(const Metadata& metadata, Field edited) {
    std::vector<CarriedField> fields;
    for (const Rule& rule : rules) {
        if (rule.name == Name::genre && edited == Field::genre) continue;
        if (std::ranges::find(fields, rule.name, &CarriedField::name) != fields.end()) continue;
        for (const Item& item : metadata.items) {
            // The enhanced tag goes on where the fields of the simple one end.
            if (item.system != rule.system || !equals_ignoring_case(item.key, rule.key) ||
                item.where == "enhanced ID3v1 tag" || item.size > longest_value) {
                continue;
            }
            std::string value = value_of(item);
            if (value.empty()) continue;
            fields.push_back({rule.name, std::move(value)});
            break;
        }
    }
    return fields;
}

}  // namespace earmark::metadata
