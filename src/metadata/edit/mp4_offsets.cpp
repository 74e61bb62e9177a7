#include "metadata/edit/mp4_offsets.hpp"

#include <algorithm>

#include "base/throw.hpp"
#include "metadata/numbers.hpp"

namespace earmark::metadata {

namespace {

class Shifter {
  public:
    Shifter(Splices& splices, const ByteSource& source, std::uint64_t from, std::int64_t shift)
        : splices_(splices), source_(source), from_(from), shift_(shift) {}

    void visit(const Mp4Atom& atom) {
        for (const Mp4Atom& child : atom.children) {
            if (child.name == "stco") table(child, 4);
            if (child.name == "co64") table(child, 8);
            if (child.name == "tfhd") fragment(child);
            if (child.name == "tfra") random_access(child);
            if (child.name == "saio" || child.name == "iloc") refuse(child.name);
            if (child.name == "sidx" && child.end <= from_) refuse(child.name);
            visit(child);
        }
    }

  private:
    [[noreturn]] static void refuse(const std::string& name) {
        base::fail(ErrorCode::unsupported,
                   "its atom {} holds offsets that cannot be moved. Convert it with `ffmpeg -i IN -c copy OUT` first.",
                   name);
    }

    void add(std::string& bytes, std::size_t at, std::size_t width) const {
        const std::uint64_t offset = big_endian(bytes, at, width);
        if (offset < from_) return;
        const auto moved = static_cast<std::uint64_t>(static_cast<std::int64_t>(offset) + shift_);
        if (width == 4 && moved > 0xFFFFFFFFU) {
            base::fail(ErrorCode::unsupported, "its sound would move beyond 4 GB, which its offsets cannot say.");
        }
        bytes.replace(at, width, to_big_endian(moved, width));
    }

    void table(const Mp4Atom& atom, std::size_t width) {
        const std::string before = source_.bytes(atom.content, atom.end - atom.content);
        std::string after = before;
        const std::uint64_t count = big_endian(before, 4, 4);
        for (std::uint64_t i = 0; i < count && 8 + (i + 1) * width <= before.size(); ++i)
            add(after, 8 + i * width, width);
        splices_.add_difference(atom.content, before, after);
    }

    void fragment(const Mp4Atom& atom) {
        const std::string before = source_.bytes(atom.content, 16);
        if (before.size() < 16 || (big_endian(before, 0, 4) & 1) == 0) return;
        std::string after = before;
        add(after, 8, 8);
        splices_.add_difference(atom.content, before, after);
    }

    void random_access(const Mp4Atom& atom) {
        const std::string before = source_.bytes(atom.content, atom.end - atom.content);
        std::string after = before;
        const std::size_t width = big_endian(before, 0, 1) == 1 ? 8 : 4;
        const std::uint64_t lengths = big_endian(before, 8, 4);
        const std::size_t entry = 2 * width + (lengths >> 4 & 3) + (lengths >> 2 & 3) + (lengths & 3) + 3;
        for (std::size_t at = 16; at + entry <= before.size(); at += entry) add(after, at + width, width);
        splices_.add_difference(atom.content, before, after);
    }

    Splices& splices_;
    const ByteSource& source_;
    std::uint64_t from_;
    std::int64_t shift_;
};

}  // namespace

void shift_offsets(Splices& splices, const ByteSource& source, const Mp4Atom& file, std::uint64_t from,
                   std::int64_t shift) {
    if (!file.whole && file.children.size() >= Collector::most_items / 2) {
        base::fail(ErrorCode::unsupported,
                   "it has more atoms than can be moved. Convert it with `ffmpeg -i IN -c copy OUT` first.");
    }
    Shifter(splices, source, from, shift).visit(file);
}

}  // namespace earmark::metadata
