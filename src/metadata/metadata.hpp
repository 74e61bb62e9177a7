#pragma once

/// @file
/// What is written in a file besides its sound, read from its bytes alone: every frame, comment, atom, chunk and item,
/// also those that no library knows.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "files/content_hash.hpp"
#include "metadata/byte_source.hpp"

namespace earmark::metadata {

/// What a file is by its content.
enum class Container {
    unknown,
    mpeg,  ///< MP3, MP2
    adts,  ///< bare AAC
    flac,
    ogg_vorbis,
    ogg_opus,
    ogg_speex,
    ogg_flac,
    ogg_other,
    mp4,
    wave,
    aiff,
    asf,
    wavpack,
    monkeys_audio,
    musepack,
    dsf,
    optim_frog,
    tak,
    true_audio,
    matroska,
    caf,
    au,
    midi,
    wave64,
    rf64,
    amr,
    dff,
    real,
    ac3,
    dts,
    module,  ///< tracker music
};

/// The name that people use: "MP3", "FLAC", "Ogg Vorbis", "MP4", "Core Audio", …; "unknown".
const char* name_of(Container container);

/// Whether Earmark reads and writes tags in such files.
bool is_taggable(Container container);

/// Whether a name may end so (".mp3"): false for the extensions of other kinds that can be tagged, in any case.
bool extension_fits(Container container, std::string_view extension);

/// What a file is by its first bytes, behind tags that stand in front. @throws Error unreadable
Container container_of(const ByteSource& source);
/// The same, where the end of these tags is known.
Container container_at(const ByteSource& source, std::uint64_t begin);

/// The rules by which an item's value is to be read.
enum class System {
    id3v1,      ///< keys title, artist, album, year, comment, track, genre; values of fixed length, padded
    id3v2,      ///< key: the frame's; value: its content, without unsynchronisation; type: its flags
    ape,        ///< key as it stands; value: NUL between several; type: the flags
    vorbis,     ///< key as it stands; value: UTF-8
    flac,       ///< a metadata block: key "PICTURE", "CUESHEET", …
    mp4,        ///< key: "©ART", "----:com.apple.iTunes:MOOD", mdta's key; type: the data atom's. One item a data atom
    riff_info,  ///< key "IART"; value: NUL-terminated text in UTF-8 or Latin-1
    aiff,       ///< key "NAME", "AUTH", "ANNO", "(c) "
    asf,        ///< key "Title", "WM/Genre"; type: ASF's data type (0 UTF-16, 1 bytes, 2 bool, 3 32 bits, 4 64, 5 16)
    opaque,     ///< kept as it stands
};

/// What an item says, as far as Earmark writes it.
enum class Field {
    other,
    genre,
    mood,
};

/// "genre" or "mood", for people.
const char* name_of(Field field);

/// Values longer than this are kept in part: their digest tells of the rest.
constexpr std::size_t longest_value = std::size_t{1} << 18;

/// One piece of metadata.
struct Item {
    std::string where;  ///< "ID3v2.4 tag 1", "APEv2 tag", "FLAC comment block 2", "moov.udta.meta.ilst", "INFO list 1"
    std::string key;    ///< "TPE1", "ARTIST", "©ART", "IART", "WM/Genre"; empty where an opaque thing has none
    System system = System::opaque;
    std::uint32_t type = 0;               ///< what the format says of the value besides its key
    std::string value;                    ///< the bytes as they stand, the first `longest_value` of them
    std::uint64_t offset = 0;             ///< of the item's first byte in the file, with its header
    std::uint64_t size = 0;               ///< in bytes of the value, whole
    Field field = Field::other;           ///< what the item says
    files::ContentHash::Digest digest{};  ///< of the whole value

    /// Whether it says the same in the same place, wherever in the file that stands.
    bool same_as(const Item& other) const {
        return where == other.where && key == other.key && type == other.type && size == other.size &&
               digest == other.digest;
    }
};

/// All metadata of a file.
struct Metadata {
    Container container = Container::unknown;
    std::vector<Item> items;            ///< in the order of the file
    std::vector<std::string> oddities;  ///< what is wrong with it, one sentence each: "ID3v2.3 tag 1: …"
    std::uint64_t audio_begin = 0;      ///< behind the tags in front
    std::uint64_t audio_end = 0;        ///< where the tags behind the sound begin
};

/// Reads all metadata of a file. Whatever the bytes are, it ends, and takes no more memory than a small multiple of
/// the metadata. @throws Error unreadable; corrupt where there is more metadata than any tagger writes
Metadata read_metadata(const ByteSource& source);

/// The texts of an item as UTF-8: several where its format has a way to hold several. Empty for what is no text.
std::vector<std::string> texts_of(const Item& item);

}  // namespace earmark::metadata
