#include "library/binary_patch.hpp"

#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "core/atomic_file.hpp"
#include "core/throw.hpp"

namespace earmark {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest = (std::size_t{1} << 31) - 1;
constexpr std::string_view magic = "EMP1";

/// At the head of a patch, after the magic; little-endian as all machines are that Earmark is built for.
struct Head {
    std::uint64_t size;    ///< of the file that the patch is for
    std::uint64_t prefix;  ///< bytes at the start that stay
    std::uint64_t suffix;  ///< bytes at the end that stay
    std::uint64_t middle;  ///< bytes between them in the file that is made
};

[[noreturn]] void fail_in_zstd(std::size_t code) {
    fail(ErrorCode::internal, "Zstandard cannot make a patch: {}.", ZSTD_getErrorName(code));
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

std::string contents(const fs::path& file) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(file, error);
    if (!error && size > largest) {
        fail(ErrorCode::unsupported, "{}: is larger than 2 GiB, more than a patch can be made of.", file.string());
    }
    return read_file(file, largest);
}

std::string_view between(std::string_view text, std::uint64_t prefix, std::uint64_t suffix) {
    return text.substr(prefix, text.size() - prefix - suffix);
}

}  // namespace

std::string make_patch(const fs::path& have, const fs::path& wanted) {
    const std::string from = contents(have);
    const std::string to = contents(wanted);
    const std::size_t shorter = std::min(from.size(), to.size());
    Head head{from.size(), 0, 0, 0};
    head.prefix = static_cast<std::uint64_t>(std::mismatch(from.begin(), from.begin() + shorter, to.begin()).first -
                                             from.begin());
    const std::size_t rest = shorter - head.prefix;
    head.suffix = static_cast<std::uint64_t>(std::mismatch(from.rbegin(), from.rbegin() + rest, to.rbegin()).first -
                                             from.rbegin());
    const std::string_view middle = between(to, head.prefix, head.suffix);
    head.middle = middle.size();
    std::string patch(magic);
    patch.append(reinterpret_cast<const char*>(&head), sizeof head);
    return patch + compressed(middle, between(from, head.prefix, head.suffix));
}

void apply_patch(const fs::path& have, const std::string& patch, const fs::path& output) {
    const auto refuse = [&](const char* why) {
        fail(ErrorCode::corrupt, "{}: the patch that would restore it {}.", have.string(), why);
    };
    Head head{};
    const std::size_t start = magic.size() + sizeof head;
    if (patch.size() < start || !patch.starts_with(magic)) refuse("is damaged");
    std::memcpy(&head, patch.data() + magic.size(), sizeof head);
    const std::string from = contents(have);
    if (head.size != from.size() || head.prefix > from.size() || head.suffix > from.size() - head.prefix) {
        refuse("was made with another file");
    }
    if (head.middle > largest) refuse("is damaged");
    const std::string_view dictionary = between(from, head.prefix, head.suffix);
    std::string middle(head.middle, '\0');
    const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 31);
    ZSTD_DCtx_refPrefix(context.get(), dictionary.data(), dictionary.size());
    const std::size_t size =
        ZSTD_decompressDCtx(context.get(), middle.data(), middle.size(), patch.data() + start, patch.size() - start);
    if (ZSTD_isError(size) != 0 || size != middle.size()) refuse("is damaged, or was made with another file");
    AtomicFile file(output);
    file.write(std::string_view(from).substr(0, head.prefix));
    file.write(middle);
    file.write(std::string_view(from).substr(from.size() - head.suffix));
    file.commit();
}

}  // namespace earmark
