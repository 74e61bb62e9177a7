#pragma once

/// @file
/// FFmpeg's libraries, loaded when the first file is opened: with all that they depend on they take longer to load than
/// most of what a program does without sound. Configured with EARMARK_FFMPEG=link they are linked as usual.

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/frame.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <libavutil/samplefmt.h>
}

#define EARMARK_AVUTIL(use)                                                                                          \
    use(av_dict_get) use(av_frame_alloc) use(av_frame_free) use(av_free) use(av_freep) use(av_get_packed_sample_fmt) \
        use(av_log_default_callback) use(av_log_set_callback) use(av_malloc) use(av_match_name)                      \
            use(av_sample_fmt_is_planar) use(av_strdup)

#define EARMARK_AVCODEC(use)                                                                                         \
    use(av_get_exact_bits_per_sample) use(av_packet_alloc) use(av_packet_free) use(av_packet_unref)                  \
        use(avcodec_alloc_context3) use(avcodec_descriptor_get) use(avcodec_find_decoder) use(avcodec_flush_buffers) \
            use(avcodec_free_context) use(avcodec_get_name) use(avcodec_open2) use(avcodec_parameters_to_context)    \
                use(avcodec_receive_frame) use(avcodec_send_packet)

#define EARMARK_AVFORMAT(use)                                                                                         \
    use(av_probe_input_buffer2) use(av_probe_input_format3) use(av_read_frame) use(av_seek_frame)                     \
        use(avformat_alloc_context) use(avformat_close_input) use(avformat_find_stream_info) use(avformat_open_input) \
            use(avio_alloc_context) use(avio_context_free) use(avio_seek)

namespace earmark::audio {

/// FFmpeg's functions, under their own names.
struct Ffmpeg {
#define EARMARK_MEMBER(name) decltype(&::name) name = nullptr;
    EARMARK_AVUTIL(EARMARK_MEMBER)
    EARMARK_AVCODEC(EARMARK_MEMBER)
    EARMARK_AVFORMAT(EARMARK_MEMBER)
#undef EARMARK_MEMBER
};

/// The libraries of the version that Earmark was built with. @throws Error unsupported when they are not there
const Ffmpeg& ffmpeg();

}  // namespace earmark::audio
