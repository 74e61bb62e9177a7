#include "library/tagging/binary_patch.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>

#include "base/throw.hpp"
#include "files/atomic_file.hpp"
#include "files/descriptor.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t block = std::uint64_t{1} << 18;
constexpr std::string_view magic = "EMP1";

/// At the head of a patch, after the magic; little-endian as all machines are that Earmark is built for.
struct Head {
    std::uint64_t size;    ///< of the file that the patch is for
    std::uint64_t prefix;  ///< bytes at the start that stay
    std::uint64_t suffix;  ///< bytes at the end that stay
    std::uint64_t middle;  ///< bytes between them in the file that is made
};

/// A file that is read in pieces.
class Source {
  public:
    explicit Source(const fs::path& path) : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        struct stat status {};
        if (!file_.is_open() || ::fstat(file_.get(), &status) != 0) files::fail_to_open(path, errno);
        if (S_ISDIR(status.st_mode)) files::fail_to_open(path, EISDIR);
        size_ = static_cast<std::uint64_t>(status.st_size);
    }

    std::uint64_t size() const { return size_; }

    /// The bytes from `begin` up to `end`, in `buffer`.
    std::string_view read(std::uint64_t begin, std::uint64_t end, std::string& buffer) const {
        buffer.resize(end - begin);
        for (std::size_t done = 0; done < buffer.size();) {
            const ssize_t got =
                ::pread(file_.get(), &buffer[done], buffer.size() - done, static_cast<off_t>(begin + done));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) files::fail_to_open(path_, errno);
            if (got == 0) base::fail(ErrorCode::changed, "{}: became shorter while it was read.", path_.string());
            done += static_cast<std::size_t>(got);
        }
        return buffer;
    }

    /// The bytes between the two ends, all at once.
    std::string middle(std::uint64_t prefix, std::uint64_t suffix, std::uint64_t most) const {
        const std::uint64_t size = size_ - suffix - prefix;
        if (size > most) {
            base::fail(ErrorCode::unsupported, "{}: {} MiB of it would change, more than a patch can be made of ({}).",
                       path_.string(), size >> 20, most >> 20);
        }
        std::string bytes;
        read(prefix, size_ - suffix, bytes);
        return bytes;
    }

  private:
    fs::path path_;
    files::Descriptor file_;
    std::uint64_t size_ = 0;
};

/// Calls `take` with the bytes from `begin` up to `end`, piece by piece.
template <typename Take>
void each_block(const Source& source, std::uint64_t begin, std::uint64_t end, Take&& take) {
    std::string buffer;
    for (; begin < end; begin += std::min(block, end - begin)) {
        take(source.read(begin, begin + std::min(block, end - begin), buffer));
    }
}

/// Reads both files through, for their hashes. @return how many bytes they have in common at the start
std::uint64_t read_through(const Source& have, const Source& wanted, Patch& patch) {
    files::ContentHash have_hash;
    files::ContentHash wanted_hash;
    std::string buffers[2];
    std::uint64_t prefix = 0;
    bool common = true;
    for (std::uint64_t at = 0; at < std::max(have.size(), wanted.size()); at += block) {
        const auto piece = [&](const Source& source, std::string& buffer) {
            return source.read(std::min(at, source.size()), std::min(at + block, source.size()), buffer);
        };
        const std::string_view a = piece(have, buffers[0]);
        const std::string_view b = piece(wanted, buffers[1]);
        have_hash.add(a);
        wanted_hash.add(b);
        if (!common) continue;
        const auto same =
            a == b ? std::ssize(a) : std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
        prefix += static_cast<std::uint64_t>(same);
        common = static_cast<std::uint64_t>(same) == block;
    }
    patch.have = have_hash.digest();
    patch.wanted = wanted_hash.digest();
    return prefix;
}

/// How many bytes two files have in common at the end, `limit` at the most.
std::uint64_t common_suffix(const Source& have, const Source& wanted, std::uint64_t limit) {
    std::string buffers[2];
    for (std::uint64_t suffix = 0; suffix < limit;) {
        const std::uint64_t size = std::min(block, limit - suffix);
        const auto piece = [&](const Source& source, std::string& buffer) {
            return source.read(source.size() - suffix - size, source.size() - suffix, buffer);
        };
        const std::string_view a = piece(have, buffers[0]);
        const std::string_view b = piece(wanted, buffers[1]);
        const auto same = a == b ? std::ssize(a) : std::mismatch(a.rbegin(), a.rend(), b.rbegin()).first - a.rbegin();
        suffix += static_cast<std::uint64_t>(same);
        if (static_cast<std::uint64_t>(same) < size) return suffix;
    }
    return limit;
}

/// Makes those wait who would hold much in memory while another does, so that threads do not add it up.
std::unique_lock<std::mutex> turn_for(std::uint64_t bytes) {
    static std::mutex one_at_a_time;
    constexpr std::uint64_t much = std::uint64_t{64} << 20;
    return bytes < much ? std::unique_lock<std::mutex>() : std::unique_lock(one_at_a_time);
}

[[noreturn]] void fail_in_zstd(std::size_t code) {
    base::fail(ErrorCode::internal, "Zstandard cannot make a patch: {}.", ZSTD_getErrorName(code));
}

/// The window that reaches over the dictionary and what is compressed.
int window_log(std::size_t bytes) {
    int log = 10;
    while (log < 31 && (std::size_t{1} << log) < bytes) ++log;
    return log;
}

std::string compressed(std::string_view middle, std::string_view dictionary) {
    const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
    const auto set = [&](ZSTD_cParameter parameter, int value) {
        const std::size_t code = ZSTD_CCtx_setParameter(context.get(), parameter, value);
        if (ZSTD_isError(code) != 0) fail_in_zstd(code);
    };
    set(ZSTD_c_compressionLevel, 3);
    set(ZSTD_c_enableLongDistanceMatching, 1);
    set(ZSTD_c_windowLog, window_log(middle.size() + dictionary.size()));
    set(ZSTD_c_checksumFlag, 1);
    const std::size_t referred = ZSTD_CCtx_refPrefix(context.get(), dictionary.data(), dictionary.size());
    if (ZSTD_isError(referred) != 0) fail_in_zstd(referred);
    std::string result(ZSTD_compressBound(middle.size()), '\0');
    const std::size_t size = ZSTD_compress2(context.get(), result.data(), result.size(), middle.data(), middle.size());
    if (ZSTD_isError(size) != 0) fail_in_zstd(size);
    result.resize(size);
    return result;
}

}  // namespace

Patch make_patch(const fs::path& have, const fs::path& wanted, std::uint64_t most) {
    const Source from(have);
    const Source to(wanted);
    Patch patch;
    Head head{from.size(), 0, 0, 0};
    head.prefix = read_through(from, to, patch);
    head.suffix = common_suffix(from, to, std::min(from.size(), to.size()) - head.prefix);
    head.middle = to.size() - head.prefix - head.suffix;
    const auto turn = turn_for(std::max(from.size() - head.prefix - head.suffix, head.middle));
    const std::string dictionary = from.middle(head.prefix, head.suffix, most);
    patch.bytes = magic;
    patch.bytes.append(reinterpret_cast<const char*>(&head), sizeof head);
    patch.bytes += compressed(to.middle(head.prefix, head.suffix, most), dictionary);
    return patch;
}

files::ContentHash::Digest apply_patch(const fs::path& have, std::string_view patch,
                                       const Sink<std::string_view>& write) {
    const auto refuse = [&](const char* why) {
        base::fail(ErrorCode::corrupt, "{}: the patch that would restore it {}.", have.string(), why);
    };
    Head head{};
    const std::size_t start = magic.size() + sizeof head;
    if (patch.size() < start || !patch.starts_with(magic)) refuse("is damaged");
    std::memcpy(&head, patch.data() + magic.size(), sizeof head);
    const Source from(have);
    if (head.size != from.size() || head.prefix > from.size() || head.suffix > from.size() - head.prefix) {
        refuse("was made with another file");
    }
    // A Zstandard block takes three bytes at the least, and makes 128 KiB at the most.
    const std::uint64_t blocks = (patch.size() - start) / 3;
    if (head.middle > std::min(largest_middle, blocks << 17)) refuse("is damaged");
    const auto turn = turn_for(std::max(from.size() - head.prefix - head.suffix, head.middle));
    const std::string dictionary = from.middle(head.prefix, head.suffix, largest_middle);
    std::string middle(head.middle, '\0');
    const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 31);
    ZSTD_DCtx_refPrefix(context.get(), dictionary.data(), dictionary.size());
    const std::size_t size =
        ZSTD_decompressDCtx(context.get(), middle.data(), middle.size(), patch.data() + start, patch.size() - start);
    if (ZSTD_isError(size) != 0 || size != middle.size()) refuse("is damaged, or was made with another file");
    files::ContentHash hash;
    const auto put = [&](std::string_view bytes) {
        hash.add(bytes);
        write(bytes);
    };
    each_block(from, 0, head.prefix, put);
    put(middle);
    each_block(from, from.size() - head.suffix, from.size(), put);
    return hash.digest();
}

}  // namespace earmark::library
