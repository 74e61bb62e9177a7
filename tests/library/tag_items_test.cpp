#include "library/tagging/tag_items.hpp"

#include <gtest/gtest.h>

#include "support/error_of.hpp"

namespace earmark::library {
namespace {

using metadata::Item;

Item item(const std::string& where, const std::string& key, const std::string& value) {
    Item made;
    made.where = where;
    made.key = key;
    made.system = metadata::System::id3v2;
    made.value = value;
    made.size = value.size();
    files::ContentHash hash;
    hash.add(value);
    made.digest = hash.digest();
    return made;
}

metadata::Metadata of(std::vector<Item> items) {
    metadata::Metadata metadata;
    metadata.items = std::move(items);
    return metadata;
}

TEST(ItemChanges, CountEachItemAsOftenAsItStands) {
    const Item title = item("tag 1", "TIT2", "A title");
    const Item old = item("tag 1", "TCON", "Old");
    const Item made = item("tag 1", "TCON", "New");
    const ItemChanges changes = item_changes(of({old, title, old, title}), of({title, made, old}));
    ASSERT_EQ(changes.removed.size(), 2U);
    EXPECT_EQ(changes.removed[0].value, "Old");
    EXPECT_EQ(changes.removed[1].value, "A title");
    ASSERT_EQ(changes.added.size(), 1U);
    EXPECT_EQ(changes.added[0].value, "New");
}

TEST(ItemChanges, ComeBackFromAJournal) {
    Item odd = item("tag \xff", "T\x01", std::string("\0\xfe\xff", 3));
    odd.type = 0xffffffff;
    odd.field = metadata::Field::mood;
    const ItemChanges back = unpack_items(pack_items({{odd}, {item("a", "b", "c")}}));
    ASSERT_EQ(back.removed.size(), 1U);
    EXPECT_TRUE(back.removed[0].same_as(odd));
    EXPECT_EQ(back.removed[0].value, odd.value);
    EXPECT_EQ(back.removed[0].field, metadata::Field::mood);
    EXPECT_EQ(back.removed[0].system, odd.system);
    ASSERT_EQ(back.added.size(), 1U);
    EXPECT_TRUE(unpack_items(pack_items({})).removed.empty());
}

TEST(ItemChanges, AreRefusedWhenDamaged) {
    std::vector<std::uint8_t> bytes = pack_items({{item("a", "b", "c")}, {}});
    bytes.resize(bytes.size() / 2);
    EXPECT_TRUE(testing::contains(testing::error_of([&] { unpack_items(bytes); }), "corrupt: "));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { unpack_items({}); }), "corrupt: "));
}

}  // namespace
}  // namespace earmark::library
