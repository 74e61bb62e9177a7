#include "metadata/collector.hpp"

#include <algorithm>
#include <utility>

#include "base/throw.hpp"

namespace earmark::metadata {

Item& Collector::make(const std::string& where, const std::string& key, System system, std::uint64_t offset) {
    if (metadata_.items.size() >= most_items) {
        base::fail(ErrorCode::corrupt, "holds more than {} pieces of metadata: it is damaged. Copy it again.",
                   most_items);
    }
    Item& item = metadata_.items.emplace_back();
    item.where = where;
    item.key = key;
    item.system = system;
    item.offset = offset;
    return item;
}

Item& Collector::add(const std::string& where, const std::string& key, System system, std::string_view value,
                     std::uint64_t offset) {
    Item& item = make(where, key, system, offset);
    item.value = value.substr(0, longest_value);
    item.size = value.size();
    files::ContentHash hash;
    hash.add(value);
    item.digest = hash.digest();
    return item;
}

Item& Collector::add_range(const std::string& where, const std::string& key, System system, std::uint64_t value_offset,
                           std::uint64_t size, std::uint64_t offset) {
    Item& item = make(where, key, system, offset);
    const std::uint64_t end = source_.size();
    item.size = value_offset >= end ? 0 : std::min(size, end - value_offset);
    files::ContentHash hash;
    constexpr std::uint64_t block = std::uint64_t{1} << 16;
    for (std::uint64_t done = 0; done < item.size;) {
        const std::string bytes = source_.bytes(value_offset + done, std::min(block, item.size - done));
        if (bytes.empty()) break;
        hash.add(bytes);
        if (item.value.size() < longest_value) item.value += bytes.substr(0, longest_value - item.value.size());
        done += bytes.size();
    }
    item.digest = hash.digest();
    return item;
}

void Collector::add_oddity(std::string sentence) {
    constexpr std::size_t most = 100;
    if (metadata_.oddities.size() < most) metadata_.oddities.push_back(std::move(sentence));
}

}  // namespace earmark::metadata
