#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "metadata/edit/edit.hpp"
#include "metadata/numbers.hpp"

namespace earmark::testing {

/// A file in memory as it is after its genre, or another field, was written.
inline std::string edited(const std::string& bytes, const std::vector<std::string>& values,
                          metadata::Field field = metadata::Field::genre) {
    const metadata::MemorySource source(bytes);
    const std::vector<metadata::Splice> splices = metadata::plan_edit(source, {field, values});
    const metadata::SplicedSource after(source, splices);
    return after.bytes(0, after.size());
}

/// The texts of all items of a key, in the order of the file.
inline std::vector<std::string> texts(const std::string& bytes, const std::string& key) {
    std::vector<std::string> found;
    for (const metadata::Item& item : metadata::read_metadata(metadata::MemorySource(bytes)).items) {
        if (item.key != key) continue;
        const std::vector<std::string> more = metadata::texts_of(item);
        found.insert(found.end(), more.begin(), more.end());
    }
    return found;
}

/// Two frames of MPEG audio (MPEG 1, layer 3, 128 kbit/s, 44.1 kHz) without sound.
inline std::string mpeg_frames() {
    const std::string frame = std::string("\xFF\xFB\x90\x64", 4) + std::string(413, '\0');
    return frame + frame + frame;
}

inline std::string frame23(const std::string& id, const std::string& content) {
    return id + metadata::to_big_endian(content.size(), 4) + std::string(2, '\0') + content;
}

inline std::string id3v2(unsigned version, const std::string& body, unsigned flags = 0) {
    return "ID3" + std::string(1, static_cast<char>(version)) + '\0' + static_cast<char>(flags) +
           metadata::to_synchsafe(body.size()) + body;
}

inline std::string id3v1(char genre) {
    const auto field = [](std::string text, std::size_t size) {
        text.resize(size, '\0');
        return text;
    };
    return "TAG" + field("Some Title", 30) + field("Some Artist", 30) + field("Some Album", 30) + "1999" +
           field("a comment", 29) + '\7' + genre;
}

}  // namespace earmark::testing
