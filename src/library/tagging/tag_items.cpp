#include "library/tagging/tag_items.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/throw.hpp"
#include "formats/json.hpp"

namespace earmark::library {

using metadata::Item;
using nlohmann::json;

namespace {

/// The items of `all` that have no partner in `others`.
std::vector<Item> without(const std::vector<Item>& all, const std::vector<Item>& others) {
    std::vector<const Item*> partners;
    for (const Item& other : others) partners.push_back(&other);
    std::vector<Item> alone;
    for (const Item& item : all) {
        const auto partner = std::ranges::find_if(partners, [&](const Item* other) { return other->same_as(item); });
        if (partner == partners.end()) {
            alone.push_back(item);
        } else {
            partners.erase(partner);
        }
    }
    return alone;
}

/// A text of any bytes, which JSON's strings may not be.
json binary(const std::string& bytes) {
    return json::binary({bytes.begin(), bytes.end()});
}

std::string text_of(const json& value) {
    const auto& bytes = value.get_binary();
    return {bytes.begin(), bytes.end()};
}

json packed(const std::vector<Item>& items) {
    json list = json::array();
    for (const Item& item : items) {
        list.push_back({binary(item.where), binary(item.key), static_cast<int>(item.system), item.type, item.size,
                        static_cast<int>(item.field), json::binary({item.digest.begin(), item.digest.end()}),
                        binary(item.value)});
    }
    return list;
}

std::vector<Item> unpacked(const json& list) {
    std::vector<Item> items;
    for (const json& each : list) {
        Item& item = items.emplace_back();
        item.where = text_of(each.at(0));
        item.key = text_of(each.at(1));
        item.system = static_cast<metadata::System>(
            std::clamp(each.at(2).get<int>(), 0, static_cast<int>(metadata::System::opaque)));
        item.type = each.at(3).get<std::uint32_t>();
        item.size = each.at(4).get<std::uint64_t>();
        // Before there were moods, this was whether it is a genre.
        const json& field = each.at(5);
        item.field = static_cast<metadata::Field>(field.is_boolean() ? static_cast<int>(field.get<bool>())
                                                                     : std::clamp(field.get<int>(), 0, 2));
        const auto& digest = each.at(6).get_binary();
        std::copy_n(digest.begin(), std::min(digest.size(), item.digest.size()), item.digest.begin());
        item.value = text_of(each.at(7));
    }
    return items;
}

}  // namespace

ItemChanges item_changes(const metadata::Metadata& before, const metadata::Metadata& after) {
    return {without(before.items, after.items), without(after.items, before.items)};
}

std::vector<std::uint8_t> pack_items(const ItemChanges& changes) {
    return json::to_cbor(json::array({packed(changes.removed), packed(changes.added)}));
}

ItemChanges unpack_items(std::span<const std::uint8_t> bytes) {
    try {
        const json both = formats::parse_cbor(bytes, "the journal");
        return {unpacked(both.at(0)), unpacked(both.at(1))};
    } catch (const json::exception&) {
        base::fail(ErrorCode::corrupt, "the journal holds damaged metadata. The file is as it was.");
    }
}

std::string name_of(const Item& item) {
    return item.key.empty() ? item.where : fmt::format("{} in {}", item.key, item.where);
}

}  // namespace earmark::library
