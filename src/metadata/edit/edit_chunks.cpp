#include "metadata/edit/edit_chunks.hpp"

#include <algorithm>

#include "base/throw.hpp"
#include "metadata/formats/riff.hpp"
#include "metadata/numbers.hpp"

namespace earmark::metadata {

namespace {

constexpr std::uint64_t largest_size = 0xFFFFFFFFU;

class Editor {
  public:
    Editor(const ByteSource& source, const ChunkFile& file, const FieldEdit& edit)
        : source_(source), file_(file), edit_(edit) {}

    Splices edit(const std::vector<CarriedField>& fields) {
        bool has_tag = false;
        bool has_list = false;
        for (const Chunk& chunk : file_.chunks) {
            if (is_id3_chunk(chunk)) has_tag = edit_tags(chunk, !has_tag) || has_tag;
            if (edit_.field == Field::genre && !file_.big_endian && is_info_list(source_, chunk)) {
                edit_info(chunk, !has_list);
                has_list = true;
            }
        }
        if (!has_tag && !edit_.values.empty()) add_tag(fields);
        if (file_.size_known) {
            const std::uint64_t size = file_.end - file_.begin - chunk_header_size;
            const auto grown = static_cast<std::uint64_t>(static_cast<std::int64_t>(size) + all_.growth());
            if (grown > largest_size) base::fail(ErrorCode::unsupported, "it would grow beyond 4 GB.");
            write_size(file_.begin + 4, grown);
        }
        return all_;
    }

  private:
    std::string number(std::uint64_t value) const {
        return file_.big_endian ? to_big_endian(value, 4) : to_little_endian(value, 4);
    }

    void write_size(std::uint64_t at, std::uint64_t size) {
        all_.add_difference(at, source_.bytes(at, 4), number(size));
    }

    /// Takes what changes within a chunk, and brings its size and its padding in line.
    void resize(const Chunk& chunk, const Splices& within) {
        all_.add(within);
        const auto size =
            static_cast<std::uint64_t>(static_cast<std::int64_t>(chunk.end - chunk.content) + within.growth());
        if (within.growth() == 0) return;
        if (!chunk.in_full) base::fail(ErrorCode::corrupt, "its last chunk ends early: it is damaged. Copy it again.");
        write_size(chunk.begin + 4, size);
        all_.add_difference(chunk.end, source_.bytes(chunk.end, chunk.next - chunk.end), std::string(size % 2, '\0'));
    }

    /// @return whether there was a tag
    bool edit_tags(const Chunk& chunk, bool insert) {
        Splices within;
        const std::vector<Id3v2Tag> tags = parse_id3v2_tags(source_, chunk.content, chunk.end);
        for (std::size_t i = 0; i < tags.size(); ++i) edit_id3v2(within, source_, tags[i], edit_, insert && i == 0);
        resize(chunk, within);
        return !tags.empty();
    }

    static std::string info_chunk(const std::string& value) {
        const std::string text = value + '\0';
        return "IGNR" + to_little_endian(text.size(), 4) + text + std::string(text.size() % 2, '\0');
    }

    void edit_info(const Chunk& list, bool insert) {
        const std::vector<Chunk> chunks = parse_info(source_, list);
        std::string added = edit_.values.empty() ? std::string() : info_chunk(edit_.values.front());
        Splices within;
        bool done = false;
        for (const Chunk& chunk : chunks) {
            if (chunk.name != "IGNR") continue;
            within.add_difference(chunk.begin, source_.bytes(chunk.begin, chunk.next - chunk.begin), done ? "" : added);
            done = true;
        }
        if (!done && insert && !added.empty()) {
            const std::uint64_t end = chunks.empty() ? list.content + 4 : chunks.back().next;
            const bool unpadded = !chunks.empty() && (chunks.back().end - chunks.back().content) % 2 != 0 &&
                                  chunks.back().next == chunks.back().end;
            if (unpadded) added.insert(0, 1, '\0');
            within.add(end, end, added);
        }
        resize(list, within);
    }

    void add_tag(const std::vector<CarriedField>& fields) {
        std::string tag = new_id3v2(edit_, fields);
        tag = (file_.big_endian ? "ID3 " : "id3 ") + number(tag.size()) + tag + std::string(tag.size() % 2, '\0');
        std::uint64_t at = file_.chunks_end;
        if (!file_.chunks.empty()) {
            const Chunk& last = file_.chunks.back();
            // The sound of a file whose writer did not know its length goes on to the end.
            if (!last.in_full) {
                at = last.begin;
            } else if ((last.end - last.content) % 2 != 0 && last.next == last.end) {
                tag.insert(0, 1, '\0');
            }
        }
        all_.add(at, at, tag);
    }

    const ByteSource& source_;
    const ChunkFile& file_;
    const FieldEdit& edit_;
    Splices all_;
};

}  // namespace

void edit_chunks(Splices& splices, const ByteSource& source, std::uint64_t begin, bool big_endian,
                 const FieldEdit& edit, const std::vector<CarriedField>& fields) {
    const ChunkFile file = parse_chunks(source, begin, big_endian);
    splices.add(Editor(source, file, edit).edit(fields));
}

}  // namespace earmark::metadata
