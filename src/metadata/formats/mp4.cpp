#include "metadata/formats/mp4.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "metadata/numbers.hpp"
#include "metadata/text.hpp"

namespace earmark::metadata {

namespace {

constexpr int deepest = 12;
constexpr std::string_view freeform_mood = "----:com.apple.iTunes:MOOD";

using Names = std::span<const std::string_view>;

bool is_one_of(const std::string& name, Names names) {
    return std::ranges::find(names, name) != names.end();
}

/// Atoms that hold atoms, as far as metadata and tables of offsets go.
bool holds_atoms(const std::string& name, const std::string& parent) {
    static constexpr std::array<std::string_view, 11> containers = {"moov", "trak", "mdia", "minf", "stbl", "udta",
                                                                    "moof", "traf", "mvex", "ilst", "mfra"};
    return is_one_of(name, containers) || parent == "ilst" || name == "meta";
}

/// Where a "meta" atom's atoms begin: ISO's has version and flags first, QuickTime's has not.
std::uint64_t meta_content(const ByteSource& source, const Mp4Atom& meta) {
    const std::string head = source.bytes(meta.content, 8);
    return head.size() == 8 && head.substr(4) == "hdlr" ? meta.content : meta.content + 4;
}

void parse_children(const ByteSource& source, Mp4Atom& parent, std::uint64_t at, int depth, std::size_t& count) {
    while (at + 8 <= parent.end && count < Collector::most_items) {
        const std::string head = source.bytes(at, 16);
        if (head.size() < 8) break;
        Mp4Atom atom;
        atom.name = head.substr(4, 4);
        atom.begin = at;
        std::uint64_t size = big_endian(head, 0, 4);
        if (size == 1) {
            size = big_endian(head, 8, 8);
            atom.header = 16;
        } else if (size == 0 && depth == 0) {
            size = parent.end - at;
            atom.to_the_end = true;
        }
        if (size < atom.header || size > parent.end - at) break;
        ++count;
        atom.content = at + atom.header;
        atom.end = at = at + size;
        if (depth < deepest && holds_atoms(atom.name, parent.name)) {
            const std::uint64_t begin = atom.name == "meta" ? meta_content(source, atom) : atom.content;
            parse_children(source, atom, std::min(begin, atom.end), depth + 1, count);
        }
        parent.children.push_back(std::move(atom));
    }
    // QuickTime ends "udta" with four zeros.
    parent.whole = at == parent.end || (parent.name == "udta" && parent.end - at == 4);
}

std::string readable(const std::string& name) {
    return is_utf8(name) ? name : latin1_to_utf8(name);
}

class Lister {
  public:
    explicit Lister(Collector& collector) : collector_(collector), source_(collector.source()) {}

    void list(const Mp4Atom& file) {
        for (const Mp4Atom& atom : file.children) {
            if (atom.name == "moov") movie(atom, "moov");
            if (atom.name == "meta") meta(atom, "meta");
            if (atom.name == "udta") user_data(atom, "udta");
            if (atom.name == "uuid") whole(atom, "file");
        }
    }

  private:
    void movie(const Mp4Atom& movie, const std::string& where) {
        int track = 0;
        for (const Mp4Atom& atom : movie.children) {
            if (atom.name == "udta") user_data(atom, where + ".udta");
            if (atom.name == "meta") meta(atom, where + ".meta");
            if (atom.name == "uuid") whole(atom, where);
            if (atom.name == "trak") track_data(atom, fmt::format("{}.trak{}", where, ++track));
        }
    }

    void track_data(const Mp4Atom& track, const std::string& where) {
        for (const Mp4Atom& atom : track.children) {
            if (atom.name == "udta") user_data(atom, where + ".udta");
            if (atom.name == "meta") meta(atom, where + ".meta");
        }
    }

    void user_data(const Mp4Atom& data, const std::string& where) {
        for (const Mp4Atom& atom : data.children) {
            if (atom.name == "meta") {
                meta(atom, where + ".meta");
            } else if (atom.name != "free" && atom.name != "skip") {
                whole(atom, where).field = where == "moov.udta" ? field_of(source_, atom) : Field::other;
            }
        }
        rest(data, where);
    }

    void meta(const Mp4Atom& meta, const std::string& where) {
        const std::string handler = handler_of(source_, meta);
        const std::vector<std::string> keys = handler == "mdta" ? keys_of(source_, meta) : std::vector<std::string>();
        for (const Mp4Atom& atom : meta.children) {
            if (atom.name == "ilst") {
                list(atom, where + ".ilst", handler == "mdta", keys);
            } else if (atom.name != "free" && atom.name != "skip" && atom.name != "keys") {
                whole(atom, where);
            }
        }
        rest(meta, where);
    }

    void list(const Mp4Atom& list, const std::string& where, bool by_number, const std::vector<std::string>& keys) {
        for (const Mp4Atom& atom : list.children) {
            if (atom.name == "free" || atom.name == "skip") continue;
            std::string key = atom.name;
            if (by_number) {
                const std::uint64_t number = big_endian(atom.name, 0, 4);
                key = number >= 1 && number <= keys.size() ? keys[number - 1] : fmt::format("key {}", number);
            } else if (atom.name == "----") {
                key = freeform_key(source_, atom);
            } else {
                key = readable(key);
            }
            const Field field = by_number ? field_of_key(key) : field_of(source_, atom);
            bool any = false;
            for (const Mp4Atom& data : atom.children) {
                if (data.name != "data" || data.end - data.content < 8) continue;
                Item& item = collector_.add_range(where, key, System::mp4, data.content + 8,
                                                  data.end - data.content - 8, data.begin);
                item.type = static_cast<std::uint32_t>(big_endian(source_.bytes(data.content, 4), 0, 4));
                item.field = field;
                any = true;
            }
            if (!any || !atom.whole) whole(atom, where).field = atom.whole ? field : Field::other;
        }
        rest(list, where);
    }

    Item& whole(const Mp4Atom& atom, const std::string& where) {
        return collector_.add_range(where, readable(atom.name), System::opaque, atom.content, atom.end - atom.content,
                                    atom.begin);
    }

    /// What stands in an atom behind those that could be read.
    void rest(const Mp4Atom& atom, const std::string& where) {
        if (atom.whole) return;
        const std::uint64_t begin = atom.children.empty() ? atom.content : atom.children.back().end;
        collector_.add_range(where, "unreadable rest", System::opaque, begin, atom.end - begin, begin);
        collector_.add_oddity(where + ": its end cannot be read.");
    }

    Collector& collector_;
    const ByteSource& source_;
};

}  // namespace

const Mp4Atom* Mp4Atom::find(const std::string& child) const {
    const auto found = std::ranges::find(children, child, &Mp4Atom::name);
    return found == children.end() ? nullptr : &*found;
}

Mp4Atom parse_mp4(const ByteSource& source, std::uint64_t begin) {
    Mp4Atom file;
    file.begin = file.content = begin;
    file.end = source.size();
    std::size_t count = 0;
    parse_children(source, file, begin, 0, count);
    return file;
}

std::string handler_of(const ByteSource& source, const Mp4Atom& meta) {
    const Mp4Atom* const handler = meta.find("hdlr");
    return handler == nullptr ? std::string() : source.bytes(handler->content + 8, 4);
}

std::vector<std::string> keys_of(const ByteSource& source, const Mp4Atom& meta) {
    std::vector<std::string> keys;
    const Mp4Atom* const atom = meta.find("keys");
    if (atom == nullptr) return keys;
    for (std::uint64_t at = atom->content + 8; at + 8 <= atom->end && keys.size() < Collector::most_items;) {
        const std::uint64_t size = big_endian(source.bytes(at, 4), 0, 4);
        if (size < 8 || size > atom->end - at) break;
        keys.push_back(source.bytes(at + 8, size - 8));
        at += size;
    }
    return keys;
}

std::string freeform_key(const ByteSource& source, const Mp4Atom& atom) {
    const auto text = [&](const char* name) {
        const Mp4Atom* const part = atom.find(name);
        if (part == nullptr || part->end - part->content < 4) return std::string();
        return source.bytes(part->content + 4, std::min<std::uint64_t>(part->end - part->content - 4, 1000));
    };
    return fmt::format("----:{}:{}", text("mean"), text("name"));
}

Field field_of(const ByteSource& source, const Mp4Atom& atom) {
    if (atom.name == "\251gen" || atom.name == "gnre") return Field::genre;
    const bool mood = atom.name == "----" && equals_ignoring_case(freeform_key(source, atom), freeform_mood);
    return mood ? Field::mood : Field::other;
}

Field field_of_key(const std::string& key) {
    if (equals_ignoring_case(key, "genre") || equals_ignoring_case(key, "com.apple.quicktime.genre")) {
        return Field::genre;
    }
    return equals_ignoring_case(key, "mood") ? Field::mood : Field::other;
}

void collect_mp4(Collector& collector, const Mp4Atom& file) {
    Lister(collector).list(file);
    if (!file.whole) collector.add_oddity("MP4: what stands behind its last atom is none.");
}

}  // namespace earmark::metadata
