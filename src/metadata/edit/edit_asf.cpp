#include "metadata/edit/edit_asf.hpp"

#include <algorithm>

#include "base/throw.hpp"
#include "metadata/formats/asf.hpp"
#include "metadata/numbers.hpp"
#include "metadata/text.hpp"

namespace earmark::metadata {

namespace {

constexpr std::uint64_t object_header = 24;

std::string attribute(Field field, const std::string& text) {
    const auto terminated = [](const std::string& each) { return utf8_to_utf16(each) + std::string(2, '\0'); };
    const std::string name = terminated(field == Field::mood ? "WM/Mood" : "WM/Genre");
    const std::string value = terminated(text);
    if (value.size() > 0xFFFF)
        base::fail(ErrorCode::unsupported, "a {} of more than 32766 letters fits no WMA file.", name_of(field));
    return to_little_endian(name.size(), 2) + name + to_little_endian(0, 2) + to_little_endian(value.size(), 2) + value;
}

class Editor {
  public:
    Editor(const ByteSource& source, const AsfHeader& header, const FieldEdit& edit)
        : source_(source), header_(header), edit_(edit) {}

    Splices edit() {
        std::uint64_t objects = header_.objects.size();
        bool found = false;
        for (const AsfObject& object : header_.objects) {
            if (object.guid != asf::extended) continue;
            change(outer_, object, false, !found);
            found = true;
        }
        for (const AsfObject& object : header_.extension) {
            const bool library = object.guid == asf::metadata || object.guid == asf::metadata_library;
            if (library) change(inner_, object, true, false);
        }
        if (!found && !edit_.values.empty()) {
            std::string content = to_little_endian(edit_.values.size(), 2);
            for (const std::string& value : edit_.values) content += attribute(edit_.field, value);
            outer_.add(header_.end, header_.end,
                       std::string(asf::extended) + to_little_endian(content.size() + object_header, 8) + content);
            ++objects;
            outer_.add_difference(
                header_.begin + object_header, source_.bytes(header_.begin + object_header, 4),
                to_little_endian(little_endian(source_.bytes(header_.begin + object_header, 4), 0, 4) + 1, 4));
        }
        use_padding();
        resize();
        Splices all = outer_;
        all.add(inner_);
        return all;
    }

  private:
    std::int64_t growth() const { return outer_.growth() + inner_.growth(); }

    /// The values in an object of attributes.
    void change(Splices& splices, const AsfObject& object, bool library, bool insert) {
        const std::string before = source_.bytes(object.content, object.end - object.content);
        std::size_t rest = 0;
        const std::vector<AsfAttribute> attributes = parse_attributes(before, library, rest);
        std::string after;
        std::size_t count = 0;
        bool done = !insert;
        const auto put_values = [&] {
            for (const std::string& value : edit_.values) after += attribute(edit_.field, value);
            count += edit_.values.size();
            done = true;
        };
        for (const AsfAttribute& each : attributes) {
            if (field_of(each) != edit_.field) {
                after += before.substr(each.begin, each.end - each.begin);
                ++count;
            } else if (!done) {
                put_values();
            }
        }
        if (!done) put_values();
        // What cannot be read stays, and counts as it did.
        count += static_cast<std::size_t>(little_endian(before, 0, 2)) - attributes.size();
        after = to_little_endian(count, 2) + after + before.substr(std::min(rest, before.size()));
        if (after == before) return;
        if (count > 0xFFFF) base::fail(ErrorCode::unsupported, "it holds more attributes than a WMA file can.");
        const std::int64_t grown = std::ssize(after) - std::ssize(before);
        splices.add_difference(object.content, before, after);
        write_size(splices, object, grown);
    }

    void write_size(Splices& splices, const AsfObject& object, std::int64_t grown) const {
        const auto size = static_cast<std::uint64_t>(static_cast<std::int64_t>(object.end - object.begin) + grown);
        splices.add_difference(object.begin + 16, source_.bytes(object.begin + 16, 8), to_little_endian(size, 8));
    }

    /// Lets a padding object take or give what the attributes give or take.
    void use_padding() {
        const std::int64_t grown = growth();
        if (grown == 0) return;
        const auto take = [&](Splices& splices, const AsfObject& object) {
            const auto size = static_cast<std::int64_t>(object.end - object.content);
            if (object.guid != asf::padding || size < grown) return false;
            if (grown > 0) {
                splices.add(object.end - static_cast<std::uint64_t>(grown), object.end, "");
            } else {
                splices.add(object.end, object.end, std::string(static_cast<std::size_t>(-grown), '\0'));
            }
            write_size(splices, object, -grown);
            return true;
        };
        for (const AsfObject& object : header_.objects) {
            if (take(outer_, object)) return;
        }
        for (const AsfObject& object : header_.extension) {
            if (take(inner_, object)) return;
        }
    }

    void resize() {
        if (const std::int64_t grown = inner_.growth(); grown != 0) {
            for (const AsfObject& object : header_.objects) {
                if (object.guid != asf::header_extension) continue;
                write_size(outer_, object, grown);
                const std::uint64_t at = object.content + 18;
                const std::string before = source_.bytes(at, 4);
                const auto size =
                    static_cast<std::uint64_t>(static_cast<std::int64_t>(little_endian(before, 0, 4)) + grown);
                outer_.add_difference(at, before, to_little_endian(size, 4));
            }
        }
        const std::int64_t grown = growth();
        if (grown == 0) return;
        const auto size = static_cast<std::uint64_t>(static_cast<std::int64_t>(header_.end - header_.begin) + grown);
        outer_.add_difference(header_.begin + 16, source_.bytes(header_.begin + 16, 8), to_little_endian(size, 8));
        for (const AsfObject& object : header_.objects) {
            if (object.guid != asf::file_properties) continue;
            const std::uint64_t at = object.content + 16;
            const std::string before = source_.bytes(at, 8);
            const auto whole =
                static_cast<std::uint64_t>(static_cast<std::int64_t>(little_endian(before, 0, 8)) + grown);
            outer_.add_difference(at, before, to_little_endian(whole, 8));
        }
    }

    const ByteSource& source_;
    const AsfHeader& header_;
    const FieldEdit& edit_;
    Splices outer_;  // of the header itself
    Splices inner_;  // of its extension
};

}  // namespace

void edit_asf(Splices& splices, const ByteSource& source, std::uint64_t begin, const FieldEdit& edit) {
    const AsfHeader header = parse_asf(source, begin);
    if (!header.whole) base::fail(ErrorCode::corrupt, "its ASF header is damaged. Copy it again.");
    splices.add(Editor(source, header, edit).edit());
}

}  // namespace earmark::metadata
