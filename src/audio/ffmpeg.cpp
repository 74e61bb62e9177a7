#include "audio/ffmpeg.hpp"

#include <string>

#include "audio/ffmpeg_log.hpp"
#include "base/build_config.hpp"
#include "base/throw.hpp"

#ifndef EARMARK_FFMPEG_LINKED
#include <dlfcn.h>
#endif

namespace earmark::audio {

namespace {

#ifdef EARMARK_FFMPEG_LINKED

Ffmpeg load() {
    Ffmpeg functions;
#define EARMARK_TAKE(name) functions.name = &::name;
    EARMARK_AVUTIL(EARMARK_TAKE)
    EARMARK_AVCODEC(EARMARK_TAKE)
    EARMARK_AVFORMAT(EARMARK_TAKE)
#undef EARMARK_TAKE
    return functions;
}

void quieten_if_loaded() {
    quieten(ffmpeg());
}

#else

std::string file_name(const char* library, int version) {
    return fmt::format("lib{}.so.{}", library, version);
}

void* open(const char* library, int version) {
    const std::string name = file_name(library, version);
    void* handle = ::dlopen(name.c_str(), RTLD_LAZY);
    if (handle == nullptr) handle = ::dlopen((EARMARK_FFMPEG_FOLDER "/" + name).c_str(), RTLD_LAZY);
    if (handle == nullptr) {
        base::fail(ErrorCode::unsupported,
                   "{} is needed to read audio and cannot be loaded. Install FFmpeg's libraries.", name);
    }
    return handle;
}

template <typename Function>
void find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    if (function == nullptr) {
        base::fail(ErrorCode::unsupported, "FFmpeg's libraries have no {}. Install those that Earmark was built with.",
                   name);
    }
}

bool loaded_by_others() {
    void* handle = ::dlopen(file_name("avutil", LIBAVUTIL_VERSION_MAJOR).c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (handle != nullptr) ::dlclose(handle);
    return handle != nullptr;
}

Ffmpeg load() {
    const bool mine = !loaded_by_others();
    void* const avutil = open("avutil", LIBAVUTIL_VERSION_MAJOR);
    void* const avcodec = open("avcodec", LIBAVCODEC_VERSION_MAJOR);
    void* const avformat = open("avformat", LIBAVFORMAT_VERSION_MAJOR);
    Ffmpeg functions;
#define EARMARK_TAKE(name) find(avutil, #name, functions.name);
    EARMARK_AVUTIL(EARMARK_TAKE)
#undef EARMARK_TAKE
#define EARMARK_TAKE(name) find(avcodec, #name, functions.name);
    EARMARK_AVCODEC(EARMARK_TAKE)
#undef EARMARK_TAKE
#define EARMARK_TAKE(name) find(avformat, #name, functions.name);
    EARMARK_AVFORMAT(EARMARK_TAKE)
#undef EARMARK_TAKE
    if (mine) quieten(functions);
    return functions;
}

void quieten_if_loaded() {
    if (!loaded_by_others()) return;
    // Only what that takes: the program may not use the rest.
    Ffmpeg functions;
    void* const avutil = open("avutil", LIBAVUTIL_VERSION_MAJOR);
    find(avutil, "av_log_default_callback", functions.av_log_default_callback);
    find(avutil, "av_log_set_callback", functions.av_log_set_callback);
    quieten(functions);
}

#endif

// FFmpeg cannot tell which callback is set. Where it comes with the host program, setting ours before `main` leaves the
// last word to that.
[[maybe_unused]] const bool quiet = [] {
    try {
        quieten_if_loaded();
    } catch (const Error&) {
        return false;  // another FFmpeg than ours: said when a file is opened
    }
    return true;
}();

}  // namespace

const Ffmpeg& ffmpeg() {
    static const Ffmpeg functions = load();
    return functions;
}

}  // namespace earmark::audio
