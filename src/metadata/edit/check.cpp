#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/throw.hpp"
#include "metadata/edit/edit.hpp"

namespace earmark::metadata {

namespace {

using Sequence = std::vector<const Item*>;

/// What is not of the field, by where it stands.
std::map<std::string, Sequence> others_of(const Metadata& metadata, Field edited) {
    std::map<std::string, Sequence> others;
    for (const Item& item : metadata.items) {
        if (item.field != edited) others[item.where].push_back(&item);
    }
    return others;
}

std::string name_of(const Item& item) {
    return item.key.empty() ? item.where : fmt::format("{} of {}", item.key, item.where);
}

[[noreturn]] void refuse(Field edited, const char* what, const Item& item) {
    base::fail(ErrorCode::internal,
               "writing its {} would {} {}. Save its tags with another program, such as Picard, and scan it again.",
               name_of(edited), what, name_of(item));
}

void check_others(const Metadata& before, const Metadata& after, Field edited) {
    const std::map<std::string, Sequence> had = others_of(before, edited);
    const std::map<std::string, Sequence> has = others_of(after, edited);
    for (const auto& [where, items] : had) {
        const auto found = has.find(where);
        const Sequence& kept = found == has.end() ? Sequence() : found->second;
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (i >= kept.size()) refuse(edited, "lose", *items[i]);
            if (!items[i]->same_as(*kept[i])) refuse(edited, "change", *items[i]);
        }
        if (kept.size() > items.size()) refuse(edited, "add", *kept[items.size()]);
    }
}

/// Kinds of tags that hold one genre, by a number some of them.
bool holds_one(const Item& item) {
    return item.system == System::id3v1 || item.system == System::riff_info || item.where == "moov.udta";
}

void check_values(const Metadata& after, const FieldEdit& edit) {
    std::map<std::string, std::vector<std::string>> found;
    for (const Item& item : after.items) {
        if (item.field != edit.field || holds_one(item)) continue;
        for (std::string& text : texts_of(item)) found[item.where].push_back(std::move(text));
    }
    const bool any = std::ranges::any_of(found, [](const auto& each) { return !each.second.empty(); });
    const bool wrong = std::ranges::any_of(found, [&](const auto& each) { return each.second != edit.values; });
    if (any == edit.values.empty() || (any && wrong)) {
        base::fail(ErrorCode::internal, "writing would not give it the {}.", name_of(edit.field));
    }
}

}  // namespace

void check_edit(const Metadata& before, const Metadata& after, const FieldEdit& edit) {
    if (before.container != after.container) {
        base::fail(ErrorCode::internal, "writing its {} would damage it.", name_of(edit.field));
    }
    check_others(before, after, edit.field);
    check_values(after, edit);
}

}  // namespace earmark::metadata
