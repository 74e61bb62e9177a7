#include "metadata/edit/edit_mp4.hpp"

#include <algorithm>
#include <map>

#include "base/throw.hpp"
#include "metadata/edit/mp4_offsets.hpp"
#include "metadata/formats/mp4.hpp"
#include "metadata/numbers.hpp"

namespace earmark::metadata {

namespace {

std::string atom(const std::string& name, const std::string& content) {
    return to_big_endian(content.size() + 8, 4) + name + content;
}

std::string data_atoms(const std::vector<std::string>& values) {
    std::string atoms;
    for (const std::string& value : values) {
        atoms += atom("data", to_big_endian(1, 4) + to_big_endian(0, 4) + value);  // UTF-8, of no country
    }
    return atoms;
}

/// The atom of a field in iTunes' list.
std::string list_atom(const FieldEdit& edit) {
    if (edit.values.empty()) return {};
    if (edit.field == Field::genre) return atom("\251gen", data_atoms(edit.values));
    const std::string flags(4, '\0');
    return atom("----",
                atom("mean", flags + "com.apple.iTunes") + atom("name", flags + "MOOD") + data_atoms(edit.values));
}

bool is_free(const Mp4Atom& atom) {
    return (atom.name == "free" || atom.name == "skip") && atom.header == 8 && !atom.to_the_end;
}

class Editor {
  public:
    Editor(const ByteSource& source, const Mp4Atom& file, const FieldEdit& edit)
        : source_(source), file_(file), edit_(edit) {}

    Splices edit() {
        const Mp4Atom* const movie = file_.find("moov");
        if (movie == nullptr) base::fail(ErrorCode::corrupt, "it has no moov atom: it is damaged. Copy it again.");
        const Mp4Atom* const data = movie->find("udta");
        const Mp4Atom* const meta = data == nullptr ? nullptr : data->find("meta");
        const Mp4Atom* const outer = movie->find("meta");
        if (outer != nullptr && handler_of(source_, *outer) == "mdta") edit_keys(*outer, false);
        for (const Mp4Atom& each : data == nullptr ? std::vector<Mp4Atom>() : data->children) {
            if (edit_.field == Field::genre && is_edited(each)) edit_text(*data, each);
        }
        if (meta != nullptr && handler_of(source_, *meta) == "mdta") {
            edit_keys(*meta, true);
        } else if (meta != nullptr && meta->find("ilst") != nullptr) {
            edit_list(*meta->find("ilst"));
        } else if (!edit_.values.empty()) {
            add_list(*movie, data, meta);
        }
        balance(*movie);
        Splices all;
        for (const auto& [parent, splices] : changes_) all.add(splices);
        resize(*movie, all);
        return all;
    }

  private:
    std::int64_t growth(const Mp4Atom& parent) const {
        const auto own = changes_.find(&parent);
        std::int64_t sum = own == changes_.end() ? 0 : own->second.growth();
        for (const Mp4Atom& child : parent.children) sum += growth(child);
        return sum;
    }

    bool is_edited(const Mp4Atom& atom) const { return field_of(source_, atom) == edit_.field; }

    void replace(const Mp4Atom& parent, std::uint64_t begin, std::uint64_t end, const std::string& bytes) {
        changes_[&parent].add_difference(begin, source_.bytes(begin, end - begin), bytes);
    }

    /// iTunes' list.
    void edit_list(const Mp4Atom& list) {
        const std::string added = list_atom(edit_);
        bool done = false;
        for (const Mp4Atom& each : list.children) {
            if (!is_edited(each)) continue;
            replace(list, each.begin, each.end, done ? "" : added);
            done = true;
        }
        const std::uint64_t end = list.whole ? list.end : list.content;
        if (!done) replace(list, end, end, added);
    }

    /// QuickTime's list, whose atoms have the numbers of keys for names.
    void edit_keys(const Mp4Atom& meta, bool insert) {
        const Mp4Atom* const list = meta.find("ilst");
        const Mp4Atom* const names = meta.find("keys");
        if (list == nullptr || names == nullptr) {
            if (insert)
                base::fail(ErrorCode::unsupported,
                           "its mdta atom has no keys. Convert it with `ffmpeg -i IN -c copy OUT` first.");
            return;
        }
        const std::vector<std::string> keys = keys_of(source_, meta);
        const auto old = std::ranges::find(keys, edit_.field, field_of_key);
        if (old == keys.end() && (!insert || edit_.values.empty())) return;
        const std::uint64_t number = static_cast<std::uint64_t>(old - keys.begin()) + 1;
        const std::string added =
            edit_.values.empty() ? std::string() : atom(to_big_endian(number, 4), data_atoms(edit_.values));
        bool done = false;
        for (const Mp4Atom& each : list->children) {
            const std::uint64_t its = big_endian(each.name, 0, 4);
            if (its < 1 || its > keys.size() || field_of_key(keys[its - 1]) != edit_.field) continue;
            replace(*list, each.begin, each.end, done ? "" : added);
            done = true;
        }
        if (done) return;
        const std::uint64_t end = list->whole ? list->end : list->content;
        replace(*list, end, end, added);
        if (old != keys.end()) return;
        replace(*names, names->content + 4, names->content + 8, to_big_endian(keys.size() + 1, 4));
        replace(*names, names->end, names->end, atom("mdta", name_of(edit_.field)));
    }

    /// A text of QuickTime: its length, its language, its bytes.
    void edit_text(const Mp4Atom& data, const Mp4Atom& each) {
        const std::string language = source_.bytes(each.content + 2, 2);
        std::string added;
        if (!edit_.values.empty() && each.name == "\251gen" && language.size() == 2) {
            const std::string& first = edit_.values.front();
            added = atom(each.name, to_big_endian(first.size(), 2) + language + first);
        }
        replace(data, each.begin, each.end, added);
    }

    void add_list(const Mp4Atom& movie, const Mp4Atom* data, const Mp4Atom* meta) {
        const std::string list = atom("ilst", list_atom(edit_));
        if (meta != nullptr) return replace(*meta, meta->end, meta->end, list);
        const std::string handler = atom("hdlr", std::string(8, '\0') + "mdirappl" + std::string(9, '\0'));
        const std::string made = atom("meta", std::string(4, '\0') + handler + list);
        if (data == nullptr) return replace(movie, movie.end, movie.end, atom("udta", made));
        const std::uint64_t end = data->children.empty() ? data->content : data->children.back().end;
        replace(*data, end, end, made);
    }

    /// Lets a free atom take or give what the list gives or takes; else moves what stands behind.
    void balance(const Mp4Atom& movie) {
        const std::int64_t grown = growth(movie);
        if (grown == 0 || take_from_free(movie, grown)) return;
        const auto behind =
            std::ranges::find_if(file_.children, [&](const Mp4Atom& each) { return each.begin >= movie.end; });
        if (behind != file_.children.end() && is_free(*behind) && take(file_, *behind, grown)) return;
        if (behind == file_.children.end()) return;
        shift_offsets(changes_[nullptr], source_, file_, movie.end, grown);
    }

    bool take_from_free(const Mp4Atom& parent, std::int64_t grown) {
        if (parent.name == "trak" || parent.name == "ilst") return false;
        for (const Mp4Atom& child : parent.children) {
            if (is_free(child) ? take(parent, child, grown) : take_from_free(child, grown)) return true;
        }
        return false;
    }

    bool take(const Mp4Atom& parent, const Mp4Atom& free, std::int64_t grown) {
        const auto size = static_cast<std::int64_t>(free.end - free.begin);
        const std::int64_t left = size - grown;
        if (left != 0 && left < 8) return false;
        if (left == 0) {
            replace(parent, free.begin, free.end, "");
        } else if (grown > 0) {
            replace(parent, free.begin, free.begin + 8 + static_cast<std::uint64_t>(grown),
                    to_big_endian(static_cast<std::uint64_t>(left), 4) + free.name);
        } else {
            replace(parent, free.begin, free.begin + 8,
                    to_big_endian(static_cast<std::uint64_t>(left), 4) + free.name +
                        std::string(static_cast<std::size_t>(-grown), '\0'));
        }
        return true;
    }

    void resize(const Mp4Atom& parent, Splices& all) const {
        const std::int64_t grown = growth(parent);
        if (grown != 0 && !parent.to_the_end) {
            const auto size = static_cast<std::uint64_t>(static_cast<std::int64_t>(parent.end - parent.begin) + grown);
            if (parent.header == 16) {
                all.add_difference(parent.begin + 8, source_.bytes(parent.begin + 8, 8), to_big_endian(size, 8));
            } else {
                all.add_difference(parent.begin, source_.bytes(parent.begin, 4), to_big_endian(size, 4));
            }
        }
        for (const Mp4Atom& child : parent.children) resize(child, all);
    }

    const ByteSource& source_;
    const Mp4Atom& file_;
    const FieldEdit& edit_;
    std::map<const Mp4Atom*, Splices> changes_;  // by the atom whose size they change; nullptr: none
};

}  // namespace

void edit_mp4(Splices& splices, const ByteSource& source, std::uint64_t begin, const FieldEdit& edit) {
    const Mp4Atom file = parse_mp4(source, begin);
    splices.add(Editor(source, file, edit).edit());
}

}  // namespace earmark::metadata
